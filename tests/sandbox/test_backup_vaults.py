"""Vaults, their policies and contents, and the switches of AWS Backup."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.backing_up import HERE, THERE, backup, copy, let_copy, make_role, ready, switch, vault_arn
from tests.sandbox.moving import arn_of
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, refused

AN_HOUR = 3600


def test_a_vault_is_made_once(fresh: TestSandbox) -> None:
    client = fresh.client("source", "backup")
    made = client.create_backup_vault(BackupVaultName="v1", CreatorRequestId="run-1", BackupVaultTags={"a": "b"})
    assert made["BackupVaultArn"] == vault_arn("v1", SOURCE)
    told = client.describe_backup_vault(BackupVaultName="v1")
    assert (told["CreatorRequestId"], told["NumberOfRecoveryPoints"], told["VaultState"]) == ("run-1", 0, "AVAILABLE")
    assert client.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"] == {"a": "b"}
    client.tag_resource(ResourceArn=made["BackupVaultArn"], Tags={"c": "d"})
    client.untag_resource(ResourceArn=made["BackupVaultArn"], TagKeyList=["a"])
    assert client.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"] == {"c": "d"}
    with refused("AlreadyExistsException") as held:
        client.create_backup_vault(BackupVaultName="v1", CreatorRequestId="run-1")
    assert held[0].response["CreatorRequestId"] == "run-1"
    names = [each["BackupVaultName"] for each in client.list_backup_vaults()["BackupVaultList"]]
    assert names == ["Default", "v1"]
    first = client.list_backup_vaults(MaxResults=1)
    assert client.list_backup_vaults(NextToken=first["NextToken"])["BackupVaultList"][0]["BackupVaultName"] == "v1"
    client.delete_backup_vault(BackupVaultName="v1")
    with refused("AccessDeniedException") as held:
        client.describe_backup_vault(BackupVaultName="v1")
    assert "Insufficient privileges to perform this action" in str(held[0])


def test_the_key_of_a_vault(fresh: TestSandbox) -> None:
    client, kms = fresh.client("source", "backup"), fresh.client("source", "kms")
    own = client.describe_backup_vault(BackupVaultName="Default")["EncryptionKeyArn"]
    assert kms.describe_key(KeyId=own)["KeyMetadata"]["KeyManager"] == "AWS"
    key = kms.create_key()["KeyMetadata"]["Arn"]
    allow = {"Effect": "Allow", "Action": ["backup:*", "backup-storage:MountCapsule"], "Resource": "*"}
    weak = fresh.client_of(fresh.role(SOURCE, "Vaults", [allow]), "backup")
    weak.create_backup_vault(BackupVaultName="plain")
    with refused("AccessDeniedException"):
        weak.create_backup_vault(BackupVaultName="sealed", EncryptionKeyArn=key)
    client.create_backup_vault(BackupVaultName="sealed", EncryptionKeyArn=key)
    assert client.describe_backup_vault(BackupVaultName="sealed")["EncryptionKeyArn"] == key
    used = {call["action"] for call in fresh.calls(via="backup", outcome="ok") if call["resource"] == key}
    assert used == {
        f"kms:{name}" for name in ("CreateGrant", "DescribeKey", "RetireGrant", "Decrypt", "GenerateDataKey")
    }
    kms.disable_key(KeyId=key)
    for wrong in (key, f"arn:aws:kms:eu-west-1:{SOURCE}:key/none"):
        with refused("InvalidParameterValueException"):
            client.create_backup_vault(BackupVaultName="more", EncryptionKeyArn=wrong)


def test_a_policy_can_be_put_read_and_removed(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("target", "backup")
    client.delete_backup_vault_access_policy(BackupVaultName=THERE)
    with refused("ResourceNotFoundException"):
        client.get_backup_vault_access_policy(BackupVaultName=THERE)
    let_copy(fresh)
    text = client.get_backup_vault_access_policy(BackupVaultName=THERE)["Policy"]
    assert json.loads(text)["Statement"][0]["Action"] == "backup:CopyIntoBackupVault"
    with refused("AccessDeniedException"):
        client.get_backup_vault_access_policy(BackupVaultName="there-is-none")


@pytest.mark.parametrize(
    "change",
    [
        {"Action": ["backup:CopyIntoBackupVault", "backup:StartRestoreJob"]},
        {"Action": "backup:*"},
        {"Action": "backup:DescribeBackupVault", "Principal": "*"},
        {"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:role/Nobody"}},
    ],
)
def test_other_accounts_can_be_let_copy_and_nothing_else(fresh: TestSandbox, change: dict[str, Any]) -> None:
    ready(fresh)
    with refused("InvalidParameterValueException"):
        let_copy(fresh, **change)
    with refused("InvalidParameterValueException"):
        fresh.client("target", "backup").put_backup_vault_access_policy(BackupVaultName=THERE, Policy="{")


def test_a_denial_in_the_policy_counts_for_the_owner(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("target", "backup")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteBackupVault", "Resource": "*"}
    client.put_backup_vault_access_policy(BackupVaultName=THERE, Policy=document(deny))
    with refused("AccessDeniedException"):
        client.delete_backup_vault(BackupVaultName=THERE)


def test_a_vault_goes_when_it_is_empty(fresh: TestSandbox) -> None:
    ready(fresh)
    point = backup(fresh, RecoveryPointTags={"run": "1"}, Lifecycle={"DeleteAfterDays": 14})
    client = fresh.client("source", "backup")
    told = client.describe_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)
    assert (told["Status"], told["Lifecycle"]["DeleteAfterDays"]) == ("COMPLETED", 14)
    assert (told["CalculatedLifecycle"]["DeleteAt"] - told["CreationDate"]).days == 14
    assert client.list_tags(ResourceArn=point)["Tags"] == {"run": "1"}
    for found in (
        client.list_recovery_points_by_backup_vault(BackupVaultName=HERE, ByResourceArn=arn_of("orders")),
        client.list_recovery_points_by_resource(ResourceArn=arn_of("orders")),
    ):
        assert [each["RecoveryPointArn"] for each in found["RecoveryPoints"]] == [point]
    other = client.list_recovery_points_by_backup_vault(BackupVaultName=HERE, ByResourceArn=arn_of("threads"))
    assert other["RecoveryPoints"] == []
    with refused("InvalidRequestException"):
        client.delete_backup_vault(BackupVaultName=HERE)
    client.delete_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)
    with refused("ResourceNotFoundException"):
        client.describe_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)
    client.delete_backup_vault(BackupVaultName=HERE)
    with refused("InvalidRequestException"):
        client.delete_backup_vault(BackupVaultName="Default")


def test_a_recovery_point_takes_a_while_to_go(fresh: TestSandbox) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/37774"""
    ready(fresh)
    point = backup(fresh)
    fresh.control("speed", speed=1000)
    client, named = fresh.client("source", "backup"), {"BackupVaultName": HERE, "RecoveryPointArn": point}
    client.delete_recovery_point(**named)
    assert client.describe_recovery_point(**named)["Status"] == "DELETING"
    with refused("InvalidResourceStateException"):
        client.delete_recovery_point(**named)
    with refused("InvalidRequestException"):
        client.delete_backup_vault(BackupVaultName=HERE)
    fresh.control("clock", seconds=AN_HOUR)
    client.delete_backup_vault(BackupVaultName=HERE)


