"""Unquoted text to numbers and truth values; and what to say of text that is none."""

from __future__ import annotations

import math
import re

WHOLE = "a whole number, in digits 0 to 9 only"
DECIMAL = "a number, in digits with a point, e.g. 0.5"
TRUTH = "true or false"
# 400 digits: far beyond every bound, which then says what is too much; and far below what Python refuses to convert.
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,399})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,399})(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_MEANT = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
"""What YAML 1.1 took for truth values."""


def to_number(text: str, kinds: set[type]) -> int | float | None:
    """Return the number that the text is, None if it is none of these kinds."""
    if int in kinds and _WHOLE.fullmatch(text):
        return int(text)
    if float in kinds and _DECIMAL.fullmatch(text):
        found = float(text)
        return found if math.isfinite(found) else None
    return None


def no_number(text: str, plain: bool, whole: bool) -> str:
    """Say what text should be that `to_number` does not take.

    Args:
        text: as it stands in the file.
        plain: whether it stands there without quotes.
        whole: whether the field takes whole numbers only.
    """
    what = "a whole number" if whole else "a number"
    if not plain and _DECIMAL.fullmatch(text):
        return f"must be {what}, without quotes"
    if re.fullmatch(r"-?0[0-9]+", text):
        return f"must be {what}, without zeros before it"
    if re.fullmatch(r"-?[0-9]{400,}", text) or (_DECIMAL.fullmatch(text) and not whole):
        return "is too large a number"
    if _DECIMAL.fullmatch(text):
        return "must be a whole number, without point and exponent"
    return f"must be {WHOLE if whole else DECIMAL}"


def no_truth(text: str, plain: bool) -> str:
    """Say what text should be that is neither `true` nor `false`."""
    word = text.strip().lower()
    if not plain and text in ("true", "false"):
        return f"must be {TRUTH}, without quotes"
    meant = _MEANT.get(word) or (word if word in ("true", "false") else "")
    return f"must be {TRUTH}" + (f"; did you mean '{meant}'?" if meant else "")
