"""Every state that a backup, copy or restore job can have, and those that nobody has heard of."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ddbtui.aws import settle
from ddbtui.engine.step import Busy, Progress, Step, StepFailed
from ddbtui.methods.resources import remove
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.lab import Context, Journal, Lab

AN_HOUR = 3600
LONG = 20_000
"""Jobs then take some hours."""
ENDS = {
    "backup": ("FAILED", "ABORTED", "EXPIRED", "PARTIAL"),
    "copy": ("FAILED", "PARTIAL"),
    "restore": ("FAILED", "ABORTED"),
}
FIRST = {"backup": "CREATED", "copy": "CREATED", "restore": "PENDING"}


@pytest.fixture
def reached(organized: Lab) -> Any:
    """Carries a chain out up to a step; gives the step, its context and the journal."""

    def carry_out(name: str) -> tuple[Step, Context, Journal]:
        journal = Journal()
        step = journal.until(chains(moving(organized)), name)
        return step, journal.context("orders", step), journal

    return carry_out


def note(step: Step, context: Context, handle: dict[str, Any]) -> str:
    """What the step shows of a job that goes on."""
    outcome = step.poll(context, handle)
    assert isinstance(outcome, Progress)
    return outcome.note.split(" ")[0]


@pytest.mark.parametrize(("name", "state"), [(name, state) for name, states in ENDS.items() for state in states])
def test_a_job_that_ends_otherwise_says_why_and_a_retry_starts_another(
    organized: Lab, reached: Any, name: str, state: str
) -> None:
    step, _, journal = reached(name)
    organized.tell("job-faults", jobs=[{"job": name, "code": state, "message": "no\u001b[2J"}])
    with pytest.raises(StepFailed, match=f"the {name} job ended {state}: no␛") as failed:
        journal.carry_out("orders", step)
    assert "resume" in failed.value.hint
    journal.carry_out("orders", step, attempt=2)
    states = [job["status"] for job in organized.sandbox.state()["jobs"] if job["kind"] == name]
    assert states == [state, "COMPLETED"]


@pytest.mark.parametrize("name", ENDS)
def test_a_role_that_is_too_new_is_waited_for(organized: Lab, reached: Any, name: str) -> None:
    step, _, journal = reached(name)
    organized.tell("propagation", seconds=AN_HOUR)
    with pytest.raises(Busy, match=r"does not know its role yet: .* cannot be assumed by AWS Backup"):
        journal.carry_out("orders", step)
    organized.tell("propagation", seconds=0)
    journal.carry_out("orders", step)


@pytest.mark.parametrize("name", ENDS)
def test_a_role_that_stays_unknown_stops_the_chain(organized: Lab, reached: Any, name: str) -> None:
    step, _, journal = reached(name)
    organized.tell("propagation", seconds=AN_HOUR)
    journal.time += timedelta(minutes=2)
    with pytest.raises(ClientError, match="cannot be assumed by AWS Backup"):
        journal.carry_out("orders", step)


@pytest.mark.parametrize(("name", "operation"), [("backup", "StartBackupJob"), ("copy", "StartCopyJob")])
def test_a_full_account_is_waited_for(
    organized: Lab, reached: Any, monkeypatch: pytest.MonkeyPatch, name: str, operation: str
) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # botocore tries again itself
    step, _, journal = reached(name)
    organized.sandbox.fault("full", match={"operation": operation}, times=7)
    with pytest.raises(Busy, match=f"no room for another {name} job: LimitExceededException"):
        journal.carry_out("orders", step)
    journal.carry_out("orders", step)


@pytest.mark.parametrize("name", ENDS)
def test_an_unknown_state_stops_the_chain(organized: Lab, reached: Any, name: str) -> None:
    step, _, journal = reached(name)
    organized.tell("job-faults", jobs=[{"job": name, "code": "SUSPENDED", "message": "new"}])
    with pytest.raises(StepFailed, match=rf"^unknown state SUSPENDED of {name} job [0-9A-F-]+: new$"):
        journal.carry_out("orders", step)


@pytest.mark.parametrize("name", ENDS)
def test_a_job_without_a_reason_is_told_without_one(organized: Lab, reached: Any, name: str) -> None:
    step, _, journal = reached(name)
    organized.tell("job-faults", jobs=[{"job": name, "code": "FAILED"}])
    with pytest.raises(StepFailed, match="ended FAILED: AWS Backup gives no reason"):
        journal.carry_out("orders", step)


@pytest.mark.parametrize("name", ENDS)
def test_a_slow_job_shows_its_state_and_how_far_it_is(organized: Lab, reached: Any, name: str) -> None:
    step, context, journal = reached(name)
    organized.tell("speed", speed=LONG)
    handle = step.start(context)
    assert note(step, context, handle) == FIRST[name]
    organized.tell("clock", seconds=AN_HOUR * 2)
    assert note(step, context, handle) == "RUNNING"
    organized.tell("clock", seconds=AN_HOUR * 4)
    journal.follow(context, step, handle)


def occupied(lab: Lab, step: Any) -> None:
    """Somebody else's backup of the table is at work, for hours."""
    lab.tell("speed", speed=LONG)
    lab.client("source", "backup").start_backup_job(
        BackupVaultName=VAULT, ResourceArn=step.moving.table.arn, IamRoleArn=step.vaults.role("source")
    )
    lab.sandbox.state()  # now it has begun


