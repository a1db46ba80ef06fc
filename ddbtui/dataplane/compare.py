"""Finds the items behind the buckets that differ, and names them by key.

The source is an export, so it stands still; the target is read with strong consistency, and every suspect once more
with GetItem before it is reported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from ddbtui.dataplane.canonical import Item, binary, item_bytes, value_bytes
from ddbtui.dataplane.digest import Digest, Hasher
from ddbtui.dataplane.scan import SegmentedScan
from ddbtui.text import shown

REPORTED = 20
_LISTED = 200_000
"""Most items to list at a time, about 60 MB: more buckets than that may differ, but 20 keys show what is wrong."""
_PATHS = 5


@dataclass(frozen=True)
class Difference:
    """One item that is not the same on both sides.

    Args:
        kind: `missing` in the target, `extra` in the target, or `changed`.
        key: the key attributes in the wire form.
        paths: the attributes that differ, e.g. `address.city`; at most 5.
    """

    kind: Literal["missing", "extra", "changed"]
    key: Item
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        key = ", ".join(f"{name}={next(iter(value.values()))}" for name, value in self.key.items())
        where = f" in {', '.join(self.paths)}" if self.paths else ""
        return shown(f"{self.kind} {key}{where}", 300)


@dataclass
class Comparison:
    """What the drill-down found.

    Args:
        differences: at most `REPORTED`.
        suspects: how many items were read again.
        settled: how many of those were equal then.
        excused: how many are in the target only, and may be.
        more: whether there are, or may be, further differences.
    """

    differences: list[Difference] = field(default_factory=list)
    suspects: int = 0
    settled: int = 0
    excused: int = 0
    more: bool = False


def chosen_buckets(source: Digest, target: Digest) -> list[int]:
    """Return differing buckets, as many as can be listed at a time; at least one if any differs."""
    chosen: list[int] = []
    room = _LISTED
    for bucket in source.differing(target):
        room -= max(source.size([bucket]), target.size([bucket]))
        if chosen and room < 0:
            break
        chosen.append(bucket)
    return chosen


class DrillDown:
    """Compares the chosen buckets item by item.

    Args:
        hasher: the same as both digests'.
        buckets: what `chosen_buckets` gave.
    """

    def __init__(self, hasher: Hasher, buckets: Iterable[int]) -> None:
        self._hasher = hasher
        self._buckets = frozenset(buckets)
        self._target: dict[int, tuple[int, Item]] = {}
        self._lock = threading.Lock()

    def read_target(self, scan: SegmentedScan, should_stop: Callable[[], bool]) -> bool:
        """List key and hash of the target's items in the buckets. Returns whether the scan came to its end."""
        return scan.run(self._take_page, should_stop)

    def _take_page(self, _: int, items: list[Item]) -> None:
        found = {}
        for item in items:
            key_hash = self._hasher.key(item)
            if self._hasher.bucket(key_hash) in self._buckets:
                found[key_hash] = self._hasher.item(item), self._key_of(item)
        with self._lock:
            self._target.update(found)

    def _key_of(self, item: Item) -> Item:
        return {name: item[name] for name in self._hasher.key_names}

    def suspects(self, items: Iterable[Item]) -> Iterator[tuple[Item, Item | None]]:
        """Yield key and source item (None if the source has none) wherever the sides do not agree.

        Args:
            items: all items of the source.
        """
        for item in items:
            key_hash = self._hasher.key(item)
            if self._hasher.bucket(key_hash) not in self._buckets:
                continue
            held = self._target.pop(key_hash, None)
            if held is None or held[0] != self._hasher.item(item):
                yield self._key_of(item), item
        for _, key in self._target.values():
            yield key, None

    def compare(
        self,
        items: Iterable[Item],
        get_item: Callable[[Item], Item | None],
        excused: Callable[[Item], bool] = lambda _: False,
    ) -> Comparison:
        """Read every suspect again, until `REPORTED` differences are known.

        Args:
            items: all items of the source.
            get_item: reads one item of the target by its key, with strong consistency.
            excused: whether an item may be in the target although the source has none of its key.
        """
        found = Comparison()
        for key, wanted in self.suspects(items):
            if len(found.differences) == REPORTED:
                found.more = True
                break
            found.suspects += 1
            held = get_item(key)
            difference = _differ(key, wanted, held)
            if wanted is None and held is not None and excused(held):
                found.excused += 1
            elif difference:
                found.differences.append(difference)
            else:
                found.settled += 1
        return found


def _differ(key: Item, wanted: Item | None, found: Item | None) -> Difference | None:
    if wanted is None:
        return Difference("extra", key) if found is not None else None
    if found is None:
        return Difference("missing", key)
    if item_bytes(wanted) == item_bytes(found):
        return None
    return Difference("changed", key, tuple(islice(differing_paths(wanted, found), _PATHS)))


def differing_paths(one: Mapping[str, Any], other: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield where two maps in the wire form differ, as paths such as `address.lines[0]`."""
    for name in sorted(one.keys() | other.keys()):
        yield from _at(f"{above}.{name}" if above else name, one.get(name), other.get(name))


def _at(path: str, one: Any, other: Any) -> Iterator[str]:
    if one is None or other is None:
        yield path
    elif "M" in one and "M" in other:
        yield from differing_paths(one["M"], other["M"], path)
    elif "L" in one and "L" in other and len(one["L"]) == len(other["L"]):
        for index, (left, right) in enumerate(zip(one["L"], other["L"], strict=True)):
            yield from _at(f"{path}[{index}]", left, right)
    elif value_bytes(one) != value_bytes(other):
        yield path


def item_reader(client: Any, table_name: str) -> Callable[[Item], Item | None]:
    """Return a function that reads one item with strong consistency; binary values come as bytes."""

    def key_value(value: Mapping[str, Any]) -> dict[str, Any]:
        return {kind: binary(content) if kind == "B" else content for kind, content in value.items()}

    def get_item(key: Item) -> Item | None:
        wanted = {name: key_value(value) for name, value in key.items()}
        answer = client.get_item(TableName=table_name, Key=wanted, ConsistentRead=True)
        found: Item | None = answer.get("Item")
        return found

    return get_item
