"""Vault Lock: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.backing_up import HERE, THERE, backup, copy, end_backup, ready, start_backup
from tests.support.sandbox import TestSandbox, refused

A_DAY = 86_400


@pytest.fixture
def locked(fresh: TestSandbox) -> Any:
    ready(fresh)
    client = fresh.client("source", "backup")
    client.put_backup_vault_lock_configuration(BackupVaultName=HERE, MinRetentionDays=7, MaxRetentionDays=30)
    return client


def test_what_lies_in_it_stays_until_the_lock_goes(fresh: TestSandbox, locked: Any) -> None:
    told = locked.describe_backup_vault(BackupVaultName=HERE)
    assert (told["Locked"], told["MinRetentionDays"], told["MaxRetentionDays"]) == (True, 7, 30)
    point = backup(fresh, Lifecycle={"DeleteAfterDays": 7})
    with refused("InvalidRequestException"):
        locked.delete_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)
    locked.delete_backup_vault_lock_configuration(BackupVaultName=HERE)
    locked.delete_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)


@pytest.mark.parametrize("days", [6, 31])
def test_backups_of_another_retention_fail(fresh: TestSandbox, locked: Any, days: int) -> None:
    done = end_backup(fresh, start_backup(fresh, Lifecycle={"DeleteAfterDays": days})["BackupJobId"])
    assert (done["State"], "lock takes backups of 7 to 30 days" in done["StatusMessage"]) == ("FAILED", True)


def test_copies_of_another_retention_fail(fresh: TestSandbox, locked: Any) -> None:
    point = backup(fresh, Lifecycle={"DeleteAfterDays": 7})
    there = fresh.client("target", "backup")
    there.put_backup_vault_lock_configuration(BackupVaultName=THERE, MinRetentionDays=8)
    done = copy(fresh, point, Lifecycle={"DeleteAfterDays": 7})
    assert (done["State"], "lock takes backups of 8" in done["StatusMessage"]) == ("FAILED", True)
    assert copy(fresh, point, Lifecycle={"DeleteAfterDays": 8})["State"] == "COMPLETED"


def test_once_it_is_for_good_nobody_takes_it_away(fresh: TestSandbox, locked: Any) -> None:
    locked.put_backup_vault_lock_configuration(BackupVaultName=HERE, MinRetentionDays=7, ChangeableForDays=3)
    locked.put_backup_vault_lock_configuration(BackupVaultName=HERE, MinRetentionDays=8, ChangeableForDays=3)
    assert "LockDate" in locked.describe_backup_vault(BackupVaultName=HERE)
    fresh.control("clock", seconds=3 * A_DAY)
    with refused("InvalidRequestException"):
        locked.delete_backup_vault_lock_configuration(BackupVaultName=HERE)
    with refused("InvalidRequestException"):
        locked.put_backup_vault_lock_configuration(BackupVaultName=HERE, MinRetentionDays=1)


@pytest.mark.parametrize(
    "wrong", [{"MinRetentionDays": 9, "MaxRetentionDays": 8}, {"MinRetentionDays": 7, "ChangeableForDays": 2}], ids=str
)
def test_a_lock_that_can_not_be_is_refused(locked: Any, wrong: dict[str, int]) -> None:
    with refused("InvalidParameterValueException"):
        locked.put_backup_vault_lock_configuration(BackupVaultName=HERE, **wrong)