def test_a_backup_waits_for_the_one_before_it(organized: Lab, reached: Any) -> None:
    step, context, journal = reached("backup")
    occupied(organized, step)
    organized.tell("speed", speed=0)
    handle = step.start(context)
    for _ in range(3):
        organized.tell("clock", seconds=AN_HOUR / 4)
        assert note(step, context, handle) == "CREATED"
    organized.tell("clock", seconds=AN_HOUR / 3)
    with pytest.raises(StepFailed, match="the backup job ended EXPIRED: Backup job expired before completion"):
        journal.follow(context, step, handle)
    organized.tell("clock", seconds=AN_HOUR * 3)
    journal.carry_out("orders", step, attempt=2)


def test_a_backup_that_somebody_stops_is_told(organized: Lab, reached: Any) -> None:
    step, context, journal = reached("backup")
    organized.tell("speed", speed=LONG)
    handle = step.start(context)
    organized.client("source", "backup").stop_backup_job(BackupJobId=handle["job_id"])
    assert note(step, context, handle) == "ABORTING"
    organized.tell("clock", seconds=AN_HOUR * 4)
    with pytest.raises(StepFailed, match="the backup job ended ABORTED: The job was stopped"):
        journal.follow(context, step, handle)


def test_what_a_partial_backup_left_is_removed(organized: Lab, reached: Any) -> None:
    step, _, journal = reached("backup")
    organized.tell("job-faults", jobs=[{"job": "backup", "code": "PARTIAL", "message": "some"}])
    with pytest.raises(StepFailed, match="PARTIAL"):
        journal.carry_out("orders", step)
    backup = organized.client("source", "backup")
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"]
    assert point["Status"] == "PARTIAL"
    (noted,) = [one for one in journal.resources.values() if one.kind == "recovery-point"]
    remove(organized.account("source"), noted)
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"] == []


def test_a_job_that_a_run_gives_up_is_stopped_once(organized: Lab, reached: Any) -> None:
    step, context, _ = reached("backup")
    organized.tell("speed", speed=LONG)
    handle = step.start(context)
    organized.tell("calls/clear")
    for _ in range(2):
        assert step.cancel(context, handle)
    assert [call["operation"] for call in organized.sandbox.calls()].count("StopBackupJob") == 1


def test_a_job_that_is_over_needs_no_stop(organized: Lab, reached: Any) -> None:
    step, context, journal = reached("backup")
    handle = step.start(context)
    journal.follow(context, step, handle)
    assert step.cancel(context, handle)
    assert not [call for call in organized.sandbox.calls() if call["operation"] == "StopBackupJob"]


def test_a_job_that_goes_on_all_the_same_is_told(organized: Lab, reached: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    step, context, _ = reached("backup")
    organized.tell("speed", speed=LONG)
    organized.tell("job-faults", jobs=[{"job": "backup", "lie": "unstoppable"}])
    handle = step.start(context)
    slept: list[float] = []
    monkeypatch.setattr(settle, "sleep", slept.append)
    assert not step.cancel(context, handle)
    assert slept == list(settle.PAUSES)
    assert note(step, context, handle) == "CREATED"


@pytest.mark.parametrize("name", ["copy", "restore"])
def test_aws_can_not_stop_a_copy_or_a_restore(organized: Lab, reached: Any, name: str) -> None:
    step, context, _ = reached(name)
    organized.tell("speed", speed=LONG)
    assert not step.cancel(context, step.start(context))
    assert step.unattended


def test_a_restored_table_that_is_gone_is_told(organized: Lab, reached: Any) -> None:
    step, context, journal = reached("restore")
    handle = step.start(context)
    organized.sandbox.state()
    organized.client("target").delete_table(TableName="orders")
    with pytest.raises(StepFailed, match="AWS Backup has restored orders, but it is not there") as failed:
        journal.follow(context, step, handle)
    assert "new run" in failed.value.hint


def test_a_restore_of_another_table_is_not_taken_for_the_runs_own(organized: Lab, reached: Any) -> None:
    step, context, journal = reached("restore")
    started = organized.client("target", "backup").start_restore_job(
        RecoveryPointArn=journal.results["orders", "copy"]["arn"],
        IamRoleArn=step.vaults.role("target"),
        Metadata={"targetTableName": "another", "encryptionType": "Default"},
    )
    with pytest.raises(StepFailed, match=r"the restore job made '.*:table/another' instead of .*:table/orders"):
        journal.follow(context, step, {"job_id": started["RestoreJobId"]})
