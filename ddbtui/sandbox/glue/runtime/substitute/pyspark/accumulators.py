"""Values that tasks add to.

https://spark.apache.org/docs/3.5.4/api/python/reference/api/pyspark.Accumulator.html
"""

from __future__ import annotations

import threading
from typing import Any


class Sum:
    """How numbers are put together."""

    def zero(self, value: Any) -> Any:
        """What to begin with."""
        return type(value)()

    def addInPlace(self, one: Any, other: Any) -> Any:  # noqa: N802 Spark's name
        """Put two values together."""
        return one + other


class Accumulator:
    """A value that can only grow.

    Args:
        value: what to begin with.
        accum_param: how to put two values together.
    """

    def __init__(self, value: Any, accum_param: Any) -> None:
        self.value = value
        self._param = accum_param
        self._lock = threading.Lock()

    def add(self, term: Any) -> None:
        """Add to the value."""
        with self._lock:
            self.value = self._param.addInPlace(self.value, term)

    def __iadd__(self, term: Any) -> Accumulator:
        self.add(term)
        return self
