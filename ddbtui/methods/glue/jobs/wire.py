"""Items in DynamoDB's wire form: what differs between an export and a call, and how to name one without its values.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
_LONGEST_KEY = 300
_PLAIN = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})
"""Types whose values an export holds just as a call does."""


def for_call(item: Item) -> dict[str, Any]:
    """Return an item of an export as boto3 wants it: binary values as bytes, all else as it is.

    Raises:
        ValueError: a binary value is not base64, or something is no attribute value.
    """
    return {name: _value(value) for name, value in item.items()}


def _value(value: Any) -> Any:
    try:
        ((kind, held),) = value.items()
    except (AttributeError, ValueError):
        raise ValueError("an attribute value has not exactly one type") from None
    if kind == "B":
        return {kind: _binary(held)}
    if kind == "BS":
        return {kind: [_binary(each) for each in held]}
    if kind == "L":
        return {kind: [_value(each) for each in held]}
    if kind == "M":
        return {kind: for_call(held)}
    if kind not in _PLAIN:
        raise ValueError("an attribute value is of no known type")
    return value


def _binary(text: Any) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True) if text else b""
    except (binascii.Error, TypeError, ValueError):
        raise ValueError("a binary value is not base64") from None


def wire_size(item: Item) -> int:
    """Return how many bytes boto3 sends for an item: it escapes all but ASCII, so up to three times what is stored."""
    return len(json.dumps(item, default=_base64))


def _base64(held: bytes) -> str:
    return base64.b64encode(held).decode()


def key_text(item: Item, key_names: Iterable[str]) -> str:
    """Return an item's key for a message: one line of ASCII."""
    key = {name: item[name] for name in key_names if name in item}
    return json.dumps(key, default=_base64)[:_LONGEST_KEY]


def without_values(text: str, item: Item) -> str:
    """Return a message of AWS without the values of the item, which some messages quote."""
    for held in sorted({each for value in item.values() for each in _texts(value) if each in text}, key=len):
        text = re.sub(rf"(?<!\w){re.escape(held)}(?!\w)", "…", text)
    return text


def _texts(value: Mapping[str, Any]) -> Iterator[str]:
    """All strings and numbers in a value, however deep."""
    ((kind, held),) = value.items()
    if kind in ("S", "N") and held:
        yield held
    elif kind in ("SS", "NS"):
        yield from filter(None, held)
    elif kind in ("L", "M"):
        for each in held if kind == "L" else held.values():
            yield from _texts(each)
