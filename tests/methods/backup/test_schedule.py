"""backup with a schedule: a backup plan is made, run by the sandbox's clock, restored from, and taken away again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from ddbtui.engine.step import RUN, Busy, GateClosed, Resource, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.backup.method import Backup
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.backup.plan_document import asked_plans, plan_for, selection_name
from ddbtui.methods.resources import remove
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.backup.scheduling import DAILY, DAY, Clockwork, kinds, plans, points, scheduled, selections
from tests.methods.exactness import undeclared_and_unused
from tests.methods.lab import IDS, Journal, Lab, items_of
from tests.support.sandbox import wait_for

ONLY_AFTER_TROUBLE = {
    "dynamodb:GetItem",
    "backup:StartCopyJob",
    "backup:StopBackupJob",
    "backup:ListRestoreJobs",
    "backup:GetRestoreJobMetadata",
    "backup:DeleteBackupVaultAccessPolicy",
}
ONLY_WITH_A_CUSTOMERS_KEY = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"}


def test_the_first_scheduled_copy_is_restored_and_nothing_is_left(organized: Lab) -> None:
    names = ["orders", "threads", "sessions"]
    move, clockwork = scheduled(organized, *names), Clockwork(organized)
    clockwork.until(chains(move), None)
    for name in names:
        assert items_of(organized.client("source"), name) == items_of(organized.client("target"), name)
        assert clockwork.journal.results[name, "proof"]["level"] == "every item"
    assert any(one.table.local_indexes for one in move.tables)
    assert plans(organized) == []
    kept = {(one.kind, one.fate) for one in clockwork.journal.resources.values()}
    assert kept == {("table", "keep"), ("backup-settings", "keep"), ("role", "keep")}
    for side in IDS:
        held = organized.client(side, "backup").list_backup_vaults()["BackupVaultList"]
        assert VAULT not in [one["BackupVaultName"] for one in held]


def test_the_plan_is_made_as_asked(organized: Lab) -> None:
    schedule = {
        "cron": "cron(30 22 L * ? *)",
        "timezone": "Europe/Berlin",
        "rule_name": "month-end",
        "start_window_minutes": 90,
        "select": "tag",
        "tag": {"key": "team", "value": "web"},
    }
    move = moving(organized, "sessions", options={"schedule": schedule, "retention_days": 9})
    clockwork = Clockwork(organized)
    clockwork.until(chains(move), "backup")
    (plan,) = plans(organized)
    assert plan["BackupPlanName"] == "ddbtui-r1"
    backup = organized.client("source", "backup")
    assert backup.list_tags(ResourceArn=plan["BackupPlanArn"])["Tags"] == {"ddbtui:run": "r1"}
    (rule,) = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    vault = f"arn:aws:backup:eu-west-1:{IDS['target']}:backup-vault:{VAULT}"
    wanted = {
        "RuleName": "month-end",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": "cron(30 22 L * ? *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartWindowMinutes": 90,
        "CompletionWindowMinutes": 90 + 7 * 24 * 60,
        "Lifecycle": {"DeleteAfterDays": 9},
        "RecoveryPointTags": {"ddbtui:run": "r1"},
        "CopyActions": [{"DestinationBackupVaultArn": vault, "Lifecycle": {"DeleteAfterDays": 9}}],
    }
    assert {name: rule.get(name) for name in wanted} == wanted
    (selection,) = selections(organized)
    chosen = selection["BackupSelection"]
    assert chosen["SelectionName"] == "sessions"
    assert chosen["Resources"] == [move.tables[0].table.arn]
    condition = {"ConditionKey": "aws:ResourceTag/team", "ConditionValue": "web"}
    assert chosen["Conditions"]["StringEquals"] == [condition]
    assert chosen["IamRoleArn"].endswith(":role/service-role/AWSBackupDefaultServiceRole")


def test_a_tag_selects_no_other_table_that_carries_it(organized: Lab) -> None:
    other = organized.client("source").describe_table(TableName="orders")["Table"]["TableArn"]
    organized.client("source").tag_resource(ResourceArn=other, Tags=[{"Key": "team", "Value": "web"}])
    schedule = {"select": "tag", "tag": {"key": "team", "value": "web"}}
    clockwork = Clockwork(organized)
    clockwork.until(chains(scheduled(organized, "sessions", schedule=schedule)), None)
    assert kinds(organized) == ["backup", "backup-plan", "copy", "restore"]
    assert items_of(organized.client("source"), "sessions") == items_of(organized.client("target"), "sessions")


def test_a_table_without_the_tag_is_refused_with_the_command(organized: Lab) -> None:
    schedule = {"select": "tag", "tag": {"key": "team", "value": "sales"}}
    with pytest.raises(StepFailed, match=r"Tag team is web; it should be sales") as failed:
        Clockwork(organized).until(chains(scheduled(organized, "sessions", schedule=schedule)), None)
    assert failed.value.kind == "prerequisite"
    assert "aws dynamodb tag-resource" in failed.value.hint


def test_no_table_is_in_the_plan_before_its_writes_have_stopped(organized: Lab) -> None:
    journal = Journal(consents={"apply-remedies"})
    move, clockwork = scheduled(organized, "orders"), Clockwork(organized, journal)
    with pytest.raises(GateClosed) as asked:
        clockwork.until(chains(move), None)
    assert len(plans(organized)) == 1
    assert selections(organized) == []
    due = organized.client("source", "backup").get_backup_plan(
        BackupPlanId=plans(organized)[0]["BackupPlanId"], MaxScheduledRunsPreview=1
    )["ScheduledRunsPreview"][0]["ExecutionTime"]
    for said in (f"{due:%Y-%m-%d} 05:00 UTC", "cron(0 5 ? * * *)", "within 60 minutes", "stay away until"):
        assert said in asked.value.question
    organized.tell("clock", seconds=2 * DAY)
    assert kinds(organized) == ["backup-plan"]
    names = [step.name for chain in chains(move) for step in chain.steps]
    order = ["backup-plan", "writes-stopped", "read-source", "backup-selection", "backup", "copy", "restore", "proof"]
    assert [name for name in names if name in order] == order


def test_every_call_is_declared_and_every_declaration_used(organized: Lab) -> None:
    schedule = {"select": "tag", "tag": {"key": "team", "value": "web"}}
    move = scheduled(organized, "sessions", schedule=schedule)
    organized.tell("calls/clear")
    Clockwork(organized).until(chains(move), None)
    undeclared, unused = undeclared_and_unused(organized, move)
    assert undeclared == set()
    assert unused <= ONLY_AFTER_TROUBLE | ONLY_WITH_A_CUSTOMERS_KEY


def test_the_dry_run_lists_what_is_made_and_removed(organized: Lab) -> None:
    listed = [change.action for change in Backup().changes(scheduled(organized, "orders"))]
    wanted = [
        "backup:CreateBackupPlan",
        "backup:CreateBackupSelection",
        "backup:StartRestoreJob",
        "backup:DeleteBackupSelection",
        "backup:DeleteRecoveryPoint",
        "backup:DeleteRecoveryPoint",
        "backup:DeleteBackupPlan",
    ]
    assert [action for action in listed if action.startswith("backup:")] == wanted


@pytest.mark.parametrize("name", ["backup-plan", "backup-selection"])
def test_an_interrupted_start_is_taken_up(organized: Lab, name: str) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), name)
    context = clockwork.journal.context(RUN if name == "backup-plan" else "orders", step)
    assert step.find(context) is None
    handle = step.start(context)
    assert step.find(context) == handle
    assert step.start(context) == handle
    assert clockwork.journal.context(context.subject, step, attempt=2).token != context.token
    assert step.start(clockwork.journal.context(context.subject, step, attempt=2)) == handle
    clockwork.follow(context, step, handle)
    assert len(plans(organized)) == 1
    assert len(selections(organized)) == (name == "backup-selection")


def test_the_token_finds_a_plan_that_no_list_shows_yet(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    move = scheduled(organized, "orders")
    step = clockwork.until(chains(move), "backup-plan")
    context = clockwork.journal.context(RUN, step)
    document = plan_for(move, move.tables[0]).document("r1")
    backup = organized.client("source", "backup")
    made = backup.create_backup_plan(BackupPlan=document, CreatorRequestId=context.token)  # not tagged: not found
    assert step.find(context) is None
    assert step.start(context) == {"plan_id": made["BackupPlanId"]}


def test_another_runs_plan_of_that_name_is_left_alone(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    move = scheduled(organized, "orders")
    step = clockwork.until(chains(move), "backup-plan")
    document = plan_for(move, move.tables[0]).document("r2")
    document["BackupPlanName"] = "ddbtui-r1"
    backup = organized.client("source", "backup")
    other = backup.create_backup_plan(BackupPlan=document, BackupPlanTags={"ddbtui:run": "r2"})
    context = clockwork.journal.context(RUN, step)
    handle = step.start(context)
    assert handle["plan_id"] != other["BackupPlanId"]
    (noted,) = [one for one in clockwork.journal.resources.values() if one.kind == "backup-plan"]
    for _ in range(2):
        remove(organized.account("source"), noted)
    assert [plan["BackupPlanId"] for plan in plans(organized)] == [other["BackupPlanId"]]


def test_a_role_whose_policy_is_too_new_is_waited_for(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized)), "backup-selection")
    policy = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    named = {"RoleName": "AWSBackupDefaultServiceRole", "PolicyArn": policy}
    organized.client("source", "iam").detach_role_policy(**named)
    with pytest.raises(Busy, match=r"does not know its role yet: .* is not authorized to call tag:GetResources"):
        clockwork.carry_out("orders", step)
    organized.client("source", "iam").attach_role_policy(**named)
    clockwork.carry_out("orders", step)


def test_a_plan_that_somebody_changed_is_not_taken(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    move = scheduled(organized, "orders")
    step = clockwork.until(chains(move), "backup-plan")
    context = clockwork.journal.context(RUN, step)
    handle = step.start(context)
    document = plan_for(move, move.tables[0]).document("r1")
    document["Rules"][0] |= {"ScheduleExpression": "cron(0 6 ? * * *)", "CopyActions": []}
    backup = organized.client("source", "backup")
    backup.update_backup_plan(BackupPlanId=handle["plan_id"], BackupPlan=document)
    with pytest.raises(StepFailed, match=r"backup plan ddbtui-r1 is not as asked") as failed:
        clockwork.follow(context, step, handle)
    assert "Rules[0].ScheduleExpression is cron(0 6 ? * * *) instead of cron(0 5 ? * * *)" in failed.value.message
    assert "Rules[0].CopyActions is [] instead of" in failed.value.message
    backup.update_backup_plan(BackupPlanId=handle["plan_id"], BackupPlan=plan_for(move, move.tables[0]).document("r1"))
    assert clockwork.carry_out(RUN, step, attempt=2)["plan_id"] == handle["plan_id"]


def test_an_assignment_that_somebody_changed_is_not_taken(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup-selection")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    backup = organized.client("source", "backup")
    (held,) = selections(organized)
    backup.delete_backup_selection(BackupPlanId=held["BackupPlanId"], SelectionId=held["SelectionId"])
    chosen = {**held["BackupSelection"], "Resources": ["arn:aws:dynamodb:*:*:table/*"]}
    backup.create_backup_selection(BackupPlanId=held["BackupPlanId"], BackupSelection=chosen)
    handle = step.find(context) or {}
    with pytest.raises(StepFailed, match=r"the assignment of orders is not as asked: Resources\[0\]"):
        clockwork.follow(context, step, handle)


def test_what_the_plan_makes_later_goes_with_the_run(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    work = chains(scheduled(organized, "orders"))
    clockwork.until(work, "clean-up")
    for number in (2, 3):
        organized.tell("clock", seconds=DAY)
        wait_for(lambda number=number: len(points(organized, "target")) == number)
    assert len(points(organized, "source")) == 3
    last = [chain.steps[-1] for chain in work[1:]]
    assert clockwork.carry_out("orders", last[0])["left"] == []
    assert clockwork.carry_out(RUN, last[1])["left"] == []
    assert plans(organized) == []


def test_copies_without_the_runs_tag_go_with_it_all_the_same(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    clockwork.until(chains(scheduled(organized, "orders")), "clean-up")
    backup = organized.client("target", "backup")
    for arn in points(organized, "target"):
        backup.untag_resource(ResourceArn=arn, TagKeyList=["ddbtui:run"])
    (found,) = (
        one for one in clockwork.journal.resources.values() if one.kind == "recovery-point" and one.side == "target"
    )
    remove(organized.account("target"), replace(found, data={**found.data, "plan_id": "another"}))
    assert len(points(organized, "target")) == 1
    remove(organized.account("target"), found)
    assert points(organized, "target") == []


def test_with_nothing_to_be_cleaned_up_the_plan_goes_on(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    clockwork.until(chains(scheduled(organized, "orders", clean_up="nothing")), None)
    assert len(plans(organized)) == 1
    assert [one["BackupSelection"]["SelectionName"] for one in selections(organized)] == ["orders"]
    assert len(points(organized, "target")) == 1
    recorded = [one for one in reversed(list(clockwork.journal.resources.values())) if one.fate == "remove"]
    assert {"backup-plan", "backup-selection", "recovery-point"} <= {one.kind for one in recorded}
    for resource in recorded:
        side: Any = resource.side
        remove(organized.account(side), resource)
    assert plans(organized) == []


def test_a_plan_that_others_use_stays(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    clockwork.until(chains(scheduled(organized, "orders")), "backup")
    backup = organized.client("source", "backup")
    (held,) = selections(organized)
    chosen = {**held["BackupSelection"], "SelectionName": "theirs"}
    backup.create_backup_selection(BackupPlanId=held["BackupPlanId"], BackupSelection=chosen)
    noted = {one.kind: one for one in clockwork.journal.resources.values() if one.side == "source"}
    for _ in range(2):
        remove(organized.account("source"), noted["backup-selection"])
    with pytest.raises(UserError, match="backup plan ddbtui-r1 still backs up theirs, so it stays"):
        remove(organized.account("source"), noted["backup-plan"])
    assert [one["BackupSelection"]["SelectionName"] for one in selections(organized)] == ["theirs"]


def test_giving_up_takes_the_table_out_of_the_plan_and_stops_its_backup(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    for _ in range(2):
        assert step.cancel(context, handle)
        assert selections(organized) == []
    organized.tell("clock", seconds=DAY)
    assert kinds(organized) == ["backup-plan"]


def test_giving_up_during_the_copy_takes_the_table_out_of_the_plan(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "copy")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    assert len(selections(organized)) == 1
    for _ in range(2):
        assert not step.cancel(context, handle)
        assert selections(organized) == []
    clockwork.follow(context, step, handle)


def test_giving_up_stops_a_backup_that_runs(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    organized.tell("speed", speed=1000.0)
    organized.tell("clock", seconds=DAY)
    assert "RUNNING" in str(step.poll(context, handle)) or "CREATED" in str(step.poll(context, handle))
    assert step.cancel(context, handle)
    organized.tell("clock", seconds=3600)
    with pytest.raises(StepFailed, match="the backup job ended ABORTED"):
        clockwork.follow(context, step, handle)


def test_a_table_with_a_long_name_and_many_tables(organized: Lab) -> None:
    move = scheduled(organized, "orders")
    (one,) = move.tables
    long = one.table.model_copy(update={"name": "a" * 255})
    named = selection_name(replace(one, table=long))
    assert re.fullmatch(r"a{33}-[0-9a-f]{16}", named)
    named_tables = (one.table.model_copy(update={"name": f"t{number}"}) for number in range(201))
    many = replace(move, tables=tuple(replace(one, table=table) for table in named_tables))
    assert [plan.name("r1") for plan in asked_plans(many)] == ["ddbtui-r1", "ddbtui-r1-2", "ddbtui-r1-3"]
    assert [plan_for(many, many.tables[n]).number for n in (0, 99, 100, 200)] == [1, 1, 2, 3]
    assert [step.name for step in Backup().shared_steps(many)] == ["backup-plan", "backup-plan-2", "backup-plan-3"]


def test_the_estimate_says_that_the_schedule_decides(lab: Lab) -> None:
    tables = [one.table for one in scheduled(lab, "orders").tables]
    told = Backup().estimate(tables, BackupOptions.model_validate({"schedule": DAILY}))
    assert any("cron(0 5 ? * * *), Etc/UTC" in note and "60 minutes" in note for note in told.notes)
    assert told.seconds == Backup().estimate(tables, None).seconds


@pytest.mark.parametrize("options", [{}, {"schedule": DAILY}], ids=["at once", "scheduled"])
def test_the_estimate_tells_what_comes_on_top_between_regions(lab: Lab, options: dict[str, Any]) -> None:
    tables = [one.table for one in moving(lab, "orders").tables]
    notes = Backup().estimate(tables, BackupOptions.model_validate(options)).notes
    assert [note for note in notes if "Between two regions" in note and "$0.02 a GiB" in note]
    chosen = Backup().estimate(tables, BackupOptions.model_validate({"recovery_point": "newest"})).notes
    assert not [note for note in chosen if "regions" in note]


def test_records_come_before_what_they_are_about(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup-selection")
    organized.sandbox.fault("denied", match={"operation": "CreateBackupSelection"})
    with pytest.raises(organized.client("source", "backup").exceptions.ClientError, match="CreateBackupSelection"):
        step.start(clockwork.journal.context("orders", step))
    kept: list[Resource] = [one for (subject, *_), one in clockwork.journal.resources.items() if subject == "orders"]
    assert {(one.kind, one.side) for one in kept} >= {
        ("backup-selection", "source"),
        ("recovery-point", "source"),
        ("recovery-point", "target"),
    }
    for resource in reversed(kept):
        side: Any = resource.side
        remove(organized.account(side), resource)
