"""Colour for plain text, or none. A word always says what a colour says."""

from __future__ import annotations

from dataclasses import dataclass

_CODES = {
    "pass": "32", "done": "32", "warn": "33", "waiting": "33", "unknown": "33", "stopped": "33", "warning": "33",
    "fail": "31", "failed": "31", "different": "31", "error": "31", "cancelled": "31", "remove": "31", "add": "32",
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """Colours words by what they mean.

    Args:
        enabled: whether to colour at all; off, no control character is ever written.
    """

    enabled: bool = False

    def word(self, word: str, width: int = 0, meaning: str = "") -> str:
        """Return a word, padded to `width`, in the colour of its meaning (by default its own)."""
        code = _CODES.get(meaning or word)
        padded = f"{word:<{width}}"
        return f"\x1b[{code}m{padded}\x1b[0m" if self.enabled and code else padded