def test_without_its_own_role_aws_backup_deletes_nothing(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html"""
    ready(fresh)
    client, iam = fresh.client("source", "backup"), fresh.client("source", "iam")
    named = {"BackupVaultName": HERE, "RecoveryPointArn": backup(fresh)}
    iam.delete_service_linked_role(RoleName="AWSServiceRoleForBackup")
    client.delete_recovery_point(**named)
    told = client.describe_recovery_point(**named)
    assert (told["Status"], "AWSServiceRoleForBackup" in told["StatusMessage"]) == ("EXPIRED", True)
    iam.create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    client.delete_recovery_point(**named)
    with refused("ResourceNotFoundException"):
        client.describe_recovery_point(**named)


def test_a_recovery_point_in_use_stays(fresh: TestSandbox) -> None:
    ready(fresh)
    point = backup(fresh)
    fresh.control("speed", speed=1000)
    client = fresh.client("source", "backup")
    client.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName=HERE,
        DestinationBackupVaultArn=vault_arn(THERE, TARGET),
        IamRoleArn=f"arn:aws:iam::{SOURCE}:role/Backups",
    )
    with refused("InvalidResourceStateException"):
        client.delete_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)


def test_a_copy_lives_on_by_itself(fresh: TestSandbox) -> None:
    ready(fresh)
    point = backup(fresh)
    copied = copy(fresh, point, Lifecycle={"DeleteAfterDays": 3})["DestinationRecoveryPointArn"]
    fresh.client("source", "backup").delete_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)
    told = fresh.client("target", "backup").describe_recovery_point(BackupVaultName=THERE, RecoveryPointArn=copied)
    assert (told["SourceBackupVaultArn"], told["ResourceArn"]) == (vault_arn(HERE, SOURCE), arn_of("orders"))
    assert told["Lifecycle"] == {"DeleteAfterDays": 3}


def test_the_management_account_alone_switches(fresh: TestSandbox) -> None:
    name = "isCrossAccountBackupEnabled"
    source, target = fresh.client("source", "backup"), fresh.client("target", "backup")
    assert source.describe_global_settings()["GlobalSettings"][name] == "false"
    with refused("InvalidRequestException"):
        source.update_global_settings(GlobalSettings={name: "true"})
    switch(fresh)
    assert target.describe_global_settings()["GlobalSettings"][name] == "true"
    fresh.control("organization", same=False)
    assert target.describe_global_settings()["GlobalSettings"][name] == "false"
    fresh.control("organization", same=None)
    with refused("InvalidRequestException"):
        target.describe_global_settings()
    with refused("AWSOrganizationsNotInUseException"):
        fresh.client("target", "organizations").describe_organization()


def test_features_are_told_by_the_organization(fresh: TestSandbox) -> None:
    assert _features(fresh) == "ALL"
    fresh.control("organization", same=True, features="CONSOLIDATED_BILLING")
    assert _features(fresh) == "CONSOLIDATED_BILLING"
    with refused("InvalidRequestException"):
        switch(fresh)


def _features(sandbox: TestSandbox) -> str:
    return str(sandbox.client("source", "organizations").describe_organization()["Organization"]["FeatureSet"])


def test_roles_are_missing_at_first_and_can_be_made(fresh: TestSandbox) -> None:
    iam = fresh.client("target", "iam")
    for name in ("AWSServiceRoleForBackup", "AWSBackupDefaultServiceRole"):
        with refused("NoSuchEntity"):
            iam.get_role(RoleName=name)
    iam.create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    arn = f"arn:aws:iam::{TARGET}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
    assert iam.get_role(RoleName="AWSServiceRoleForBackup")["Role"]["Arn"] == arn
    made = fresh.calls(action="iam:CreateServiceLinkedRole")
    assert [call["resource"] for call in made] == [arn]
    make_role(fresh, TARGET)
    attached = iam.list_attached_role_policies(RoleName="Backups")["AttachedPolicies"]
    assert {each["PolicyName"] for each in attached} == {
        "AWSBackupServiceRolePolicyForBackup",
        "AWSBackupServiceRolePolicyForRestores",
    }
    again = iam.list_attached_role_policies(RoleName="Backups")["AttachedPolicies"]
    assert again == attached


def test_the_demo_has_used_backup_before(fresh: TestSandbox) -> None:
    fresh.control("reset", seed="demo", speed=0)
    iam = fresh.client("source", "iam")
    assert iam.get_role(RoleName="AWSBackupDefaultServiceRole")["Role"]["Path"] == "/service-role/"


@pytest.mark.parametrize("kind", ["throttle", "denied", "error500"])
def test_calls_can_meet_faults(fresh: TestSandbox, kind: str) -> None:
    fresh.fault(kind, match={"service": "backup", "operation": "ListBackupVaults"})
    codes = {"throttle": "ThrottlingException", "denied": "AccessDeniedException", "error500": "InternalServerError"}
    with refused(codes[kind]):
        fresh.client("source", "backup").list_backup_vaults()
    assert fresh.client("source", "backup").list_backup_vaults()["BackupVaultList"]
