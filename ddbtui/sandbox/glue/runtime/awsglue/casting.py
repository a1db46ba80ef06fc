"""Values from one type into another, as ApplyMapping and ResolveChoice do it: what can't be cast becomes null.

"those values that cannot cast result in null":
https://github.com/aws-samples/aws-glue-samples/blob/master/examples/ResolveChoice.scala
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from typing import Any

_LONG = 2**63
_WHOLE = re.compile(r"[+-]?[0-9]+")


def cast(value: Any, kind: str) -> Any:
    """Return the value as `kind`, or None.

    Args:
        value: of a record.
        kind: as Glue spells it, e.g. `double`.

    Raises:
        ValueError: the stand-in has no such type.
    """
    if kind not in _CASTS:
        raise ValueError(f"the stand-in for Glue can't cast to {kind!r}")
    return None if value is None else _CASTS[kind](value)


def _long(value: Any) -> int | None:
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else None
    elif isinstance(value, str):
        value = int(value) if _WHOLE.fullmatch(value) else None
    elif not isinstance(value, int):
        return None
    return int(value) if value is not None and -_LONG <= value < _LONG else None


def _double(value: Any) -> float | None:
    """A double has about 15 significant digits: this is where longer numbers change."""
    if not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _string(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, str | int | float) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _binary(value: Any) -> bytes | None:
    """Text becomes its own bytes; nothing tells that it is base64."""
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else None


_CASTS: dict[str, Callable[[Any], Any]] = {
    "array": lambda value: value if isinstance(value, list) else None,
    "binary": _binary,
    "boolean": _boolean,
    "double": _double,
    "long": _long,
    "string": _string,
    "struct": lambda value: value if isinstance(value, dict) else None,
}
