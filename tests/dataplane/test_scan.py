"""The segmented scan: everything once, in the wire form, whatever stops it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ddbtui.dataplane.canonical import item_bytes
from ddbtui.dataplane.scan import Pace, SegmentedScan
from tests.support.sandbox import TestSandbox

COUNT = 300
ODD = {
    "pk": {"S": "odd"},
    "n": {"N": "12345678901234567890123456789012345678"},
    "b": {"B": b"\x00\xff"},
    "bs": {"BS": [b"a", b"b"]},
    "e": {"S": ""},
    "l": {"L": [{"M": {"x": {"NULL": True}}}, {"BOOL": False}]},
    "ss": {"SS": ["ü", "b"]},
}


@pytest.fixture
def table(fresh: TestSandbox) -> str:
    client = fresh.client("target", "dynamodb")
    client.create_table(
        TableName="many",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for start in range(0, COUNT, 25):
        puts = [
            {"PutRequest": {"Item": {"pk": {"S": f"k{n}"}, "filler": {"S": "x" * 20_000}}}}
            for n in range(start, start + 25)
        ]
        client.batch_write_item(RequestItems={"many": puts})
    client.put_item(TableName="many", Item=ODD)
    return "many"


def scan(fresh: TestSandbox, segments: int, pace: Pace | None = None) -> SegmentedScan:
    return SegmentedScan(fresh.client("target", "dynamodb"), "many", segments, pace)


@pytest.mark.parametrize("segments", [1, 4])
def test_every_item_comes_once(fresh: TestSandbox, table: str, segments: int) -> None:
    keys: Counter[str] = Counter()
    made = scan(fresh, segments)
    assert made.run(lambda _, items: keys.update(item["pk"]["S"] for item in items))
    assert keys == Counter([f"k{n}" for n in range(COUNT)] + ["odd"])
    assert made.done


def test_values_are_those_that_boto3_gives(fresh: TestSandbox, table: str) -> None:
    found: dict[str, Any] = {}
    scan(fresh, 2).run(lambda _, items: found.update({item["pk"]["S"]: item for item in items}))
    assert item_bytes(found["odd"]) == item_bytes(ODD)


def test_it_goes_on_where_it_was_stopped(fresh: TestSandbox, table: str) -> None:
    keys: Counter[str] = Counter()
    made, asked = scan(fresh, 1), iter([False, True])
    take = lambda _, items: keys.update(item["pk"]["S"] for item in items)  # noqa: E731
    assert not made.run(take, lambda: next(asked))
    assert 0 < keys.total() < COUNT
    assert made.run(take)
    assert set(keys.values()) == {1}
    assert keys.total() == COUNT + 1


def test_an_error_loses_and_repeats_nothing(fresh: TestSandbox, table: str) -> None:
    keys: Counter[str] = Counter()
    made = scan(fresh, 1)
    take = lambda _, items: keys.update(item["pk"]["S"] for item in items)  # noqa: E731
    fresh.fault("denied", after=2, match={"operation": "Scan"})
    with pytest.raises(fresh.client("target", "dynamodb").exceptions.ClientError, match="AccessDenied"):
        made.run(take)
    assert made.run(take)
    assert set(keys.values()) == {1}
    assert keys.total() == COUNT + 1


def test_throttling_is_waited_out(fresh: TestSandbox, table: str) -> None:
    waits: list[float] = []
    keys: Counter[str] = Counter()
    fresh.fault("throttle", times=3, match={"operation": "Scan"})
    made = scan(fresh, 1, Pace(None, sleep=waits.append))
    assert made.run(lambda _, items: keys.update(item["pk"]["S"] for item in items))
    assert waits == [0.5, 1.0, 2.0]
    assert keys.total() == COUNT + 1


def test_others_still_scan_as_before(fresh: TestSandbox, table: str) -> None:
    scan(fresh, 1).run(lambda _, __: None)
    page = fresh.client("target", "dynamodb").scan(TableName="many", Limit=1)
    assert len(page["Items"]) == page["Count"] == 1
    assert "WireItems" not in page


def test_the_pace_holds_the_rate() -> None:
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(100, sleep, lambda: now[0])
    for _ in range(20):
        pace.used(250)
    assert now[0] == pytest.approx(50, abs=6)
    free = Pace(None, sleep, lambda: now[0])
    before = len(waits)
    free.used(1e9)
    assert len(waits) == before
