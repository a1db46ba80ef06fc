"""The write units that a BatchWriteItem uses: of the table, and of each index in which an item has an entry.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ddbtui.sandbox.answers import Answer
from ddbtui.sandbox.dynamodb.items import Attributes

_KIB = 1024
Written = tuple[Any, Attributes | None, Attributes | None]
"""Table, the item before and after; None where there is none."""


def with_units(answer: Answer, written: Iterable[Written], told: str) -> Answer:
    """Return moto's answer, which counts one unit a table, with the units that were used.

    Args:
        answer: to a BatchWriteItem.
        written: what was written.
        told: the request's `ReturnConsumedCapacity`.
    """
    body = json.loads(answer.body)
    del body["ConsumedCapacity"]
    if told != "NONE":
        body["ConsumedCapacity"] = _consumed(written, with_indexes=told == "INDEXES")
    return Answer(answer.status, json.dumps(body).encode(), answer.headers)


class _Units:
    """One for each KiB that has begun. An item is measured once, though indexes hold it, too."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Attributes, int]] = {}

    def __call__(self, item: Attributes | None) -> int:
        if item is None:
            return 0
        if id(item) not in self._known:  # kept, or its id would become another's
            self._known[id(item)] = item, -(-item_size(item) // _KIB)
        return self._known[id(item)][1]


def _consumed(written: Iterable[Written], *, with_indexes: bool) -> list[dict[str, Any]]:
    by_table: dict[str, tuple[Any, list[Written]]] = {}
    units = _Units()
    for one in written:
        by_table.setdefault(one[0].name, (one[0], []))[1].append(one)
    told = []
    for name, (table, of_table) in by_table.items():
        own = sum(max(units(before), units(after), 1) for _, before, after in of_table)
        local, others = (_of_indexes(indexes, of_table, units) for indexes in (table.indexes, table.global_indexes))
        entry = {"TableName": name, "CapacityUnits": float(own + sum(local.values()) + sum(others.values()))}
        if with_indexes:
            entry["Table"] = {"CapacityUnits": float(own)}
            for member, found in (("LocalSecondaryIndexes", local), ("GlobalSecondaryIndexes", others)):
                if found:
                    entry[member] = {index: {"CapacityUnits": float(each)} for index, each in found.items()}
        told.append(entry)
    return told


def _of_indexes(indexes: Iterable[Any], written: list[Written], units: _Units) -> dict[str, int]:
    """Units of each index that was written to."""
    found = {
        index.name: sum(_of_index(index, before, after, units) for _, before, after in written) for index in indexes
    }
    return {name: each for name, each in found.items() if each}


def _of_index(index: Any, before: Attributes | None, after: Attributes | None, units: _Units) -> int:
    """An entry that stays as it is costs nothing, one whose key changes costs a deletion and a put."""
    old, new = _entry(index, before), _entry(index, after)
    if old is None or new is None:
        return units(old) + units(new)
    if old == new:
        return 0
    same = all(old[name] == new[name] for name in index.schema_key_attrs)
    return max(units(old), units(new)) if same else units(old) + units(new)


def _entry(index: Any, item: Attributes | None) -> Attributes | None:
    """What an index holds of an item; nothing of one that lacks its key."""
    if not item or any(name not in item for name in index.schema_key_attrs):
        return None
    kind = index.projection.get("ProjectionType", "ALL")
    if kind == "ALL":
        return item
    names = {*index.table_key_attrs, *index.schema_key_attrs}
    if kind == "INCLUDE":
        names.update(index.projection.get("NonKeyAttributes", ()))
    return {name: value for name, value in item.items() if name in names}


def item_size(item: Attributes) -> int:
    """Bytes of an item in wire JSON: of its names and of its values."""
    return sum(_bytes(name) + _size(value) for name, value in item.items())


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _size(value: Any) -> int:
    ((kind, held),) = value.items()
    return _SIZES[kind](held) if kind in _SIZES else 1


def _of_set(kind: str, held: list[Any]) -> int:
    return sum(map(_SIZES[kind], held))


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _bytes,
    "N": lambda held: len(held) // 2 + 1,
    "B": lambda held: len(held) * 3 // 4,
    "SS": partial(_of_set, "S"),
    "NS": partial(_of_set, "N"),
    "BS": partial(_of_set, "B"),
    "L": lambda held: 3 + sum(1 + _size(each) for each in held),
    "M": lambda held: 3 + len(held) + item_size(held),
}
"""All others take one byte."""
