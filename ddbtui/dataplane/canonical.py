"""The canonical bytes of an item: equal exactly when DynamoDB holds the items to be equal.

Items are in the wire form, e.g. `{"id": {"N": "1"}}`. A value is a type tag, the length of what follows in 4 bytes, and
what follows, so that no two values share an encoding. Numbers never pass through float; strings are not normalised,
since DynamoDB compares their bytes; sets have no order, lists have one.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]

_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?")
_DIGITS = 38


class NotCanonical(ValueError):
    """Something that is no value of DynamoDB."""


def item_bytes(item: Item) -> bytes:
    """Return the canonical bytes of a whole item.

    Raises:
        NotCanonical: it is no item in the wire form.
    """
    return _map(item)


def key_bytes(item: Item, names: Iterable[str]) -> bytes:
    """Return the canonical bytes of an item's key attributes.

    Args:
        item: the whole item, or just its key.
        names: the key attributes, partition key first.

    Raises:
        NotCanonical: a key attribute is missing or malformed.
    """
    try:
        return b"".join(value_bytes(item[name]) for name in names)
    except KeyError as error:
        raise NotCanonical(f"the key attribute {error} is missing") from None


def number_bytes(text: str) -> bytes:
    """Return the one spelling of a number: sign, digits without zeros at either end, `e`, exponent.

    Args:
        text: as DynamoDB or an export writes it, e.g. `1`, `1.0`, `10E-1`.

    Raises:
        NotCanonical: it is no number, or has more than 38 significant digits.
    """
    found = _NUMBER.fullmatch(text)
    if not found or not (found[2] or found[3]):
        raise NotCanonical(f"{text[:60]!r} is no number")
    sign, whole, fraction, exponent = found.groups()
    fraction = fraction or ""
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return b"0"
    if len(significant) > _DIGITS:
        raise NotCanonical(f"a number has {len(significant)} significant digits, DynamoDB holds {_DIGITS}")
    power = int(exponent or 0) - len(fraction) + len(digits) - len(significant)
    return f"{'-' if sign == '-' else ''}{significant}e{power}".encode()


def binary(value: str | bytes) -> bytes:
    """Return the bytes of a B value: base64 text as in JSON, or bytes as boto3 gives them.

    Raises:
        NotCanonical: the text is not base64.
    """
    if not isinstance(value, str):
        return bytes(value)
    try:
        return binascii.a2b_base64(value, strict_mode=True) if value else b""
    except (binascii.Error, ValueError) as error:
        raise NotCanonical(f"a binary value is not base64: {error}") from None


def value_bytes(value: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of one attribute value, e.g. of `{"S": "a"}`.

    Raises:
        NotCanonical: it has not exactly one known type, or what it holds does not fit the type.
    """
    try:
        ((kind, content),) = value.items()
        encode = _ENCODERS[kind]
    except (AttributeError, ValueError, KeyError):
        raise NotCanonical(f"{str(value)[:60]!r} is no attribute value") from None
    try:
        encoded: bytes = encode(content)
    except NotCanonical:
        raise
    except (TypeError, AttributeError, UnicodeEncodeError):
        raise NotCanonical(f"{kind} can't hold {str(content)[:60]!r}") from None
    return encoded


def _tagged(tag: bytes, content: bytes) -> bytes:
    return tag + len(content).to_bytes(4, "big") + content


def _text(content: str) -> bytes:
    return _tagged(b"S", content.encode())


def _flag(content: bool) -> bytes:
    if not isinstance(content, bool):
        raise NotCanonical("BOOL holds true or false")
    return b"T" if content else b"F"


def _null(content: bool) -> bytes:
    if content is not True:
        raise NotCanonical("NULL holds true")
    return b"0"


def _map(content: Item) -> bytes:
    entries = sorted((name.encode(), value) for name, value in content.items())
    parts = [len(name).to_bytes(4, "big") + name + value_bytes(value) for name, value in entries]
    return _tagged(b"M", b"".join(parts))


def _list(content: Iterable[Mapping[str, Any]]) -> bytes:
    if not isinstance(content, list | tuple):
        raise NotCanonical("L holds a list")
    return _tagged(b"L", b"".join([value_bytes(value) for value in content]))


def _set(tag: bytes, elements: Iterable[bytes]) -> bytes:
    return _tagged(tag, b"".join([len(one).to_bytes(4, "big") + one for one in sorted(elements)]))


_ENCODERS: dict[str, Any] = {
    "S": _text,
    "N": lambda content: _tagged(b"N", number_bytes(content)),
    "B": lambda content: _tagged(b"B", binary(content)),
    "BOOL": _flag,
    "NULL": _null,
    "M": _map,
    "L": _list,
    "SS": lambda content: _set(b"s", [one.encode() for one in content]),
    "NS": lambda content: _set(b"n", [number_bytes(one) for one in content]),
    "BS": lambda content: _set(b"b", [binary(one) for one in content]),
}
