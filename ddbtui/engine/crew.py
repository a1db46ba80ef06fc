"""Coroutines at work side by side: which of them rest, which compete for a slot, and when none can go on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Halted(Exception):
    """The run goes no further for now; the step stays as the journal has it."""


class Crew:
    """Chains of one run on one event loop. All methods belong on that loop.

    A chain *rests* while it sleeps, waits for a slot or for a person. `halt` ends every rest at once and allows no new
    one, but never a call in flight. A chain *counts* while it could go on by itself: when none does, `stuck` is called.

    Args:
        limits: how many may hold each slot; a slot without a limit holds any number.
        stuck: called when every chain that is left waits for a person or for a slot.
    """

    def __init__(self, limits: Mapping[str, int], stuck: Callable[[], None]) -> None:
        self._free = dict(limits)
        self._queues: dict[str, deque[asyncio.Future[None]]] = {slot: deque() for slot in limits}
        self._stuck = stuck
        self._resting: set[asyncio.Future[Any]] = set()
        self._depending: set[asyncio.Future[None]] = set()
        self._able = 0
        self.halted = False

    def halt(self) -> None:
        """Let nobody rest any more: whoever does, or tries to, gets `Halted`."""
        self.halted = True
        for future in tuple(self._resting):
            future.cancel()

    def check(self) -> None:
        """Raise Halted if the run goes no further."""
        if self.halted:
            raise Halted

    def join(self) -> None:
        """One more chain counts."""
        self._able += 1

    def leave(self) -> None:
        """One chain less counts: it has ended."""
        self._able -= 1
        self._look()

    async def rest(self, awaitable: Awaitable[T]) -> T:
        """Await something that `halt` may end."""
        future: asyncio.Future[T] = asyncio.ensure_future(awaitable)
        return await self._resting_on(future)

    async def depend(self, future: asyncio.Future[None]) -> None:
        """Await what only a person or another chain can bring, by `wake`."""
        if not future.done():
            self._able -= 1
            self._depending.add(future)
            self._resting.add(future)  # before anybody looks, so that a halt reaches it
            self._look()
        await self._resting_on(future)

    def wake(self, future: asyncio.Future[None]) -> bool:
        """Let a chain that depends go on. False if it is gone."""
        if future.done():
            return False
        future.set_result(None)
        if future in self._depending:
            # At once: its coroutine runs only later, and nobody may think meanwhile that none can go on.
            self._depending.discard(future)
            self._able += 1
        return True

    @asynccontextmanager
    async def slot(self, name: str | None) -> AsyncIterator[None]:
        """Hold one place of a slot."""
        if name is None or name not in self._free:
            yield
            return
        self.check()
        if self._free[name] > 0:
            self._free[name] -= 1
        else:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queues[name].append(place)
            await self.depend(place)
        try:
            yield
        finally:
            self._pass_on(name)

    def _pass_on(self, name: str) -> None:
        queue = self._queues[name]
        while queue:
            if self.wake(queue.popleft()):
                return
        self._free[name] += 1

    def _look(self) -> None:
        if self._able == 0 and self._depending and not self.halted:
            self._stuck()

    async def _resting_on(self, future: asyncio.Future[T]) -> T:
        if self.halted:
            future.cancel()
        self._resting.add(future)
        try:
            return await future
        except asyncio.CancelledError:
            if self.halted:
                raise Halted from None
            raise
        finally:
            self._resting.discard(future)


async def settled(loop: asyncio.AbstractEventLoop) -> None:
    """Wait until every other task of a loop has ended, whatever it ends with."""
    others = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    await asyncio.gather(*others, return_exceptions=True)
