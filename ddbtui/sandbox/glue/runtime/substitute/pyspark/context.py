"""The SparkContext.

https://spark.apache.org/docs/3.5.4/api/python/reference/api/pyspark.SparkContext.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, ClassVar

from .accumulators import Accumulator, Sum
from .rdd import RDD


class SparkContext:
    """Where everything begins; there is one in a process."""

    _active: ClassVar[SparkContext | None] = None

    def __init__(self) -> None:
        self.defaultParallelism = 2
        self.cancelled = threading.Event()

    @classmethod
    def getOrCreate(cls, conf: Any = None) -> SparkContext:  # noqa: N802 Spark's name
        """Return the one of this process."""
        if cls._active is None:
            cls._active = cls()
        return cls._active

    def parallelize(self, c: Iterable[Any], numSlices: int | None = None) -> RDD:  # noqa: N803 Spark's name
        """Split a collection into so many parts, of equal size as far as possible."""
        held, count = list(c), max(1, numSlices or self.defaultParallelism)
        bounds = [len(held) * at // count for at in range(count + 1)]
        return RDD(self, [held[start:end] for start, end in pairwise(bounds)])

    def accumulator(self, value: Any, accum_param: Any = None) -> Accumulator:
        """Return a value that tasks add to."""
        return Accumulator(value, accum_param or Sum())

    def broadcast(self, value: Any) -> Broadcast:
        """Return a value that all tasks can read."""
        return Broadcast(value)

    def cancelAllJobs(self) -> None:  # noqa: N802 Spark's name
        """Begin no further task."""
        self.cancelled.set()

    def setLogLevel(self, logLevel: str) -> None:  # noqa: N802, N803 Spark's names
        """Nothing is logged anyway."""

    def stop(self) -> None:
        """End."""
        self.cancelAllJobs()
        SparkContext._active = None


class Broadcast:
    """A value that all tasks can read."""

    def __init__(self, value: Any) -> None:
        self.value = value
