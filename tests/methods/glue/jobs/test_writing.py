"""Every item is written, whatever AWS does in between; an item that it refuses is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience
from ddbtui.methods.glue.jobs.writing import BATCH_BYTES, BatchWriter, key_names
from tests.methods.glue.jobs.conftest import Clock, item
from tests.support.sandbox import TestSandbox, items

Make = Callable[..., BatchWriter]


def write(writer: BatchWriter, wanted: list[dict[str, Any]]) -> None:
    for each in wanted:
        writer.put(each)
    writer.flush()


def numbers(fresh: TestSandbox) -> list[int]:
    found = items(fresh.client("target", "dynamodb"), "loaded").values()
    return sorted(int(each["at"]["N"]) for each in found)


def batches(fresh: TestSandbox) -> int:
    return len(fresh.calls(operation="BatchWriteItem"))


def test_all_types_arrive_as_they_are(fresh: TestSandbox, writer: Make) -> None:
    wanted = item(
        1,
        b={"B": b"\x00\xff"},
        bs={"BS": [b"a", b""]},
        n={"N": "12345678901234567890123456789012345678"},
        e={"S": ""},
        z={"NULL": True},
        deep={"M": {"l": {"L": [{"NS": ["1.5"]}, {"SS": ["ü"]}, {"BOOL": False}, {"M": {}}]}}},
    )
    write(writer(), [wanted])
    assert list(items(fresh.client("target", "dynamodb"), "loaded").values()) == [wanted]


def test_a_call_has_25_items(fresh: TestSandbox, writer: Make) -> None:
    made = writer()
    write(made, [item(number) for number in range(60)])
    assert numbers(fresh) == list(range(60))
    assert (made.written, made.retried, batches(fresh)) == (60, 0, 3)


def test_nothing_to_write_is_no_call(fresh: TestSandbox, writer: Make) -> None:
    write(writer(), [])
    assert batches(fresh) == 0


def test_large_items_go_in_smaller_calls(fresh: TestSandbox, writer: Make) -> None:
    """390 KB of text become 1.2 MB on the way: 25 of them are more than a call takes."""
    made = writer()
    write(made, [item(number, text={"S": "é" * 195_000}) for number in range(25)])
    assert made.written == 25
    assert batches(fresh) == 3
    assert BATCH_BYTES / 13 < 195_000 * 6 < BATCH_BYTES / 12
    assert numbers(fresh) == list(range(25))


def test_what_is_left_unprocessed_is_sent_again(fresh: TestSandbox, writer: Make, clock: Clock) -> None:
    fresh.fault("unprocessed", times=2, match={"operation": "BatchWriteItem"})
    made = writer()
    write(made, [item(number, b={"B": bytes([number])}) for number in range(25)])
    assert numbers(fresh) == list(range(25))
    assert (made.written, made.retried) == (25, 12 + 6)
    assert [wait for wait in clock.waits if wait >= 0.1] == [0.1, 0.1], "a call that got something done starts anew"


@pytest.mark.parametrize("kind", ["throttle", "error500", "reset"])
def test_it_waits_until_aws_takes_them(fresh: TestSandbox, writer: Make, clock: Clock, kind: str) -> None:
    fresh.fault(kind, times=3, after=1, match={"operation": "BatchWriteItem"})
    made = writer()
    write(made, [item(number) for number in range(50)])
    assert numbers(fresh) == list(range(50))
    assert (made.written, made.retried) == (50, 75)
    assert clock.waits[-3:] == [0.1, 0.2, 0.4]


def test_a_call_whose_answer_was_lost_is_made_again(fresh: TestSandbox, writer: Make) -> None:
    fresh.fault("reset", carried_out=True, match={"operation": "BatchWriteItem"})
    write(writer(), [item(number) for number in range(25)])
    assert numbers(fresh) == list(range(25))


def test_a_table_that_takes_nothing_ends_it(fresh: TestSandbox, writer: Make) -> None:
    fresh.fault("throttle", times=-1, match={"operation": "BatchWriteItem"})
    words = "table loaded does not take any of 25 items: ProvisionedThroughputExceededException.*after 3 attempts"
    with pytest.raises(JobFailed, match=words):
        write(writer(tries=3), [item(number) for number in range(25)])
    assert batches(fresh) == 4


def test_writes_keep_to_the_pace(fresh: TestSandbox, writer: Make, clock: Clock) -> None:
    write(writer(units=5), [item(number) for number in range(100)])
    assert clock.now == 1000 + 100 / 5, "the last call, too: another task takes its place"


def test_global_indexes_have_a_pace_of_their_own(fresh: TestSandbox, writer: Make, clock: Clock) -> None:
    """Each has its own units: what is written to them too takes no longer."""
    write(writer(units=50), [item(number, status={"S": "x"}, text={"S": "y" * 1500}) for number in range(100)])
    assert clock.now == 1000 + 100 * 2 / 50


def test_the_slowest_of_table_and_indexes_sets_the_pace(fresh: TestSandbox, writer: Make, clock: Clock) -> None:
    """A changed index key is a deletion and a put in the index, and one put in the table."""
    write(writer(), [item(number, status={"S": "old"}) for number in range(100)])
    before = clock.now
    write(writer(units=50), [item(number, status={"S": "new"}) for number in range(100)])
    assert clock.now - before == 100 * 2 / 50


def test_an_item_that_is_refused_is_named_without_its_values(fresh: TestSandbox, writer: Make) -> None:
    made = writer()
    wanted = [item(number, status={"S": "paid"}) for number in range(25)]
    wanted[13]["status"] = {"N": "987654"}
    with pytest.raises(JobFailed) as caught:
        write(made, wanted)
    told = str(caught.value)
    assert told.startswith(
        'table loaded refuses the item {"pk": {"S": "p6"}, "at": {"N": "13"}}: ValidationException: '
    )
    assert "Type mismatch for Index Key status Expected: S Actual: N" in told
    assert "987654" not in told
    assert caught.value.__cause__ is None, "the cause could quote the item"
    assert numbers(fresh) == list(range(13)), "those before it are written"


def test_no_permission_ends_it_at_once(fresh: TestSandbox, writer: Make) -> None:
    fresh.fault("denied", times=-1, match={"operation": "BatchWriteItem"})
    with pytest.raises(JobFailed, match=r"table loaded: AccessDeniedException: User: .* dynamodb:BatchWriteItem"):
        write(writer(), [item(number) for number in range(25)])
    assert batches(fresh) == 1


def test_writing_again_changes_nothing(fresh: TestSandbox, writer: Make) -> None:
    wanted = [item(number, text={"S": "x"}) for number in range(30)]
    write(writer(), wanted)
    before = json.dumps(items(fresh.client("target", "dynamodb"), "loaded"), sort_keys=True)
    write(writer(), wanted)
    assert json.dumps(items(fresh.client("target", "dynamodb"), "loaded"), sort_keys=True) == before


def test_the_key_is_read_from_the_table(fresh: TestSandbox, table: str) -> None:
    client = fresh.client("target", "dynamodb")
    assert key_names(client, table) == ("pk", "at")
    with pytest.raises(JobFailed, match="table missing: ResourceNotFoundException"):
        key_names(client, "missing")


@pytest.mark.parametrize("kind", ["throttle", "error500", "reset"])
def test_the_key_is_asked_for_again(fresh: TestSandbox, writer: Make, clock: Clock, kind: str) -> None:
    fresh.fault(kind, times=3, match={"operation": "DescribeTable"})
    assert key_names(writer().client, "loaded", Patience(clock.sleep, lambda: 1.0)) == ("pk", "at")
    assert clock.waits == [0.1, 0.2, 0.4]
