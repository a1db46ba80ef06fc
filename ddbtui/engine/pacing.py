"""How long to wait: between polls, and after an error that may pass."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

FIRST_PAUSE = 0.2
GROWTH = 1.5
LONGEST_PAUSE = 15.0
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
TELL_SECONDS = 60.0
NO_ROOM_SECONDS = 6 * 3600.0
"""How long a run waits for room while nothing of it goes on: longer than a slot of others stays taken."""


class Patience:
    """How long nothing of a run has gone on.

    Args:
        monotonic: tells the seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since = monotonic()

    def renew(self) -> None:
        """Something has gone on."""
        self._since = self._monotonic()

    def is_over(self) -> bool:
        """Whether there is no use in waiting for room any longer."""
        return self._monotonic() - self._since > NO_ROOM_SECONDS


class Pace:
    """The pauses of one step.

    Args:
        rng: source of the jitter.
        cap: longest pause between two polls in seconds, or None for the usual one.
    """

    def __init__(self, rng: Random, cap: float | None = None) -> None:
        self._rng = rng
        self._cap = LONGEST_PAUSE if cap is None else cap
        self._pause = FIRST_PAUSE
        self._backoff = FIRST_BACKOFF
        self._told: float | None = None

    def pause(self) -> float:
        """Seconds to the next poll: growing, up to a fifth more or less so that a thousand tables spread out."""
        seconds = min(self._pause, self._cap)
        self._pause = min(self._pause * GROWTH, self._cap)
        return seconds * self._rng.uniform(0.8, 1.2)

    def backoff(self) -> float:
        """Seconds to the next try after an error, with full jitter.

        https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        """
        seconds = self._backoff
        self._backoff = min(self._backoff * 2, LONGEST_BACKOFF)
        return self._rng.uniform(0, seconds)

    def succeeded(self) -> None:
        """The last call went well."""
        self._backoff = FIRST_BACKOFF
        self._told = None

    def tells(self, monotonic: float) -> bool:
        """Whether to tell of this error: the first of a row, then once a minute."""
        if self._told is not None and monotonic - self._told < TELL_SECONDS:
            return False
        self._told = monotonic
        return True
