"""Bounds on processor time that a busy machine does not break: the quickest of a few tries counts."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any


def within(seconds: float, call: Callable[[], Any], tries: int = 5) -> bool:
    """Whether the call takes less than that at least once."""
    return any(_took(call) < seconds for _ in range(tries))


def _took(call: Callable[[], Any]) -> float:
    start = process_time()
    call()
    return process_time() - start
