"""What is new since the last look at a run: the one difference that plain and JSON lines are renderings of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ddbtui.engine.snapshot import Event, GateView, RunState, Snapshot, StepState, StepView
from ddbtui.engine.step import Progress


@dataclass(frozen=True)
class StateNews:
    """The run is in another state."""

    at: datetime
    state: RunState


@dataclass(frozen=True)
class StepNews:
    """A step is in another state, or at another attempt."""

    at: datetime
    subject: str
    step: StepView


@dataclass(frozen=True)
class ProgressNews:
    """A running step came further."""

    at: datetime
    subject: str
    step: StepView


@dataclass(frozen=True)
class GateNews:
    """A question waits for a person."""

    at: datetime
    gate: GateView


@dataclass(frozen=True)
class Missed:
    """More events happened between two looks than a snapshot holds."""

    at: datetime
    count: int


Item = StateNews | StepNews | ProgressNews | GateNews | Missed | Event


class News:
    """Remembers what was told.

    Args:
        progress_seconds: least time between two reports of one step's progress.
        known: what was told before, e.g. by the process that a resume goes on from; its events are not repeated.
    """

    def __init__(self, progress_seconds: float, known: Snapshot | None = None) -> None:
        self._pause = timedelta(seconds=progress_seconds)
        self._seq = known.events[-1].seq if known and known.events else 0
        self._state: RunState | None = None
        self._steps: dict[tuple[str, str], tuple[StepState, int]] = {}
        self._progress: dict[tuple[str, str], tuple[datetime, Progress]] = {}
        self._gates: frozenset[GateView] = frozenset()
        if known:
            self._steps = {(c.subject, s.name): (s.state, s.attempt) for c in known.chains for s in c.steps}

    def since(self, snapshot: Snapshot) -> list[Item]:
        """Return what is new, in the order in which to tell it."""
        return [
            *self._events(snapshot),
            *self._changed_steps(snapshot),
            *self._opened_gates(snapshot),
            *self._changed_state(snapshot),
        ]

    def _events(self, snapshot: Snapshot) -> list[Item]:
        fresh: list[Item] = [event for event in snapshot.events if event.seq > self._seq]
        if not fresh:
            return []
        first = next(event.seq for event in snapshot.events if event.seq > self._seq)
        missed = first - self._seq - 1
        self._seq = snapshot.events[-1].seq
        return [Missed(snapshot.now, missed), *fresh] if missed > 0 else fresh

    def _changed_steps(self, snapshot: Snapshot) -> list[Item]:
        items: list[Item] = []
        for chain in snapshot.chains:
            for step in chain.steps:
                key = chain.subject, step.name
                before, now = self._steps.get(key, ("pending", 1)), (step.state, step.attempt)
                self._steps[key] = now
                if before != now:
                    items.append(StepNews(snapshot.now, chain.subject, step))
                if step.state == "running" and self._is_due(key, step.progress, snapshot.now):
                    items.append(ProgressNews(snapshot.now, chain.subject, step))
        return items

    def _is_due(self, key: tuple[str, str], progress: Progress, now: datetime) -> bool:
        last = self._progress.get(key)
        if progress == Progress() or (last and (last[1] == progress or now - last[0] < self._pause)):
            return False
        self._progress[key] = now, progress
        return True

    def _opened_gates(self, snapshot: Snapshot) -> list[Item]:
        gates = frozenset(snapshot.gates)
        fresh = [gate for gate in snapshot.gates if gate not in self._gates]
        self._gates = gates
        return [GateNews(snapshot.now, gate) for gate in fresh]

    def _changed_state(self, snapshot: Snapshot) -> list[Item]:
        if snapshot.state == self._state:
            return []
        self._state = snapshot.state
        return [StateNews(snapshot.now, snapshot.state)]
