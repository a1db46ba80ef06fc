"""What a run leaves in AWS Backup goes, can be removed again, and takes nothing of others with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.going import StillGoing
from ddbtui.methods.resources import remove
from ddbtui.plan.model import Side
from ddbtui.prerequisites.vault import VaultExists
from ddbtui.prerequisites.vault_policy import VaultPolicy
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.lab import IDS, Journal, Lab

AN_HOUR = 3600
ROLE = f"arn:aws:iam::{IDS['source']}:role/service-role/AWSBackupDefaultServiceRole"


def vault_of(lab: Lab, side: Side = "target") -> Resource:
    """Make a vault by its remedy; what was recorded."""
    recorded: list[Resource] = []
    VaultExists(moving(lab), side, VAULT, 7).apply(recorded.append)
    return recorded[0]


def backed_up(lab: Lab) -> tuple[Resource, Resource]:
    """A vault with a backup in it, both of one run."""
    journal = Journal()
    step = journal.until(chains(moving(lab)), "copy")
    assert step.name == "copy"
    found = {one.kind: one for one in journal.resources.values() if one.side == "source"}
    return found["vault"], found["recovery-point"]


def there(lab: Lab, side: Side = "target") -> bool:
    found = lab.client(side, "backup").list_backup_vaults()["BackupVaultList"]
    return VAULT in [one["BackupVaultName"] for one in found]


def test_a_vault_goes_once(organized: Lab) -> None:
    vault = vault_of(organized)
    for _ in range(2):
        remove(organized.account("target"), vault)
        assert not there(organized)


def test_a_vault_that_somebody_else_made_at_the_same_moment_stays(organized: Lab) -> None:
    backup = organized.client("target", "backup")
    recorded: list[Resource] = []

    def record(resource: Resource) -> None:
        recorded.append(resource)
        backup.create_backup_vault(BackupVaultName=VAULT)

    VaultExists(moving(organized), "target", VAULT, 7).apply(record)
    remove(organized.account("target"), recorded[0])
    assert there(organized)


def test_a_vault_with_something_in_it_stays(organized: Lab) -> None:
    vault, point = backed_up(organized)
    with pytest.raises(UserError, match="could not be removed: it has 1 recovery point") as refused:
        remove(organized.account("source"), vault)
    assert "Remove them" in refused.value.hint
    for _ in range(2):
        remove(organized.account("source"), point)
    remove(organized.account("source"), vault)
    assert not there(organized, "source")
    remove(organized.account("source"), point)


def test_what_aws_still_deletes_is_told(organized: Lab) -> None:
    vault, point = backed_up(organized)
    organized.tell("speed", speed=1000)
    for _ in range(2):
        with pytest.raises(StillGoing, match=r"still removes arn:aws:backup:\S+ in vault ddbtui"):
            remove(organized.account("source"), point)
        with pytest.raises(StillGoing, match="still removes 1 recovery point in vault ddbtui"):
            remove(organized.account("source"), vault)
    organized.tell("clock", seconds=AN_HOUR)
    for resource in (point, vault):
        remove(organized.account("source"), resource)
    assert not there(organized, "source")


def test_a_vault_that_aws_does_not_count_empty_yet_is_waited_for(organized: Lab) -> None:
    vault = vault_of(organized)
    organized.sandbox.fault("refused", match={"operation": "DeleteBackupVault"})
    with pytest.raises(StillGoing, match=r"what is in vault ddbtui \(InvalidRequestException"):
        remove(organized.account("target"), vault)
    remove(organized.account("target"), vault)
    assert not there(organized)


def test_what_aws_can_not_delete_is_told_and_can_be_tried_again(organized: Lab) -> None:
    _, point = backed_up(organized)
    iam = organized.client("source", "iam")
    iam.delete_service_linked_role(RoleName="AWSServiceRoleForBackup")
    for _ in range(2):
        with pytest.raises(UserError, match=r"was not deleted, but is EXPIRED .*AWSServiceRoleForBackup") as refused:
            remove(organized.account("source"), point)
        assert "create-service-linked-role" in refused.value.hint
    iam.create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    remove(organized.account("source"), point)
    backup = organized.client("source", "backup")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName=VAULT)["RecoveryPoints"] == []


def test_the_end_of_a_deletion_is_waited_for(organized: Lab) -> None:
    """One that ends EXPIRED is not asked for again and again."""
    _, point = backed_up(organized)
    organized.tell("speed", speed=1000)
    organized.client("source", "iam").delete_service_linked_role(RoleName="AWSServiceRoleForBackup")
    with pytest.raises(StillGoing):
        remove(organized.account("source"), point)
    organized.tell("clock", seconds=AN_HOUR)
    with pytest.raises(UserError, match="is EXPIRED") as refused:
        remove(organized.account("source"), point)
    assert not isinstance(refused.value, StillGoing)


def test_what_a_lock_keeps_is_told(organized: Lab) -> None:
    _, point = backed_up(organized)
    backup = organized.client("source", "backup")
    backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=7)
    with pytest.raises(UserError, match=r"could not be removed: .*Backup Vault Lock protects") as refused:
        remove(organized.account("source"), point)
    assert "until its days are over" in refused.value.hint


@pytest.mark.parametrize("kind", ["vault", "recovery-point"])
def test_a_removal_that_is_denied_says_so(organized: Lab, kind: str) -> None:
    resource = vault_of(organized, "source") if kind == "vault" else backed_up(organized)[1]
    operation = {"vault": "DeleteBackupVault", "recovery-point": "DeleteRecoveryPoint"}[kind]
    organized.sandbox.fault("denied", match={"operation": operation})
    with pytest.raises(ClientError, match="AccessDenied"):
        remove(organized.account("source"), resource)


@pytest.fixture
def statement(organized: Lab) -> Resource:
    """A vault with ddbtui's statement in its policy; what was recorded of the statement."""
    vault_of(organized)
    recorded: list[Resource] = []
    VaultPolicy(moving(organized), VAULT, "account", ROLE).apply(recorded.append)
    return recorded[0]


def policy(lab: Lab) -> Any:
    backup = lab.client("target", "backup")
    return json.loads(backup.get_backup_vault_access_policy(BackupVaultName=VAULT)["Policy"])


def test_a_policy_of_which_nothing_is_left_goes(organized: Lab, statement: Resource) -> None:
    for _ in range(2):
        remove(organized.account("target"), statement)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        policy(organized)
    organized.client("target", "backup").delete_backup_vault(BackupVaultName=VAULT)
    remove(organized.account("target"), statement)


def test_statements_of_others_stay(organized: Lab, statement: Resource) -> None:
    theirs = {**statement.data["statement"], "Sid": "Theirs"}
    text = json.dumps({**policy(organized), "Statement": [theirs, *policy(organized)["Statement"]]})
    organized.client("target", "backup").put_backup_vault_access_policy(BackupVaultName=VAULT, Policy=text)
    for _ in range(2):
        remove(organized.account("target"), statement)
        assert policy(organized)["Statement"] == [theirs]


def test_a_policy_that_may_not_be_seen_says_so(organized: Lab, statement: Resource) -> None:
    organized.sandbox.fault("denied", match={"operation": "GetBackupVaultAccessPolicy"})
    with pytest.raises(ClientError, match="AccessDenied"):
        remove(organized.account("target"), statement)
