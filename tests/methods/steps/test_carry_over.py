"""Each setting is applied, holds, is asked for exactly, and is left alone when there is nothing to carry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbtui.aws.inventory import read_table
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import ScheduledAction, Table
from ddbtui.engine.step import Progress, StepFailed
from ddbtui.methods.steps.carry_over import CarryOverStep
from ddbtui.methods.steps.settings import SETTINGS, carry_over_steps
from ddbtui.plan.model import CARRY_OVER
from tests.methods import tables
from tests.methods.lab import Journal, Lab
from tests.methods.steps.loads import used_since


def test_every_name_of_the_plan_has_its_setting_in_order() -> None:
    assert tuple(SETTINGS) == CARRY_OVER
    assert CARRY_OVER[-1] == "ttl"


def test_only_what_the_source_has_and_the_plan_wants_is_carried() -> None:
    bare, full = tables.move(tables.table()), tables.move(tables.everything())
    assert carry_over_steps(bare, bare.tables[0]) == ()
    assert [step.setting.name for step in carry_over_steps(full, full.tables[0])] == list(CARRY_OVER)
    some = tables.move(tables.everything(), carry_over=["ttl", "tags"])
    assert [step.setting.name for step in carry_over_steps(some, some.tables[0])] == ["tags", "ttl"]
    on_demand = tables.move(tables.everything(), target_table={"billing": "on-demand"})
    assert "scaling" not in [step.setting.name for step in carry_over_steps(on_demand, on_demand.tables[0])]


@pytest.mark.parametrize("name", CARRY_OVER)
def test_each_declares_one_changing_call_at_least_on_the_target(name: str) -> None:
    made = tables.move(tables.everything(), target_name="copy")
    access = CarryOverStep(SETTINGS[name], made, made.tables[0]).access()
    assert any(one.changes for one in access)
    assert {one.side for one in access} == {"target"}
    assert "table/orders" not in str(access)


def empty_copy(lab: Lab, source: Table) -> Move:
    """A move whose target table exists, with keys and index but no settings."""
    lab.client("target").create_table(
        TableName="copy",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-sk",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
            }
        ],
    )
    return replace(lab.move("orders"), tables=(MovingTable(source, "copy"),))


def held(table: Table) -> dict[str, Any]:
    return {
        "pitr": (table.pitr, table.pitr_days),
        "table-class": table.table_class,
        "deletion-protection": table.deletion_protection,
        "stream": table.stream_view,
        "tags": table.tags,
        "contributor-insights": table.contributor_insights,
        "scaling": [
            s.model_copy(update={"resource_id": "", "policies": tuple(p.name for p in s.policies)})
            for s in table.scaling
        ],
        "resource-policy": json.loads(table.resource_policy or "null"),
        "ttl": table.ttl_attribute,
    }


@pytest.mark.parametrize("name", CARRY_OVER)
def test_each_takes_effect_and_can_be_repeated(lab: Lab, name: str) -> None:
    source = tables.everything()
    move = empty_copy(lab, source)
    before = held(read_table(move.target, "copy"))
    step = CarryOverStep(SETTINGS[name], move, move.tables[0])
    Journal().carry_out("orders", step)
    after = held(read_table(move.target, "copy"))
    wanted = held(source)
    if name == "resource-policy":
        text = json.dumps(wanted[name]).replace(tables.A, tables.B).replace("table/orders", "table/copy")
        wanted[name] = json.loads(text)
    assert after[name] == wanted[name]
    assert before | {name: after[name]} == after, "another setting changed, too"
    lab.tell("calls/clear")
    Journal().carry_out("orders", step)
    repeated = [call["operation"] for call in lab.sandbox.calls()]
    assert not [one for one in repeated if not one.startswith(("Describe", "Get", "List"))], repeated


def test_contributor_insights_that_are_on_get_the_mode_of_the_source(lab: Lab) -> None:
    move = empty_copy(lab, tables.everything())
    for place in ({}, {"IndexName": "by-sk"}):
        lab.client("target").update_contributor_insights(
            TableName="copy", ContributorInsightsAction="ENABLE", ContributorInsightsMode="THROTTLED_KEYS", **place
        )
    lab.tell("calls/clear")
    Journal().carry_out("orders", CarryOverStep(SETTINGS["contributor-insights"], move, move.tables[0]))
    assert read_table(move.target, "copy").contributor_insights == tables.everything().contributor_insights
    assert len(lab.sandbox.calls(action="dynamodb:UpdateContributorInsights")) == 1


def test_what_is_over_on_a_schedule_is_not_set_and_what_has_begun_does_not_begin_again(lab: Lab) -> None:
    past, some_day = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    source = tables.everything()
    (scaling,) = source.scaling
    actions = (
        ScheduledAction(name="begun", schedule="rate(1 day)", start=past, maximum=90),
        ScheduledAction(name="ended", schedule="rate(1 day)", end=past, maximum=90),
        ScheduledAction(name="later", schedule="rate(1 day)", start=some_day, minimum=1),
        ScheduledAction(name="once", schedule="at(2020-01-01T00:00:00)", minimum=1),
    )
    changed = scaling.model_copy(update={"actions": actions})
    move = empty_copy(lab, source.model_copy(update={"scaling": (changed,)}))
    step = CarryOverStep(SETTINGS["scaling"], move, move.tables[0])
    lab.tell("calls/clear")
    Journal().carry_out("orders", step)
    assert used_since(lab, step)[0] == set()
    (found,) = read_table(move.target, "copy").scaling
    assert found.actions == (actions[0].model_copy(update={"start": None}), actions[2])


def test_bounds_that_the_schedule_has_changed_already_are_right(lab: Lab) -> None:
    move = empty_copy(lab, tables.everything())
    step = CarryOverStep(SETTINGS["scaling"], move, move.tables[0])
    Journal().carry_out("orders", step)
    where = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/copy",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
    }
    scaling = lab.client("target", "application-autoscaling")
    scaling.register_scalable_target(**where, MinCapacity=20, MaxCapacity=90)
    assert step.setting.holds(move, move.tables[0])
    scaling.register_scalable_target(**where, MinCapacity=21)
    assert not step.setting.holds(move, move.tables[0])


def test_a_busy_table_is_waited_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    setting, move = SETTINGS["tags"], empty_copy(lab, tables.everything())
    busy = [ClientError({"Error": {"Code": "ResourceInUseException"}}, "TagResource")]
    apply = setting.apply

    def first_busy(*args: Any) -> None:
        if busy:
            raise busy.pop()
        apply(*args)

    monkeypatch.setattr(setting, "apply", first_busy)
    Journal().carry_out("orders", CarryOverStep(setting, move, move.tables[0]))
    assert read_table(move.target, "copy").tags == tables.everything().tags


def test_what_never_takes_effect_fails_after_half_an_hour(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, move = SETTINGS["tags"], empty_copy(lab, tables.everything())
    monkeypatch.setattr(setting, "apply", lambda *_: None)
    with pytest.raises(StepFailed, match="did not take effect in 30 minutes"):
        Journal().carry_out("orders", CarryOverStep(setting, move, move.tables[0]), polls=500)


def test_a_policy_of_someone_else_is_not_replaced(lab: Lab) -> None:
    move = empty_copy(lab, tables.everything())
    arn = move.target_arn(move.tables[0])
    foreign = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{tables.B}:root"},
                    "Action": "dynamodb:Scan",
                    "Resource": arn,
                }
            ],
        }
    )
    lab.client("target").put_resource_policy(ResourceArn=arn, Policy=foreign)
    with pytest.raises(StepFailed, match="another resource policy"):
        Journal().carry_out("orders", CarryOverStep(SETTINGS["resource-policy"], move, move.tables[0]))
    assert json.loads(lab.client("target").get_resource_policy(ResourceArn=arn)["Policy"]) == json.loads(foreign)


def test_the_role_of_auto_scaling_is_waited_for(lab: Lab) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html, its errors"""
    move, journal = empty_copy(lab, tables.everything()), Journal()
    step = CarryOverStep(SETTINGS["scaling"], move, move.tables[0])
    lab.tell("propagation", seconds=3600)
    context = journal.context("orders", step)
    handle = step.start(context)
    assert step.poll(context, handle) == Progress(note="FailedResourceAccessException")
    lab.tell("propagation", seconds=0)
    journal.follow(context, step, handle)
    assert read_table(move.target, "copy").scaling
    journal.time += timedelta(hours=1)
    lab.client("target", "application-autoscaling").deregister_scalable_target(
        ServiceNamespace="dynamodb", ResourceId="table/copy", ScalableDimension="dynamodb:table:WriteCapacityUnits"
    )
    with pytest.raises(StepFailed, match="the table is ACTIVE, and AWS answered FailedResourceAccessException"):
        step.poll(context, handle)
