"""After an interrupted start: the job that it began is taken up, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ddbtui.engine.step import Step
from ddbtui.methods.backup.jobs import BackupStep, CopyStep
from ddbtui.methods.base import RUN_TAG
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.lab import Context, Journal, Lab

KINDS = ["backup", "copy", "restore"]
SLOW = 1000


@pytest.fixture
def interrupted(organized: Lab) -> Any:
    """Carries a chain out up to a step; gives the step and its context."""

    def carry_out(name: str) -> tuple[Step, Context, Journal]:
        journal = Journal()
        step = journal.until(chains(moving(organized)), name)
        return step, journal.context("orders", step), journal

    return carry_out


@pytest.mark.parametrize("name", KINDS)
def test_what_nobody_began_is_not_found(interrupted: Any, name: str) -> None:
    step, context, _ = interrupted(name)
    assert step.find(context) is None


@pytest.mark.parametrize("name", KINDS)
def test_a_job_that_is_done_is_taken_up(organized: Lab, interrupted: Any, name: str) -> None:
    step, context, journal = interrupted(name)
    handle = step.start(context)
    organized.sandbox.state()
    assert step.find(context) == handle
    journal.follow(context, step, handle)
    assert step.find(context) == handle


@pytest.mark.parametrize("name", ["copy", "restore"])
def test_a_job_that_is_at_work_is_taken_up(organized: Lab, interrupted: Any, name: str) -> None:
    step, context, _ = interrupted(name)
    organized.tell("speed", speed=SLOW)
    handle = step.start(context)
    assert step.find(context) == handle


def test_a_backup_at_work_has_no_tag_yet_and_is_repeated_with_its_token(organized: Lab, interrupted: Any) -> None:
    step, context, _ = interrupted("backup")
    organized.tell("speed", speed=SLOW)
    handle = step.start(context)
    assert step.find(context) is None
    assert step.start(context) == handle


@pytest.mark.parametrize("name", KINDS)
def test_a_job_that_failed_is_not_taken_up(organized: Lab, interrupted: Any, name: str) -> None:
    step, context, _ = interrupted(name)
    organized.tell("job-faults", jobs=[{"job": name, "code": "FAILED", "message": "no"}])
    step.start(context)
    assert step.find(context) is None


@pytest.mark.parametrize("name", KINDS)
def test_a_job_from_before_the_intent_is_not_taken_up(interrupted: Any, name: str) -> None:
    step, context, journal = interrupted(name)
    step.start(context)
    journal.begun += timedelta(hours=1)
    assert step.find(context) is None


def test_the_backup_of_another_run_is_not_taken_up(organized: Lab, interrupted: Any) -> None:
    step, context, _ = interrupted("backup")
    assert isinstance(step, BackupStep)
    backup = organized.client("source", "backup")
    request: dict[str, Any] = {
        "BackupVaultName": VAULT,
        "ResourceArn": step.moving.table.arn,
        "IamRoleArn": step.vaults.role("source"),
    }
    backup.start_backup_job(**request, RecoveryPointTags={RUN_TAG: "another"})
    backup.start_backup_job(**request)
    assert step.find(context) is None


def test_a_backup_of_dynamodbs_own_is_not_taken_up(organized: Lab, interrupted: Any) -> None:
    step, context, _ = interrupted("backup")
    organized.client("source", "backup").update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    step.start(context)
    assert step.find(context) is None


def test_a_copy_into_another_vault_is_not_taken_up(organized: Lab, interrupted: Any) -> None:
    step, context, journal = interrupted("copy")
    assert isinstance(step, CopyStep)
    backup = organized.client("source", "backup")
    other = backup.create_backup_vault(BackupVaultName="another")["BackupVaultArn"]
    backup.start_copy_job(
        RecoveryPointArn=journal.results["orders", "backup"]["arn"],
        SourceBackupVaultName=VAULT,
        DestinationBackupVaultArn=other,
        IamRoleArn=step.vaults.role("source"),
    )
    assert step.find(context) is None


def test_a_restore_into_another_table_is_not_taken_up(organized: Lab, interrupted: Any) -> None:
    step, context, journal = interrupted("restore")
    organized.client("target", "backup").start_restore_job(
        RecoveryPointArn=journal.results["orders", "copy"]["arn"],
        IamRoleArn=step.vaults.role("target"),
        Metadata={"targetTableName": "another", "encryptionType": "Default"},
    )
    assert step.find(context) is None
