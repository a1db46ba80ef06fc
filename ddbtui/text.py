"""Text for people: data made harmless, sizes, durations.

Whatever comes from AWS or from a file passes `shown` before it reaches a screen, a log line or an error message.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LIMIT = 500


def shown(value: object, limit: int = _LIMIT) -> str:
    """Return `value` as one line that cannot move a cursor, forge a link or hide its direction.

    Args:
        value: anything; its `str` is taken.
        limit: most characters to return; what is cut is marked with an ellipsis.
    """
    text = str(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<U+{code:04X}>" if unicodedata.category(char) in _UNSAFE else char


def size(count: float) -> str:
    """Return a number of bytes with a binary unit, e.g. `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(round(count, 1)) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units, e.g. `2 h 5 min`."""
    whole = max(0, round(seconds))
    for unit, length, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def dollars(amount: float) -> str:
    """Return an amount of US dollars; what is less than a cent, but not nothing, says so."""
    return "<$0.01" if 0 < amount < 0.005 else f"${amount:,.2f}"


def plural(count: int, noun: str) -> str:
    """Return `1 table`, `2 tables`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known word, or nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{shown(near[0])}'?" if near else ""
