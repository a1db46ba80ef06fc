"""How scheduled backups, their copies and the restore end, and that each end is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ddbtui.engine.step import Progress, StepFailed
from tests.methods.backup.moves import chains
from tests.methods.backup.scheduling import DAY, Clockwork, kinds, points, scheduled
from tests.methods.lab import Lab
from tests.support.sandbox import wait_for


def test_a_plan_that_never_runs_is_told(organized: Lab) -> None:
    move = scheduled(organized, "orders", schedule={"cron": "cron(0 5 1 1 ? 1999)"})
    with pytest.raises(StepFailed, match=r"backup plan ddbtui-r1 never runs: cron\(0 5 1 1 \? 1999\)"):
        Clockwork(organized).until(chains(move), None)


@pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"])
def test_a_scheduled_backup_that_ends_otherwise_says_why_and_the_next_one_counts(organized: Lab, state: str) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    organized.tell("job-faults", jobs=[{"job": "backup", "code": state, "message": "no\u001b[2J"}])
    with pytest.raises(StepFailed, match=f"the backup job ended {state}: no␛") as failed:
        clockwork.carry_out("orders", step)
    assert "waits for the next scheduled backup" in failed.value.hint
    done = clockwork.carry_out("orders", step, attempt=2)
    assert clockwork.days == 2
    assert done["arn"] in points(organized, "source")
    assert kinds(organized).count("backup") == 2


def test_a_backup_that_failed_while_nobody_looked_is_told_all_the_same(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    organized.tell("job-faults", jobs=[{"job": "backup", "code": "FAILED", "message": "no"}])
    organized.tell("clock", seconds=DAY)
    wait_for(lambda: "backup" in kinds(organized))
    with pytest.raises(StepFailed, match="the backup job ended FAILED: no"):
        clockwork.carry_out("orders", step)


@pytest.mark.parametrize("state", ["FAILED", "PARTIAL"])
def test_a_planned_copy_that_ends_otherwise_is_made_again_on_demand(organized: Lab, state: str) -> None:
    clockwork = Clockwork(organized)
    organized.tell("job-faults", jobs=[{"job": "copy", "code": state, "message": "no\u001b[2J"}])
    step = clockwork.until(chains(scheduled(organized, "orders")), "copy")
    with pytest.raises(StepFailed, match=f"the copy job ended {state}: no␛") as failed:
        clockwork.carry_out("orders", step)
    assert "copies the backup once more" in failed.value.hint
    assert clockwork.carry_out("orders", step, attempt=2)["arn"] in points(organized, "target")
    assert clockwork.days == 1
    assert kinds(organized) == ["backup", "backup-plan", "copy", "copy"]


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_a_restore_that_ends_otherwise_says_why(organized: Lab, state: str) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "restore")
    organized.tell("job-faults", jobs=[{"job": "restore", "code": state, "message": "no"}])
    with pytest.raises(StepFailed, match=f"the restore job ended {state}: no"):
        clockwork.carry_out("orders", step)
    clockwork.carry_out("orders", step, attempt=2)


def test_a_backup_that_does_not_come_is_told(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    outcome = step.poll(context, handle)
    assert isinstance(outcome, Progress)
    assert re.fullmatch(r"waits for \d{4}-\d\d-\d\d 05:00 UTC", outcome.note)
    clockwork.journal.time += timedelta(days=1, hours=2, minutes=1)
    with pytest.raises(StepFailed, match=r"AWS Backup has started no backup of orders, which was due at .* 05:00 UTC"):
        step.poll(context, handle)


def test_a_copy_that_does_not_come_is_told_and_then_made(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "copy")
    context = clockwork.journal.context("orders", step)
    handle = step.start(context)
    clockwork.journal.results["orders", "backup"]["arn"] += "-other"
    assert isinstance(step.poll(context, handle), Progress)
    clockwork.journal.time += timedelta(hours=2, minutes=1)
    with pytest.raises(StepFailed, match="AWS Backup has started no copy of"):
        step.poll(context, handle)


def test_an_old_style_backup_is_never_copied(organized: Lab) -> None:
    clockwork = Clockwork(organized)
    step = clockwork.until(chains(scheduled(organized, "orders")), "backup")
    settings = organized.client("source", "backup")
    settings.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    with pytest.raises(StepFailed, match=r"the backup arn:aws:dynamodb:.* is one of DynamoDB's own"):
        clockwork.carry_out("orders", step)
