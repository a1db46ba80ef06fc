"""The new table is made as its source is, once, and never mistaken for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ddbtui.engine.step import Busy, Progress, StepFailed
from ddbtui.methods.removal.tables import table_is_ours
from ddbtui.methods.resources import remove
from ddbtui.methods.steps.create_table import CreateTableStep, keep_table
from ddbtui.methods.steps.loaded_table import after_load, before_load
from ddbtui.methods.steps.target_table import table_parameters
from tests.methods.lab import Context, Journal, Lab
from tests.methods.steps.loads import LIMITS, NAME, described, interrupted, loading, make_rich, used_since

TROUBLE = {"dynamodb:DeleteTable"}


@pytest.fixture
def rich(lab: Lab) -> Lab:
    make_rich(lab)
    return lab


def begin(lab: Lab, **changed: Any) -> tuple[CreateTableStep, Context]:
    move = loading(lab, **changed)
    step, journal = CreateTableStep(move, move.tables[0]), Journal()
    return step, journal.context(NAME, step)


def make_by_hand(lab: Lab, **changed: Any) -> str:
    """Make the very table that the step would make."""
    move = loading(lab)
    parameters = table_parameters(move, move.tables[0], with_indexes=True, warm_units=None)
    made = lab.client("target").create_table(**{**parameters, **changed})
    return str(made["TableDescription"]["TableId"])


def test_it_is_as_its_source_is(rich: Lab) -> None:
    step, context = begin(rich)
    rich.tell("calls/clear")
    result = context.journal.carry_out(NAME, step)
    assert used_since(rich, step) == (set(), TROUBLE)
    made, source = described(rich), rich.client("source").describe_table(TableName=NAME)["Table"]
    for member in ("KeySchema", "OnDemandThroughput", "TableClassSummary", "BillingModeSummary"):
        assert {**made, "BillingModeSummary": 0}[member] == {**source, "BillingModeSummary": 0}[member]
    assert [one["IndexName"] for one in made["LocalSecondaryIndexes"]] == ["local-a"]
    assert {one["IndexName"]: one.get("OnDemandThroughput") for one in made["GlobalSecondaryIndexes"]} == {
        "by-a": LIMITS,
        "by-b": None,
    }
    tags = rich.client("target").list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    assert result == {"table_id": made["TableId"]}
    assert (made["DeletionProtectionEnabled"], "StreamSpecification" in made) == (False, False)


@pytest.mark.parametrize("indexes", ["with-load", "after-load"])
def test_the_steps_around_a_load_complete_it(rich: Lab, indexes: str) -> None:
    move, journal = loading(rich, indexes=indexes), Journal()
    for step in (*before_load(move, move.tables[0]), *after_load(move, move.tables[0])):
        journal.carry_out(NAME, step)
    compared = journal.results[NAME, "structure"]
    assert compared["intended"] == []
    assert {"keys", "global indexes", "local indexes", "tags", "table-class", "stream"} <= set(compared["equal"])
    assert described(rich)["DeletionProtectionEnabled"]


def test_what_creation_sets_is_not_carried_over_again(rich: Lab) -> None:
    move = loading(rich)
    names = [step.name for step in after_load(move, move.tables[0])]
    assert names == ["carry-over-deletion-protection", "carry-over-stream", "structure"]
    left = loading(rich, plan={"carry_over": ["stream"]})
    parameters = table_parameters(left, left.tables[0], with_indexes=True, warm_units=None)
    assert not {"Tags", "TableClass"} & parameters.keys()


def test_warm_throughput_is_for_the_table_and_what_is_written_with_it(rich: Lab) -> None:
    step, context = begin(rich, warm_write_units=9000)
    context.journal.carry_out(NAME, step)
    made = described(rich)
    warmed = [made, *made["GlobalSecondaryIndexes"]]
    assert [one["WarmThroughput"]["WriteUnitsPerSecond"] for one in warmed] == [9000] * 3


def test_without_its_indexes(rich: Lab) -> None:
    step, context = begin(rich, indexes="after-load")
    context.journal.carry_out(NAME, step)
    made = described(rich)
    assert "GlobalSecondaryIndexes" not in made
    assert {one["AttributeName"] for one in made["AttributeDefinitions"]} == {"pk", "sk", "a"}


def test_it_waits_for_the_table_and_its_indexes(rich: Lab) -> None:
    rich.tell("speed", speed=1000)
    step, context = begin(rich)
    handle = step.start(context)
    outcome = step.poll(context, handle)
    assert isinstance(outcome, Progress)
    assert outcome.note == "index by-a: CREATING"


def test_an_interrupted_start_is_found_again(rich: Lab) -> None:
    step, context = begin(rich)
    assert step.find(context) is None
    again = interrupted(context, step)
    handle = step.find(again)
    assert handle is not None
    assert handle["table_id"] == described(rich)["TableId"]
    assert context.journal.follow(again, step, handle) == {"table_id": handle["table_id"]}


def test_a_start_that_never_learnt_the_id_is_found_again(rich: Lab) -> None:
    step, context = begin(rich)
    interrupted(context, step)
    key = (NAME, "table", step.target_arn)
    context.journal.resources[key] = replace(context.journal.resources[key], data={"made_after": "2020-01-01T00:00Z"})
    handle = step.find(context)
    assert handle is not None
    (recorded,) = context.resources()
    assert recorded.data == {"table_id": described(rich)["TableId"]}


def test_a_lost_answer_is_no_other_s_table(rich: Lab) -> None:
    step, context = begin(rich)
    rich.sandbox.fault("reset", match={"operation": "CreateTable"}, carried_out=True)
    assert context.journal.carry_out(NAME, step) == {"table_id": described(rich)["TableId"]}


def test_a_retry_goes_on_with_its_own_table(rich: Lab) -> None:
    step, context = begin(rich)
    step.start(context)
    context.journal.begun += timedelta(hours=1)
    assert context.journal.carry_out(NAME, step, attempt=2) == {"table_id": described(rich)["TableId"]}


def test_a_table_that_is_defined_otherwise_is_left_alone(rich: Lab) -> None:
    rich.client("target").create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    step, context = begin(rich)
    assert step.find(context) is None
    with pytest.raises(StepFailed, match="exists already in account 222222222222") as failed:
        context.journal.carry_out(NAME, step)
    assert "target_name" in failed.value.hint
    (recorded,) = context.resources()
    assert not table_is_ours(rich.account("target"), recorded)


def test_a_table_that_was_there_before_is_left_alone_though_it_is_equal(rich: Lab) -> None:
    make_by_hand(rich)
    step, context = begin(rich)
    context.journal.begun += timedelta(hours=1)
    with pytest.raises(StepFailed, match="exists already"):
        context.journal.carry_out(NAME, step)


def test_a_table_that_took_the_place_of_ours_is_left_alone(rich: Lab) -> None:
    step, context = begin(rich)
    handle = step.start(context)
    rich.client("target").delete_table(TableName=NAME)
    make_by_hand(rich)
    with pytest.raises(StepFailed, match="another id"):
        step.poll(context, handle)


def test_a_table_that_does_not_appear_is_waited_for(rich: Lab) -> None:
    step, context = begin(rich)
    handle = step.start(context)
    rich.client("target").delete_table(TableName=NAME)
    assert isinstance(step.poll(context, handle), Progress)
    context.journal.time += timedelta(minutes=11)
    with pytest.raises(StepFailed, match="does not appear"):
        step.poll(context, handle)


def test_no_room_is_waited_for(rich: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # botocore tries again itself
    step, context = begin(rich)
    rich.sandbox.fault("full", match={"operation": "CreateTable"}, times=7)
    with pytest.raises(Busy, match="no room for another table"):
        step.start(context)
    assert context.journal.carry_out(NAME, step)["table_id"]


def test_a_half_loaded_table_goes_and_a_loaded_one_stays(rich: Lab) -> None:
    step, context = begin(rich)
    context.journal.carry_out(NAME, step)
    (half,) = context.resources()
    assert half.fate == "ask"
    keep_table(context)
    (whole,) = context.resources()
    assert (whole.fate, whole.data) == ("keep", half.data)
    remove(rich.account("target"), half)
    assert rich.client("target").list_tables()["TableNames"] == []
