"""Indexes that are added after the load, one by one, whatever interrupts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddbtui.engine.step import Busy, Done, Progress, StepFailed
from ddbtui.methods.steps.add_indexes import AddIndexesStep
from ddbtui.methods.steps.create_table import CreateTableStep
from ddbtui.methods.steps.table_states import waiting
from tests.methods.lab import Journal, Lab
from tests.methods.steps.loads import LIMITS, NAME, described, loading, make_rich, used_since


@pytest.fixture
def loaded(lab: Lab) -> tuple[Lab, AddIndexesStep, Journal]:
    """A table that was made without its indexes, and has an item."""
    make_rich(lab)
    move, journal = loading(lab, indexes="after-load"), Journal()
    journal.carry_out(NAME, CreateTableStep(move, move.tables[0]))
    lab.client("target").put_item(TableName=NAME, Item={"pk": {"S": "x"}, "sk": {"N": "1"}, "a": {"S": "y"}})
    return lab, AddIndexesStep(move, move.tables[0]), journal


def names(lab: Lab) -> list[str]:
    return [one["IndexName"] for one in described(lab).get("GlobalSecondaryIndexes", [])]


def calls(lab: Lab) -> int:
    return sum(call["operation"] == "UpdateTable" for call in lab.sandbox.calls())


def test_all_are_added(loaded: Any) -> None:
    lab, step, journal = loaded
    lab.tell("calls/clear")
    assert journal.carry_out(NAME, step) == {"indexes": ["by-a", "by-b"]}
    assert used_since(lab, step) == (set(), set())
    assert calls(lab) == 2
    first, second = described(lab)["GlobalSecondaryIndexes"]
    assert (first["OnDemandThroughput"], "OnDemandThroughput" in second) == (LIMITS, False)
    assert lab.client("target").scan(TableName=NAME, IndexName="by-a")["Count"] == 1


def test_each_waits_for_the_one_before(loaded: Any) -> None:
    lab, step, journal = loaded
    lab.tell("speed", speed=1000)
    context = journal.context(NAME, step)
    handle = step.start(context)
    outcome = step.poll(context, handle)
    assert isinstance(outcome, Progress)
    assert outcome.note.startswith("index by-a: CREATING (1 of 2 begun)")
    assert names(lab) == ["by-a"]


def test_it_says_when_aws_fills() -> None:
    table = {"TableName": "t", "TableStatus": "UPDATING"}
    index = {"IndexName": "by-a", "IndexStatus": "CREATING", "Backfilling": True}
    assert waiting({**table, "GlobalSecondaryIndexes": [index]}) == "index by-a: filling it"
    assert waiting({**table, "TableStatus": "ACTIVE"}) == ""
    with pytest.raises(StepFailed, match="unknown state DELETING of index by-a"):
        waiting({**table, "GlobalSecondaryIndexes": [{**index, "IndexStatus": "DELETING"}]})


def test_whoever_resumes_goes_on_where_the_table_is(loaded: Any) -> None:
    lab, step, journal = loaded
    step.start(journal.context(NAME, step))
    assert names(lab) == ["by-a"]
    lab.tell("calls/clear")
    assert journal.carry_out(NAME, step, attempt=2)["indexes"] == ["by-a", "by-b"]
    assert calls(lab) == 1
    lab.tell("calls/clear")
    assert isinstance(step.poll(journal.context(NAME, step), {}), Done)
    assert calls(lab) == 0


def test_a_lost_answer_does_no_harm(loaded: Any) -> None:
    lab, step, journal = loaded
    lab.sandbox.fault("reset", match={"operation": "UpdateTable"}, carried_out=True)
    assert journal.carry_out(NAME, step)["indexes"] == ["by-a", "by-b"]


def test_no_room_is_waited_for(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # botocore tries again itself
    lab, step, journal = loaded
    lab.sandbox.fault("full", match={"operation": "UpdateTable"}, times=7)
    with pytest.raises(Busy, match="no room for another index"):
        step.start(journal.context(NAME, step))
    assert journal.carry_out(NAME, step)["indexes"] == ["by-a", "by-b"]


def test_an_index_that_is_there_already_is_left_as_it_is(loaded: Any) -> None:
    lab, step, journal = loaded
    lab.client("target").update_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "b", "AttributeType": "B"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-b",
                    "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )
    assert journal.carry_out(NAME, step)["indexes"] == ["by-a", "by-b"]
    assert names(lab) == ["by-b", "by-a"]
