"""Backup plans run when the clock says so."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from ddbtui.sandbox.backup.schedule import parse
from tests.sandbox.backing_up import HERE, THERE, make_role, ready, restore, role_arn, vault_arn
from tests.sandbox.moving import arn_of
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, items, refused, same_items, wait_for

DAY = 86400
DAILY = "cron(0 5 ? * * *)"


def document(**more: Any) -> dict[str, Any]:
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": HERE,
        "ScheduleExpression": DAILY,
        "Lifecycle": {"DeleteAfterDays": 7},
        "CopyActions": [{"DestinationBackupVaultArn": vault_arn(THERE, TARGET), "Lifecycle": {"DeleteAfterDays": 7}}],
        **more,
    }
    return {"BackupPlanName": "move", "Rules": [rule]}


def make(sandbox: TestSandbox, **selection: Any) -> str:
    client = sandbox.client("source", "backup")
    plan: str = client.create_backup_plan(BackupPlan=document(), BackupPlanTags={"run": "1"})["BackupPlanId"]
    selection = {"SelectionName": "tables", "IamRoleArn": role_arn(SOURCE), **selection}
    client.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    return plan


def copies(sandbox: TestSandbox) -> list[dict[str, Any]]:
    found = sandbox.client("target", "backup").list_recovery_points_by_backup_vault(BackupVaultName=THERE)
    points: list[dict[str, Any]] = found["RecoveryPoints"]
    return points


def test_the_first_scheduled_copy_can_be_restored(fresh: TestSandbox) -> None:
    ready(fresh)
    plan = make(fresh, Resources=[arn_of("orders")])
    client = fresh.client("source", "backup")
    assert client.list_backup_jobs()["BackupJobs"] == []
    fresh.control("clock", seconds=DAY)
    point = wait_for(lambda: copies(fresh))[0]
    assert point["ResourceArn"] == arn_of("orders")
    assert point["CreatedBy"]["BackupPlanId"] == plan
    jobs = client.list_backup_jobs()["BackupJobs"]
    assert [job["CreatedBy"]["BackupPlanId"] for job in jobs] == [plan]
    assert client.list_copy_jobs()["CopyJobs"][0]["CreatedByBackupJobId"] == jobs[0]["BackupJobId"]
    assert restore(fresh, point["RecoveryPointArn"])["Status"] == "COMPLETED"
    before, after = (
        items(fresh.client("source", "dynamodb"), "orders"),
        items(fresh.client("target", "dynamodb"), "restored"),
    )
    assert same_items(before, after)
    fresh.control("clock", seconds=DAY)
    wait_for(lambda: len(copies(fresh)) == 2)


def test_tables_are_chosen_by_tag(fresh: TestSandbox) -> None:
    ready(fresh)
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "team", "ConditionValue": "web"}
    make(fresh, ListOfTags=[tag])
    fresh.control("clock", seconds=DAY)
    assert [each["ResourceArn"] for each in wait_for(lambda: copies(fresh))] == [arn_of("sessions")]


def test_conditions_and_exceptions(fresh: TestSandbox) -> None:
    ready(fresh)
    condition = {"ConditionKey": "aws:ResourceTag/team", "ConditionValue": "web"}
    make(fresh, Resources=[arn_of("*")], NotResources=[arn_of("o*")], Conditions={"StringEquals": [condition]})
    fresh.control("clock", seconds=DAY)
    assert [each["ResourceArn"] for each in wait_for(lambda: copies(fresh))] == [arn_of("sessions")]


def test_a_repeated_request_makes_nothing_twice(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("source", "backup")
    plans = [client.create_backup_plan(BackupPlan=document(), CreatorRequestId="one") for _ in range(2)]
    assert plans[0]["BackupPlanId"] == plans[1]["BackupPlanId"]
    with refused("AlreadyExistsException"):
        client.create_backup_plan(BackupPlan=document(), CreatorRequestId="two")
    selection = {"SelectionName": "orders", "IamRoleArn": role_arn(SOURCE), "Resources": [arn_of("orders")]}
    wanted = {"BackupPlanId": plans[0]["BackupPlanId"], "BackupSelection": selection}
    made = [client.create_backup_selection(**wanted, CreatorRequestId="one") for _ in range(2)]
    assert made[0]["SelectionId"] == made[1]["SelectionId"]
    with refused("AlreadyExistsException"):
        client.create_backup_selection(**wanted, CreatorRequestId="two")


def test_the_role_of_a_selection_must_be_able_to_look_for_tables(fresh: TestSandbox) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/10511"""
    ready(fresh)
    plan = fresh.client("source", "backup").create_backup_plan(BackupPlan=document())["BackupPlanId"]
    weak = make_role(fresh, SOURCE, "Weak", policies=())
    selection = {"SelectionName": "orders", "IamRoleArn": weak, "Resources": [arn_of("orders")]}
    with refused("InvalidParameterValueException") as held:
        fresh.client("source", "backup").create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    assert "is not authorized to call tag:GetResources" in str(held[0])


def test_a_plan_takes_a_hundred_selections(fresh: TestSandbox) -> None:
    ready(fresh)
    plan = make(fresh, Resources=[arn_of("orders")])
    client = fresh.client("source", "backup")
    selection = {"IamRoleArn": role_arn(SOURCE), "Resources": [arn_of("orders")]}
    for number in range(99):
        wanted = {"SelectionName": f"more-{number}", **selection}
        client.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)
    with refused("LimitExceededException"):
        client.create_backup_selection(BackupPlanId=plan, BackupSelection={"SelectionName": "last", **selection})


