"""What the engine asks about an error, since it knows no service itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ddbtui.errors import UserError
from ddbtui.text import shown

Verdict = Callable[[BaseException], Literal["retry", "ask", "stop"]]
"""`retry`: it may pass by itself (throttling, network). `ask`: a person must log in again. `stop`: all else."""
Explain = Callable[[BaseException], tuple[str, str]]
"""Message and hint of an error, for people."""


def in_its_own_words(error: BaseException) -> tuple[str, str]:
    """Explain an error by what it says itself."""
    if isinstance(error, UserError):
        return error.message, error.hint
    return f"{type(error).__name__}: {shown(error)}" if str(error) else type(error).__name__, ""
