"""The census of types: what it counts, which numbers it takes for exact, and that it rides on the digest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.dataplane import census as census_module
from ddbtui.dataplane.census import Census, CensusDigest
from ddbtui.dataplane.digest import Digest, Hasher

ITEMS: list[dict[str, Any]] = [
    {"pk": {"S": "a"}, "n": {"N": "1"}, "tags": {"SS": ["x"]}},
    {"pk": {"S": "b"}, "n": {"N": "1.5"}, "tags": {"L": []}},
    {"pk": {"S": "c"}, "n": {"N": "12345678901234567890"}, "gone": {"NULL": True}},
]


def census_of(*items: dict[str, Any]) -> Census:
    made = Census()
    for item in items:
        made.add(item)
    return made


def test_types_are_counted_by_attribute() -> None:
    found = census_of(*ITEMS)
    assert {name: one.types for name, one in found.attributes.items()} == {
        "pk": {"S": 3},
        "n": {"N": 3},
        "tags": {"SS": 1, "L": 1},
        "gone": {"NULL": 1},
    }
    assert (found.attributes["n"].beyond_long, found.attributes["n"].beyond_double) == (2, 1)


def test_parts_merge_into_the_whole_and_survive_json() -> None:
    merged = census_of(*ITEMS[:1])
    merged.merge(census_of(*ITEMS[1:]))
    assert merged.to_json() == census_of(*ITEMS).to_json()
    assert Census.from_json(json.loads(json.dumps(merged.to_json()))).to_json() == merged.to_json()


def test_names_without_end_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census_module, "MOST_ATTRIBUTES", 2)
    found = census_of({"a": {"S": ""}, "b": {"S": ""}, "c": {"S": ""}}, {"a": {"S": ""}, "d": {"S": ""}})
    assert (set(found.attributes), found.unnamed) == ({"a", "b"}, 2)
    more = census_of({"e": {"S": ""}})
    found.merge(more)
    assert found.unnamed == 3


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        pytest.param("0", True, id="zero"),
        pytest.param("-0.00", True, id="zero with a sign"),
        pytest.param("-12.34", True, id="price"),
        pytest.param("0.1", True, id="no power of two, but its 15 digits come back"),
        pytest.param("123456789012345", True, id="15 digits"),
        pytest.param("1234567890123456", False, id="16 digits"),
        pytest.param("1E17", True, id="large"),
        pytest.param("2E23", False, id="Java 17 writes 1.9999999999999998E23"),
        pytest.param("1E-130", False, id="smallest"),
        pytest.param("9.99E125", False, id="largest"),
    ],
)
def test_numbers_that_a_double_surely_holds(text: str, exact: bool) -> None:
    assert census_of({"n": {"N": text}}).attributes["n"].beyond_double == (0 if exact else 1)


def test_the_digest_is_the_same_with_a_census() -> None:
    hasher = Hasher(b"s" * 16, ["pk"], 4)
    plain, counting = Digest(hasher), CensusDigest(hasher)
    for item in ITEMS:
        plain.add(item)
        part = counting.fresh()
        part.add(item)
        counting.merge(part)
    assert counting.to_json() == plain.to_json()
    assert counting.census.to_json() == census_of(*ITEMS).to_json()


def test_a_census_alone_hashes_nothing() -> None:
    counting = CensusDigest(Hasher(b"s" * 16, ["pk"], 4), digesting=False)
    counting.add({"no-key": {"S": "a"}})
    assert (counting.count, list(counting.census.attributes)) == (0, ["no-key"])
