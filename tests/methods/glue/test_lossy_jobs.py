"""Both ways of AWS's article: a flat table arrives equal; without the refusal, what becomes of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.dataplane.census import Census
from ddbtui.methods.glue.lossy import damages
from tests.methods.glue.flat_jobs import EVERYTHING, FLAT, copy, damaged, prepare
from tests.support.sandbox import TestSandbox, items, same_items


def both(sandbox: TestSandbox) -> tuple[dict[str, Any], dict[str, Any]]:
    return tuple(items(sandbox.client(profile, "dynamodb"), "flat") for profile in ("source", "target"))  # type: ignore[return-value]


def test_a_flat_table_arrives_equal_through_the_connector(fresh: TestSandbox) -> None:
    prepare(fresh, FLAT)
    progress = copy(fresh, [["price", "double"]], "auto")
    source, target = both(fresh)
    assert len(source) == len(FLAT)
    assert same_items(source, target)
    assert (progress["finished"], progress["token"], progress["error"]) == (True, "t1", "")


def test_what_the_connector_does_to_each_type(fresh: TestSandbox) -> None:
    prepare(fresh, [EVERYTHING])
    copy(fresh)
    ((before,), (after,)) = (list(side.values()) for side in both(fresh))
    census = Census()
    census.add(before)
    assert {one.attribute for one in damages("connector", census)} == damaged(before, after).keys()
    assert damaged(before, after) == {
        "texts": (before["texts"], {"L": [{"S": text} for text in before["texts"]["SS"]]}),
        "numbers": (before["numbers"], {"L": [{"S": text} for text in before["numbers"]["NS"]]}),
        "blobs": ({"BS": [b"\x00\xff"]}, {"L": [{"B": b"\x00\xff"}]}),
        "list": (EVERYTHING["list"], {"L": [{"S": "x"}, {"S": "9"}, {"S": "true"}]}),
        "map": (
            EVERYTHING["map"],
            {"M": {"street": {"S": "Harbour Street"}, "number": {"S": "7"}, "geo": {"S": '["1.5"]'}}},
        ),
        "gone": ({"NULL": True}, None),
        "exact": ({"N": "12345678901234567890.12345"}, {"N": "12345678901234567000"}),
    }


MIXED = [{**FLAT[0], "mixed": {"N": "1"}}, {**FLAT[1], "mixed": {"S": "one"}}]


def test_the_connector_writes_no_attribute_of_several_types(fresh: TestSandbox) -> None:
    prepare(fresh, MIXED)
    with pytest.raises(AssertionError, match=r"Unresolved choice: \['mixed'\]"):
        copy(fresh, [["price", "double"]])
    assert not both(fresh)[1]


def test_what_a_cast_makes_of_several_types(fresh: TestSandbox) -> None:
    prepare(fresh, MIXED)
    copy(fresh, [["price", "double"], ["mixed", "string"]])
    assert sorted(item["mixed"]["S"] for item in both(fresh)[1].values()) == ["1", "one"]
