"""The only place of the engine that knows what time it is. Tests give a clock of their own."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time and waiting."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC: for people and for records."""

    def monotonic(self) -> float:
        """Seconds that only ever grow: for waits and intervals."""

    async def sleep(self, seconds: float) -> None:
        """Wait without a thread."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment before the start of the process."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)
