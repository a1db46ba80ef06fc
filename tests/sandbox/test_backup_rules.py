"""What AWS Backup asks for before it copies or restores across accounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.backing_up import (
    HERE,
    THERE,
    advance,
    backup,
    copy,
    end_backup,
    let_copy,
    make_role,
    ready,
    restore,
    role_arn,
    start_backup,
    switch,
    vault_arn,
)
from tests.sandbox.moving import arn_of
from tests.sandbox.test_backup import make_everything
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, refused

ORGANIZATION = "o-sandbox0001"
KEY_USES = ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:Encrypt"]


def make_key(sandbox: TestSandbox, profile: str) -> str:
    return str(sandbox.client(profile, "kms").create_key()["KeyMetadata"]["Arn"])


def share_key(sandbox: TestSandbox, key: str, *, grants: bool = True) -> None:
    kms = sandbox.client("source", "kms")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    there = {"AWS": f"arn:aws:iam::{TARGET}:root"}
    policy["Statement"].append({"Effect": "Allow", "Principal": there, "Action": KEY_USES, "Resource": "*"})
    if grants:
        condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        grant = {"Effect": "Allow", "Principal": there, "Action": "kms:CreateGrant", "Resource": "*"}
        policy["Statement"].append({**grant, "Condition": condition})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))


def test_without_advanced_features_there_is_nothing_to_copy(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("source", "backup")
    client.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    started = start_backup(fresh)
    assert "RecoveryPointArn" not in started
    point = end_backup(fresh, started["BackupJobId"])["RecoveryPointArn"]
    assert point.startswith(f"{arn_of('orders')}/backup/")
    assert client.describe_recovery_point(BackupVaultName=HERE, RecoveryPointArn=point)["Status"] == "COMPLETED"
    advance(fresh, "source")
    failed = copy(fresh, point)
    assert (failed["State"], "without advanced features" in failed["StatusMessage"]) == ("FAILED", True)


def test_dynamodb_must_be_opted_in(fresh: TestSandbox) -> None:
    ready(fresh)
    client = fresh.client("source", "backup")
    client.update_region_settings(ResourceTypeOptInPreference={"DynamoDB": False})
    told = client.describe_region_settings()
    assert told["ResourceTypeOptInPreference"]["DynamoDB"] is False
    assert told["ResourceTypeManagementPreference"]["DynamoDB"] is True
    with refused("InvalidRequestException"):
        start_backup(fresh)


def _split(sandbox: TestSandbox) -> None:
    sandbox.control("organization", same=False)


def _switch_off(sandbox: TestSandbox) -> None:
    switch(sandbox, "false")


def _no_policy(sandbox: TestSandbox) -> None:
    sandbox.client("target", "backup").delete_backup_vault_access_policy(BackupVaultName=THERE)


def _other_account(sandbox: TestSandbox) -> None:
    let_copy(sandbox, Principal={"AWS": "arn:aws:iam::333333333333:root"})


def _other_organization(sandbox: TestSandbox) -> None:
    let_copy(sandbox, Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-sandbox0002"}})


def _no_linked_role(sandbox: TestSandbox) -> None:
    sandbox.client("target", "iam").delete_service_linked_role(RoleName="AWSServiceRoleForBackup")


def _not_advanced(sandbox: TestSandbox) -> None:
    sandbox.client("target", "backup").update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})


def _no_rights(sandbox: TestSandbox) -> None:
    name = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    sandbox.client("source", "iam").detach_role_policy(RoleName="Backups", PolicyArn=name)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_split, "Both source and destination account must be a member of the same organization"),
        (_switch_off, "Cross-account backup is not enabled"),
        (_no_policy, "Access Denied trying to call AWS Backup service"),
        (_other_account, "Access Denied trying to call AWS Backup service"),
        (_other_organization, "Access Denied trying to call AWS Backup service"),
        (_no_linked_role, "Access Denied trying to call AWS Backup service"),
        (_not_advanced, "not enabled in the destination account"),
        (_no_rights, "no identity-based policy allows the backup:CopyIntoBackupVault"),
    ],
)
def test_a_copy_fails_for_its_own_reason(
    fresh: TestSandbox, spoil: Callable[[TestSandbox], None], message: str
) -> None:
    ready(fresh)
    point = backup(fresh)
    spoil(fresh)
    failed = copy(fresh, point)
    assert failed["State"] == "FAILED"
    assert message in failed["StatusMessage"]
    assert fresh.client("target", "backup").describe_backup_vault(BackupVaultName=THERE)["NumberOfRecoveryPoints"] == 0


def test_the_organization_can_be_let_in_as_a_whole(fresh: TestSandbox) -> None:
    ready(fresh)
    let_copy(fresh, Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": [ORGANIZATION]}})
    assert copy(fresh, backup(fresh))["State"] == "COMPLETED"


@pytest.mark.parametrize("name", ["Default", "there-is-none"])
def test_where_no_copy_can_go(fresh: TestSandbox, name: str) -> None:
    ready(fresh)
    failed = copy(fresh, backup(fresh), DestinationBackupVaultArn=vault_arn(name, TARGET))
    assert failed["State"] == "FAILED"


def test_a_customers_key_of_the_source_must_be_shared(fresh: TestSandbox) -> None:
    key = make_key(fresh, "source")
    ready(fresh, here_key=key, there_key=make_key(fresh, "target"))
    point = backup(fresh)
    failed = copy(fresh, point)
    assert (failed["State"], key in failed["StatusMessage"]) == ("FAILED", True)
    share_key(fresh, key, grants=False)
    failed = copy(fresh, point)
    assert "kms:CreateGrant" in failed["StatusMessage"]
    share_key(fresh, key)
    copied = copy(fresh, point)
    assert copied["State"] == "COMPLETED", copied
    fresh.client("source", "kms").disable_key(KeyId=key)
    assert "is disabled" in copy(fresh, point)["StatusMessage"]
    assert restore(fresh, copied["DestinationRecoveryPointArn"])["Status"] == "COMPLETED"


def test_a_disabled_key_of_the_target(fresh: TestSandbox) -> None:
    key = make_key(fresh, "target")
    ready(fresh, there_key=key)
    fresh.client("target", "kms").disable_key(KeyId=key)
    assert "is disabled" in copy(fresh, backup(fresh))["StatusMessage"]


def _restored(sandbox: TestSandbox, point: str, **metadata: Any) -> dict[str, Any]:
    return restore(sandbox, point, metadata=metadata)


def test_without_an_encryption_type_the_key_of_the_original_is_used(fresh: TestSandbox) -> None:
    ready(fresh)
    key = make_key(fresh, "source")
    fresh.client("source", "dynamodb").update_table(
        TableName="orders", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    )
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    failed = _restored(fresh, point, encryptionType=None)
    assert (failed["Status"], key in failed["StatusMessage"]) == ("FAILED", True)
    told = fresh.client("target", "backup").get_recovery_point_restore_metadata(
        BackupVaultName=THERE, RecoveryPointArn=point
    )["RestoreMetadata"]
    assert told == {"originalTableName": "orders", "encryptionType": "KMS", "kmsMasterKeyArn": key}
    assert _restored(fresh, point)["Status"] == "COMPLETED"


def test_the_restored_table_can_take_a_key(fresh: TestSandbox) -> None:
    ready(fresh)
    key = make_key(fresh, "target")
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    foreign = _restored(fresh, point, encryptionType="KMS", kmsMasterKeyArn=make_key(fresh, "source"))
    assert foreign["Status"] == "FAILED"
    assert _restored(fresh, point, encryptionType="KMS", kmsMasterKeyArn=key)["Status"] == "COMPLETED"
    told = fresh.client("target", "dynamodb").describe_table(TableName="restored")["Table"]["SSEDescription"]
    assert told["KMSMasterKeyArn"] == key


def test_a_table_of_that_name_is_not_touched(fresh: TestSandbox) -> None:
    ready(fresh)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    restore(fresh, point)
    failed = restore(fresh, point)
    assert (failed["Status"], failed["StatusMessage"]) == ("FAILED", "Table already exists: restored")
    assert fresh.client("target", "dynamodb").describe_table(TableName="restored")["Table"]["ItemCount"] == 30


@pytest.mark.parametrize(
    "metadata",
    [
        {"targetTableName": None},
        {"encryptionType": "AES"},
        {"billingMode": "PROVISIONED"},
        {"originalTableName": "orders"},
    ],
)
def test_what_a_restore_does_not_take(fresh: TestSandbox, metadata: dict[str, Any]) -> None:
    ready(fresh)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    with refused("InvalidParameterValueException"):
        _restored(fresh, point, **metadata)


def test_the_source_cannot_restore_what_is_in_the_target(fresh: TestSandbox) -> None:
    ready(fresh)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    with refused("AccessDeniedException"):
        fresh.client("source", "backup").start_restore_job(
            RecoveryPointArn=point, IamRoleArn=role_arn(SOURCE), Metadata={"targetTableName": "back"}
        )


def test_roles_must_exist_trust_and_be_passable(fresh: TestSandbox) -> None:
    ready(fresh)
    with refused("InvalidParameterValueException"):
        start_backup(fresh, IamRoleArn=role_arn(SOURCE, "Nobody"))
    with refused("InvalidParameterValueException"):
        fresh.role(SOURCE, "Human")
        start_backup(fresh, IamRoleArn=role_arn(SOURCE, "Human"))
    with refused("AccessDeniedException"):
        start_backup(fresh, IamRoleArn=role_arn(TARGET))
    session = fresh.role(SOURCE, "Starter", [{"Effect": "Allow", "Action": "backup:*", "Resource": "*"}])
    request = {"BackupVaultName": HERE, "ResourceArn": arn_of("orders"), "IamRoleArn": role_arn(SOURCE)}
    with refused("AccessDeniedException") as held:
        fresh.client_of(session, "backup").start_backup_job(**request)
    assert "iam:PassRole" in str(held[0])
    condition = {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    allow = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role_arn(SOURCE), "Condition": condition}
    fresh.client("source", "iam").put_role_policy(RoleName="Starter", PolicyName="pass", PolicyDocument=document(allow))
    fresh.client_of(session, "backup").start_backup_job(**request)
    passed = fresh.calls(action="iam:PassRole", principal=role_arn(SOURCE, "Starter"))
    assert [(call["resource"], call["outcome"]) for call in passed] == [
        (role_arn(SOURCE), "AccessDenied"),
        (role_arn(SOURCE), "ok"),
    ]


def test_a_new_role_takes_a_while_to_be_known(fresh: TestSandbox) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/9297"""
    ready(fresh)
    fresh.control("propagation", seconds=3600)
    with refused("InvalidParameterValueException") as held:
        start_backup(fresh)
    assert "cannot be assumed by AWS Backup" in str(held[0])
    fresh.control("clock", seconds=3600)
    start_backup(fresh)


def test_a_role_without_rights_fails_the_job(fresh: TestSandbox) -> None:
    ready(fresh)
    weak = make_role(fresh, SOURCE, "Weak", policies=())
    failed = end_backup(fresh, start_backup(fresh, IamRoleArn=weak)["BackupJobId"])
    assert (failed["State"], "sufficient permissions" in failed["StatusMessage"]) == ("FAILED", True)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    weak = make_role(fresh, TARGET, "Weak", policies=())
    failed = restore(fresh, point, IamRoleArn=weak)
    assert (failed["Status"], "sufficient permissions" in failed["StatusMessage"]) == ("FAILED", True)


def test_what_is_not_there(fresh: TestSandbox) -> None:
    ready(fresh)
    make_everything(fresh)
    with refused("ResourceNotFoundException"):
        start_backup(fresh, "nothing")
    with refused("ResourceNotFoundException"):
        fresh.client("source", "backup").describe_copy_job(CopyJobId="X")
    with refused("ResourceNotFoundException"):
        copy(fresh, "arn:aws:backup:eu-west-1:111111111111:recovery-point:none")
