"""How fast a run goes, and how long it may still take. Pure: fed with snapshots."""

from __future__ import annotations

from collections import deque

from ddbtui.engine.snapshot import Snapshot
from ddbtui.text import duration, size

_WINDOW = 30.0
"""Seconds that a rate is taken over."""


class Throughput:
    """Rates over the last minute.

    Attributes:
        series: units a second, one a second, newest last.
    """

    def __init__(self) -> None:
        self.series: deque[float] = deque([0.0] * 60, maxlen=60)
        self._points: deque[tuple[float, int]] = deque()
        self._last_second = -1.0
        self.done = 0
        self.total = 0
        self.unit = "items"

    def feed(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        running = [s.progress for c in snapshot.chains for s in c.steps if s.progress.done is not None]
        units = [progress.unit for progress in running]
        self.unit = "bytes" if units and units.count("bytes") * 2 > len(units) else "items"
        counted = [progress for progress in running if progress.unit == self.unit]
        self.done = sum(progress.done or 0 for progress in counted)
        self.total = sum(progress.total or 0 for progress in counted)
        at = (snapshot.now - snapshot.started).total_seconds()
        self._points.append((at, self.done))
        while len(self._points) > 2 and self._points[0][0] < at - _WINDOW:
            self._points.popleft()
        if at - self._last_second >= 1:
            self._last_second = at
            self.series.append(self._recent(at))

    def _recent(self, at: float) -> float:
        """Units a second over the last two seconds or so."""
        before = next((point for point in reversed(self._points) if point[0] <= at - 2), self._points[0])
        return max(self.done - before[1], 0) / (at - before[0]) if at > before[0] else 0.0

    @property
    def rate(self) -> float:
        """Units a second over the window."""
        (since, first), (until, last) = self._points[0], self._points[-1]
        return max(last - first, 0) / (until - since) if until > since else 0.0

    def say(self, snapshot: Snapshot) -> str:
        """Return rate and time left in a line; honest about what can't be known."""
        if snapshot.state not in ("running", "waiting"):
            return _at_rest(snapshot)
        elapsed = duration((snapshot.now - snapshot.started).total_seconds())
        rate = self.rate if self._points else 0.0
        speed = f"{size(rate)}/s" if self.unit == "bytes" else f"{rate:,.0f} items/s"
        left = max(self.total - self.done, 0)
        eta = f"about {duration(left / rate)} left in this step" if left and rate else "time left unknown"
        return f"{elapsed} so far · {speed} · {eta}"


def _at_rest(snapshot: Snapshot) -> str:
    """How long the run took until its last step ended: the time since then is not the run's."""
    ends = [step.ended for chain in snapshot.chains for step in chain.steps if step.ended]
    elapsed = duration((max(ends, default=snapshot.now) - snapshot.started).total_seconds())
    return f"{elapsed} {'so far' if snapshot.state in ('stopped', 'failed') else 'in all'}"
