"""Waits, briefly and bounded, for what AWS takes a moment to know of."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TypeVar

from ddbtui.aws.errors import code

T = TypeVar("T")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries."""
sleep: Callable[[float], None] = time.sleep


def settle(call: Callable[[], T], codes: Collection[str] = (), good: Callable[[T], bool] = lambda _: True) -> T:
    """Repeat a call until it neither fails for one of these reasons nor gives a bad answer; the last one counts.

    Args:
        call: harmless to repeat.
        codes: error codes that pass by themselves, e.g. `NoSuchBucket` right after a bucket was made.
        good: whether an answer is the one that is waited for.
    """
    for pause in PAUSES:
        try:
            answer = call()
        except Exception as error:
            if code(error) not in codes:
                raise
        else:
            if good(answer):
                return answer
        sleep(pause)
    return call()
