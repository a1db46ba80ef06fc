"""Items as plain wire JSON, and how they get into moto's tables and out again.

Uses moto's private `Item`, `LimitedSizeDict` and `Table.items`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.dynamodb.table_state import state_of

Attributes = dict[str, Any]
_DIGITS = Context(prec=38, Emax=999, Emin=-999, traps=[Inexact, InvalidOperation])


def invalid(message: str) -> AwsError:
    """AWS's ValidationException."""
    return AwsError("ValidationException", message)


def number(text: str) -> str:
    """Normalise a number as DynamoDB stores it: 38 significant digits, no trailing zeros.

    Raises:
        AwsError: it is none, or has more digits.
    """
    try:
        value = _DIGITS.create_decimal(text)
        finite = value.is_finite()
    except Inexact:
        message = "Attempting to store more than 38 significant digits in a Number"
        raise invalid(message) from None
    except InvalidOperation:
        finite = False
    if not finite or text != text.strip():
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    if value == 0:
        return "0"
    if value.adjusted() > 125:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if value.adjusted() < -130:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    value = value.normalize(_DIGITS)
    return format(value, "f") if -40 < value.adjusted() < 40 else _scientific(value)


def _scientific(value: Decimal) -> str:
    return f"{value:E}"


def normalised(value: Any, depth: int = 0) -> Any:
    """Normalise the numbers of one attribute value, however deep."""
    if depth > 32:
        raise invalid("Nesting Levels have exceeded supported limits")
    if not isinstance(value, dict) or len(value) != 1:
        raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    kind, held = next(iter(value.items()))
    if kind == "N":
        return {"N": number(held)}
    if kind == "NS":
        numbers = [number(each) for each in held]
        if len(set(numbers)) < len(numbers):
            raise invalid("Input collection contains duplicates.")
        return {"NS": numbers}
    if kind == "M":
        return {"M": {name: normalised(each, depth + 1) for name, each in held.items()}}
    if kind == "L":
        return {"L": [normalised(each, depth + 1) for each in held]}
    return value


def normalised_item(attributes: Attributes) -> Attributes:
    """Normalise all attributes of an item."""
    return {name: normalised(value) for name, value in attributes.items()}


def check_index_keys(table: Any, attributes: Attributes) -> None:
    """Refuse an index key of the wrong type, which moto lets pass."""
    kinds = {each["AttributeName"]: each["AttributeType"] for each in table.attr}
    for name, kind in kinds.items():
        if name in attributes and kind not in attributes[name] and name not in table.table_key_attrs:
            actual = next(iter(attributes[name]))
            raise invalid(
                "One or more parameter values were invalid: "
                f"Type mismatch for Index Key {name} Expected: {kind} Actual: {actual}"
            )


def plain(item: Item) -> Attributes:
    """An item as wire JSON; binary values are base64 text."""
    attributes: Attributes = item.to_json()["Attributes"]
    return attributes


def dumps(value: Any) -> str:
    """Compact JSON; bytes that moto holds become base64 text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_encode)


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.to_json()


def key_of(table: Any, attributes: Attributes) -> str:
    """The key of an item as text."""
    return dumps([attributes.get(name) for name in table.table_key_attrs])


def all_items(table: Any) -> Iterator[Item]:
    """All items in moto's own order of insertion: no sorting."""
    for held in list(table.items.values()):
        if table.range_key_attr:
            yield from list(held.values())
        else:
            yield held


def _as_held(value: Any) -> Any:
    """A value as moto keeps it after a PutItem: binary as bytes. Its queries of an index fail on anything else."""
    kind, held = next(iter(value.items()))
    if kind == "B" and isinstance(held, str):
        return {"B": base64.b64decode(held)}
    if kind == "BS":
        return {"BS": [base64.b64decode(each) if isinstance(each, str) else each for each in held]}
    if kind == "L":
        return {"L": [_as_held(each) for each in held]}
    if kind == "M":
        return {"M": {name: _as_held(each) for name, each in held.items()}}
    return value


def insert(table: Any, attributes: Attributes) -> None:
    """Put an item without validation, conditions or stream records: for seeds and imports."""
    item: Any = Item.__new__(Item)
    item.hash_key = DynamoType(attributes[table.hash_key_attr])
    item.range_key = DynamoType(attributes[table.range_key_attr]) if table.range_key_attr else None
    item.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    for name, value in attributes.items():
        dict.__setitem__(item.attrs, name, DynamoType(_as_held(value)))
    if item.range_key is not None:
        table.items[item.hash_key][item.range_key] = item
    else:
        table.items[item.hash_key] = item


def get(table: Any, attributes: Attributes) -> Attributes | None:
    """The item with this key, as wire JSON, or None."""
    if any(name not in attributes for name in table.table_key_attrs):
        return None
    held = table.items.get(DynamoType(attributes[table.hash_key_attr]))
    if held is not None and table.range_key_attr:
        held = held.get(DynamoType(attributes[table.range_key_attr]))
    return plain(held) if held is not None else None


def snapshot(table: Any, moment: float) -> list[str]:
    """All items as they were at a moment, each as one line of JSON."""
    items: dict[str, Attributes | None] = {key_of(table, each): each for each in map(plain, all_items(table))}
    for since, key, before in reversed(state_of(table).undo):
        if since <= moment:
            break
        items[key] = before
    return [dumps({"Item": each}) for each in items.values() if each is not None]
