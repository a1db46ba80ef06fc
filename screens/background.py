"""Blocking calls, away from the screen.

Textual's thread workers share a small pool, can't be killed and hold the program at quit. A daemon thread does none of
this: when the worker that awaits it is cancelled, its answer is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")


async def in_thread(function: Callable[[], T]) -> T:
    """Run a blocking function on a daemon thread and return what it returns, or raise what it raises."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = function()
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="ddbtui-call", daemon=True).start()
    return await answer


class Loader(Generic[K, T]):
    """Loads values on a few daemon threads, the newest wishes first. Screens poll `version` and read the results.

    Args:
        load: the blocking function.
        threads: most calls at once.
    """

    def __init__(self, load: Callable[[K], T], threads: int = 6) -> None:
        self._load = load
        self._free = threads
        self._lock = threading.Lock()
        self._wanted: list[K] = []
        self._busy: set[K] = set()
        self.found: dict[K, T] = {}
        self.errors: dict[K, Exception] = {}
        self.version = 0

    def want(self, keys: Iterable[K], *, retry: bool = False) -> None:
        """Ask for these next, in this order. What was asked for earlier and has not begun is forgotten.

        Args:
            keys: what is needed now.
            retry: whether what failed before is tried again.
        """
        with self._lock:
            fresh = [key for key in keys if key not in self.found and key not in self._busy]
            if retry:
                for key in fresh:
                    self.errors.pop(key, None)
            self._wanted = [key for key in reversed(fresh) if key not in self.errors]
            starting = min(self._free, len(self._wanted))
            self._free -= starting
        for _ in range(starting):
            threading.Thread(target=self._work, name="ddbtui-loader", daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted or under way."""
        with self._lock:
            return not self._wanted and not self._busy

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._free += 1
                    return
                key = self._wanted.pop()
                self._busy.add(key)
            try:
                value, failure = self._load(key), None
            except Exception as error:
                value, failure = None, error
            with self._lock:
                self._busy.discard(key)
                if failure is not None:
                    self.errors[key] = failure
                else:
                    self.found[key] = value  # type: ignore[assignment]
                self.version += 1
