"""A collection in parts.

https://spark.apache.org/docs/3.5.4/api/python/reference/api/pyspark.RDD.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import SparkContext


class RDD:
    """Parts of a collection, and what is to be done with each.

    Args:
        context: where it belongs to.
        parts: the collection.
        steps: functions from an iterator to an iterable, one after the other.
    """

    def __init__(
        self,
        context: SparkContext,
        parts: list[list[Any]],
        steps: tuple[Callable[[Iterator[Any]], Iterable[Any]], ...] = (),
    ) -> None:
        self.context, self._parts, self._steps = context, parts, steps

    def getNumPartitions(self) -> int:  # noqa: N802 Spark's name
        """How many parts there are."""
        return len(self._parts)

    def mapPartitions(self, f: Callable[[Iterator[Any]], Iterable[Any]]) -> RDD:  # noqa: N802 Spark's name
        """Have a function applied to each part; nothing is done before `collect`."""
        return RDD(self.context, self._parts, (*self._steps, f))

    def map(self, f: Callable[[Any], Any]) -> RDD:
        """Have a function applied to each element."""
        return self.mapPartitions(lambda held: map(f, held))

    def collect(self) -> list[Any]:
        """Do it, and return all results in order. The first error ends it."""
        self.context.cancelled.clear()
        with ThreadPoolExecutor(self.context.defaultParallelism, thread_name_prefix="task") as pool:
            tasks = [pool.submit(self._task, part) for part in self._parts]
            try:
                return list(chain.from_iterable([task.result() for task in tasks]))
            except BaseException:
                self.context.cancelled.set()
                raise

    def foreachPartition(self, f: Callable[[Iterator[Any]], Iterable[Any] | None]) -> None:  # noqa: N802 Spark's name
        """Apply a function to each part for what it does."""
        self.mapPartitions(lambda held: f(held) or ()).collect()

    def _task(self, part: list[Any]) -> list[Any]:
        if self.context.cancelled.is_set():
            raise RuntimeError("the job was cancelled")
        held: Iterable[Any] = part
        for step in self._steps:
            held = step(iter(held))
        return list(held)