def test_a_changed_plan_runs_by_its_new_rule(fresh: TestSandbox) -> None:
    ready(fresh)
    plan = make(fresh, Resources=[arn_of("orders")])
    client = fresh.client("source", "backup")
    never = "cron(0 5 1 1 ? 2199)"
    changed = client.update_backup_plan(BackupPlanId=plan, BackupPlan=document(ScheduleExpression=never))
    told = client.get_backup_plan(BackupPlanId=plan)
    assert told["BackupPlan"]["Rules"][0]["ScheduleExpression"] == never
    assert told["VersionId"] == changed["VersionId"]
    fresh.control("clock", seconds=DAY)
    assert client.list_backup_jobs()["BackupJobs"] == []
    with refused("InvalidParameterValueException"):
        client.update_backup_plan(BackupPlanId=plan, BackupPlan=document(ScheduleExpression="daily"))


def test_the_next_runs_are_told_in_the_rules_time_zone(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("source", "backup")
    wanted = document(ScheduleExpression="cron(30 8 ? * * *)", ScheduleExpressionTimezone="Asia/Kolkata")
    plan = client.create_backup_plan(BackupPlan=wanted)["BackupPlanId"]
    assert "ScheduledRunsPreview" not in client.get_backup_plan(BackupPlanId=plan)
    told = client.get_backup_plan(BackupPlanId=plan, MaxScheduledRunsPreview=3)
    runs = [run["ExecutionTime"].astimezone(UTC) for run in told["ScheduledRunsPreview"]]
    assert [(run.hour, run.minute) for run in runs] == [(3, 0)] * 3
    assert {run["RuleId"] for run in told["ScheduledRunsPreview"]} == {told["BackupPlan"]["Rules"][0]["RuleId"]}
    assert [(after - before).days for before, after in pairwise(runs)] == [1, 1]


def test_a_plan_goes_after_its_selections(fresh: TestSandbox) -> None:
    ready(fresh)
    plan = make(fresh, Resources=[arn_of("orders")])
    client = fresh.client("source", "backup")
    with refused("AlreadyExistsException"):
        client.create_backup_plan(BackupPlan=document())
    told = client.get_backup_plan(BackupPlanId=plan)
    assert told["BackupPlan"]["Rules"][0]["ScheduleExpression"] == DAILY
    assert client.list_tags(ResourceArn=told["BackupPlanArn"])["Tags"] == {"run": "1"}
    assert [each["BackupPlanName"] for each in client.list_backup_plans()["BackupPlansList"]] == ["move"]
    with refused("InvalidRequestException"):
        client.delete_backup_plan(BackupPlanId=plan)
    listed = client.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    selection = {"BackupPlanId": plan, "SelectionId": listed[0]["SelectionId"]}
    assert client.get_backup_selection(**selection)["BackupSelection"]["Resources"] == [arn_of("orders")]
    client.delete_backup_selection(**selection)
    with refused("ResourceNotFoundException"):
        client.get_backup_selection(**selection)
    client.delete_backup_plan(BackupPlanId=plan)
    with refused("ResourceNotFoundException"):
        client.get_backup_plan(BackupPlanId=plan)
    fresh.control("clock", seconds=DAY)
    assert client.list_backup_jobs()["BackupJobs"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScheduleExpression": "daily"},
        {"ScheduleExpression": "cron(0/30 5 ? * * *)"},
        {"TargetBackupVaultName": "there-is-none"},
        {"ScheduleExpressionTimezone": "Nowhere/None"},
        {"StartWindowMinutes": 59},
    ],
    ids=["schedule", "interval", "vault", "zone", "window"],
)
def test_a_plan_that_cannot_be(fresh: TestSandbox, wrong: dict[str, Any]) -> None:
    ready(fresh)
    with refused("InvalidParameterValueException"):
        fresh.client("source", "backup").create_backup_plan(BackupPlan=document(**wrong))


@pytest.mark.parametrize(
    ("expression", "run"),
    [
        (DAILY, "2026-03-01T05:00"),
        ("cron(0/20 * * * ? *)", "2026-02-28T12:20"),
        ("cron(30 8,14 ? * MON-FRI *)", "2026-03-02T08:30"),
        ("cron(0 0 1 JAN ? *)", "2027-01-01T00:00"),
        ("cron(0 0 29 2 ? 2028)", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 1999)", None),
        ("cron(0 5 L * ? *)", "2026-03-31T05:00"),
        ("cron(0 5 LW 5 ? *)", "2026-05-29T05:00"),
        ("cron(0 5 15W 3,8 ? *)", "2026-03-16T05:00"),
        ("cron(0 5 1W 8 ? *)", "2026-08-03T05:00"),
        ("cron(0 5 ? * FRIL *)", "2026-03-27T05:00"),
        ("cron(0 5 ? * 6#3 *)", "2026-03-20T05:00"),
        ("cron(0 5 ? * L *)", "2026-03-07T05:00"),
        ("cron(0 5 1,L * ? *)", "2026-03-01T05:00"),
    ],
)
def test_schedules(expression: str, run: str | None) -> None:
    start = datetime(2026, 2, 28, 12, 7, tzinfo=UTC)  # a Saturday
    found = parse(expression).after(start.timestamp())
    assert found == (run and datetime.fromisoformat(run).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text", ["", "rate(1 day)", "cron(0 5 * * *)", "cron(0 5 * * * *)", "cron(0 25 ? * * *)", "cron(0/0 5 ? * * *)"]
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(ValueError, match=r"cron|range"):
        parse(text)
