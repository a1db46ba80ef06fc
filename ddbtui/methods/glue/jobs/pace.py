"""Keeps a task to its share of a table's capacity."""

from __future__ import annotations

import time
from collections.abc import Callable

_SAVED = 1.0
"""Seconds that may be made up for: calls take their time, too."""


class Pace:
    """So many capacity units a second.

    Args:
        units: read or write units a second.
        sleep: waits so many seconds.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        units: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.units = units
        self._sleep, self._clock = sleep, clock
        self._free_at = clock()

    def used(self, units: float) -> None:
        """Note what a call has used, and wait until the next may be made."""
        now = self._clock()
        self._free_at = max(self._free_at, now - _SAVED) + units / self.units
        if self._free_at > now:
            self._sleep(self._free_at - now)


def share(units: float, tasks: int) -> float:
    """Return what one of so many tasks may use of the units."""
    return units / max(1, tasks)
