"""Segments give every item once; waiting and pace are those of the table."""

from __future__ import annotations

from collections import Counter

import pytest

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.scanning import pages
from tests.methods.glue.jobs.conftest import Clock
from tests.support.sandbox import TestSandbox

COUNT = 120


@pytest.fixture
def source(fresh: TestSandbox) -> str:
    """2.4 MB, so that even a segment has several pages."""
    client = fresh.client("target", "dynamodb")
    client.create_table(
        TableName="read",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for start in range(0, COUNT, 20):
        made = [{"pk": {"S": f"k{n}"}, "text": {"S": "x" * 20_000}} for n in range(start, start + 20)]
        client.batch_write_item(RequestItems={"read": [{"PutRequest": {"Item": each}} for each in made]})
    return "read"


def read(fresh: TestSandbox, clock: Clock, segments: int = 1, units: float = 1e6, tries: int = 30) -> Counter[str]:
    found: Counter[str] = Counter()
    for segment in range(segments):
        pace, patience = Pace(units, clock.sleep, clock), Patience(clock.sleep, lambda: 1.0, tries)
        for page in pages(fresh.client("target", "dynamodb"), "read", segment, segments, pace, patience):
            found.update(each["pk"]["S"] for each in page)
    return found


@pytest.mark.parametrize("segments", [1, 3])
def test_every_item_comes_once(fresh: TestSandbox, source: str, clock: Clock, segments: int) -> None:
    assert read(fresh, clock, segments) == Counter([f"k{number}" for number in range(COUNT)])


def test_reads_keep_to_the_pace(fresh: TestSandbox, source: str, clock: Clock) -> None:
    read(fresh, clock, units=64)
    assert clock.now == pytest.approx(1000 + COUNT * 20_000 / 8192 / 64, abs=0.2), "8 KB are a unit"


def test_a_page_uses_no_more_than_a_few_seconds_of_the_share(fresh: TestSandbox, source: str, clock: Clock) -> None:
    read(fresh, clock, units=10)
    assert max(clock.waits[1:]) < 6
    assert len(fresh.calls(operation="Scan")) >= 5


def test_throttling_is_waited_out(fresh: TestSandbox, source: str, clock: Clock) -> None:
    fresh.fault("throttle", times=3, after=1, match={"operation": "Scan"})
    assert read(fresh, clock).total() == COUNT
    assert [wait for wait in clock.waits if wait >= 0.1] == [0.1, 0.2, 0.4]


def test_a_table_that_gives_nothing_ends_it(fresh: TestSandbox, source: str, clock: Clock) -> None:
    fresh.fault("error500", times=-1, match={"operation": "Scan"})
    with pytest.raises(
        JobFailed, match=r"table read gives no page of segment 0: InternalServerError.*after 2 attempts"
    ):
        read(fresh, clock, tries=2)


def test_a_table_that_may_not_be_read_ends_it_at_once(fresh: TestSandbox, source: str, clock: Clock) -> None:
    fresh.fault("denied", match={"operation": "Scan"})
    with pytest.raises(JobFailed, match=r"table read: AccessDeniedException: .*dynamodb:Scan"):
        read(fresh, clock)
    assert clock.waits == []
