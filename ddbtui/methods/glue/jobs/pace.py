"""Keeps a task to its share of a table's capacity."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """So many capacity units a second. What a call used is known only afterwards, so the next call waits for it.

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
        self._units, self._sleep, self._clock = units, sleep, clock
        self._free_at = clock()

    def wait(self) -> None:
        """Wait until the next call may be made."""
        pause = self._free_at - self._clock()
        if pause > 0:
            self._sleep(pause)

    def used(self, units: float) -> None:
        """Note what a call has used. Time that was not used is not saved up."""
        self._free_at = max(self._free_at, self._clock()) + units / self._units


def share(units: float, tasks: int) -> float:
    """Return what one of so many tasks may use of the units."""
    return units / max(1, tasks)
