"""Logically air-gapped vaults and AWS RAM: the lock, direct backups, shares, invitations, restores across accounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.backing_up import HERE, advance, end_backup, make_role, restore, role_arn, start_backup, vault_arn
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document, items, refused, same_items

LOCKED = "locked"
LOCKED_ARN = vault_arn(LOCKED, SOURCE)
HOURS = 3600
DAYS = 24 * HOURS


@pytest.fixture
def apart(fresh: TestSandbox) -> TestSandbox:
    """Two organizations; an ordinary and a locked vault and a role in the source, a role in the target."""
    fresh.control("organization", same=False)
    advance(fresh, "source")
    fresh.client("source", "backup").create_backup_vault(BackupVaultName=HERE)
    make_locked(fresh)
    for account in (SOURCE, TARGET):
        make_role(fresh, account)
    return fresh


def make_locked(sandbox: TestSandbox, **changed: Any) -> dict[str, Any]:
    wanted = {"BackupVaultName": LOCKED, "MinRetentionDays": 7, "MaxRetentionDays": 30, **changed}
    made: dict[str, Any] = sandbox.client("source", "backup").create_logically_air_gapped_backup_vault(**wanted)
    return made


def back_up(sandbox: TestSandbox, days: int = 7) -> dict[str, Any]:
    more = {"LogicallyAirGappedBackupVaultArn": LOCKED_ARN, "Lifecycle": {"DeleteAfterDays": days}}
    return end_backup(sandbox, start_backup(sandbox, **more)["BackupJobId"])


def share(sandbox: TestSandbox, **changed: Any) -> str:
    wanted = {"name": "vault", "resourceArns": [LOCKED_ARN], "principals": [TARGET], **changed}
    return str(sandbox.client("source", "ram").create_resource_share(**wanted)["resourceShare"]["resourceShareArn"])


def invitation(sandbox: TestSandbox, profile: str = "target") -> dict[str, Any]:
    (found,) = sandbox.client(profile, "ram").get_resource_share_invitations()["resourceShareInvitations"]
    return dict(found)


def accept(sandbox: TestSandbox) -> None:
    arn = invitation(sandbox)["resourceShareInvitationArn"]
    sandbox.client("target", "ram").accept_resource_share_invitation(resourceShareInvitationArn=arn)


def test_a_vault_takes_a_moment_and_is_locked_from_birth(fresh: TestSandbox) -> None:
    fresh.control("speed", speed=1000)
    made = make_locked(fresh, CreatorRequestId="run-1", BackupVaultTags={"a": "b"})
    assert (made["VaultState"], made["BackupVaultArn"]) == ("CREATING", LOCKED_ARN)
    client = fresh.client("source", "backup")
    fresh.control("clock", seconds=1000)
    told = client.describe_backup_vault(BackupVaultName=LOCKED)
    assert (told["VaultState"], told["VaultType"]) == ("AVAILABLE", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    assert told["Locked"] is True
    assert (told["MinRetentionDays"], told["MaxRetentionDays"], told["CreatorRequestId"]) == (7, 30, "run-1")
    assert (told["EncryptionKeyType"], "EncryptionKeyArn" in told) == ("AWS_OWNED_KMS_KEY", False)
    with refused("AlreadyExistsException"):
        make_locked(fresh)
    listed = client.list_backup_vaults(ByVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")["BackupVaultList"]
    assert [vault["BackupVaultName"] for vault in listed] == [LOCKED]
    client.delete_backup_vault(BackupVaultName=LOCKED)


def test_less_than_seven_days_is_refused(fresh: TestSandbox) -> None:
    with refused("InvalidParameterValueException"):
        make_locked(fresh, MinRetentionDays=6)


def test_what_is_in_it_can_not_be_deleted_until_its_days_are_over(apart: TestSandbox) -> None:
    done = back_up(apart)
    assert (done["State"], done["BackupVaultArn"]) == ("COMPLETED", LOCKED_ARN)
    client, point = apart.client("source", "backup"), done["RecoveryPointArn"]
    assert client.list_recovery_points_by_backup_vault(BackupVaultName=HERE)["RecoveryPoints"] == []
    with refused("InvalidRequestException"):
        client.delete_recovery_point(BackupVaultName=LOCKED, RecoveryPointArn=point)
    with refused("InvalidRequestException"):
        client.delete_backup_vault(BackupVaultName=LOCKED)
    apart.control("clock", seconds=7 * DAYS)
    assert client.list_recovery_points_by_backup_vault(BackupVaultName=LOCKED)["RecoveryPoints"] == []
    client.delete_backup_vault(BackupVaultName=LOCKED)


@pytest.mark.parametrize("days", [1, 31])
def test_the_lock_refuses_other_retentions(apart: TestSandbox, days: int) -> None:
    failed = back_up(apart, days)
    assert (failed["State"], "7 to 30 days only" in failed["StatusMessage"]) == ("FAILED", True)


def test_without_advanced_features_the_backup_goes_into_the_ordinary_vault_only(apart: TestSandbox) -> None:
    settings = apart.client("source", "backup")
    settings.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    done = back_up(apart)
    assert done["BackupVaultArn"] == vault_arn(HERE, SOURCE)
    assert done["RecoveryPointArn"].startswith("arn:aws:dynamodb:")


def test_a_share_lets_the_other_account_read_and_restore_and_ends(apart: TestSandbox) -> None:
    point = back_up(apart)["RecoveryPointArn"]
    there = apart.client("target", "backup")
    given = {"BackupVaultName": LOCKED, "BackupVaultAccountId": SOURCE}
    with refused("AccessDeniedException") as held:
        there.describe_backup_vault(**given)
    assert "Insufficient privileges" in str(held[0])
    with refused("AccessDeniedException"):
        restore(apart, point)
    arn = share(apart)
    assert invitation(apart)["status"] == "PENDING"
    with refused("AccessDeniedException"):
        there.describe_backup_vault(**given)
    accept(apart)
    assert there.describe_backup_vault(**given)["BackupVaultArn"] == LOCKED_ARN
    with refused("AccessDeniedException"):
        there.describe_backup_vault(BackupVaultName=LOCKED)
    shared = there.list_backup_vaults(ByShared=True)["BackupVaultList"]
    assert [vault["BackupVaultArn"] for vault in shared] == [LOCKED_ARN]
    listed = there.list_recovery_points_by_backup_vault(**given)["RecoveryPoints"]
    assert [each["RecoveryPointArn"] for each in listed] == [point]
    with refused("AccessDeniedException"):
        there.get_recovery_point_restore_metadata(BackupVaultName=LOCKED, RecoveryPointArn=point)
    assert there.get_recovery_point_restore_metadata(**given, RecoveryPointArn=point)["RestoreMetadata"]
    with refused("AccessDeniedException"):
        there.delete_recovery_point(BackupVaultName=LOCKED, RecoveryPointArn=point)
    assert restore(apart, point)["Status"] == "COMPLETED"
    left = items(apart.client("source", "dynamodb"), "orders")
    assert same_items(left, items(apart.client("target", "dynamodb"), "restored"))
    apart.client("source", "ram").delete_resource_share(resourceShareArn=arn)
    with refused("AccessDeniedException"):
        there.describe_backup_vault(**given)


def test_the_key_of_a_shared_vault_must_let_the_restore_role_in(apart: TestSandbox) -> None:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html."""
    kms = apart.client("source", "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    apart.client("source", "backup").delete_backup_vault(BackupVaultName=LOCKED)
    make_locked(apart, EncryptionKeyArn=key)
    point = back_up(apart)["RecoveryPointArn"]
    share(apart)
    accept(apart)
    failed = restore(apart, point)
    assert (failed["Status"], f"does not allow kms:DescribeKey to {role_arn(TARGET)}" in failed["StatusMessage"]) == (
        "FAILED",
        True,
    )
    who = {"AWS": [f"arn:aws:iam::{account}:root" for account in (SOURCE, TARGET)]}
    allow = {"Effect": "Allow", "Principal": who, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(allow))
    assert restore(apart, point)["Status"] == "COMPLETED"


def test_an_invitation_expires_after_twelve_hours_and_can_be_rejected(apart: TestSandbox) -> None:
    first, ram = share(apart), apart.client("target", "ram")
    apart.control("clock", seconds=12 * HOURS)
    old = invitation(apart)
    assert old["status"] == "EXPIRED"
    with refused("ResourceShareInvitationExpiredException"):
        accept(apart)
    second = share(apart, name="again")
    listed = ram.get_resource_share_invitations(resourceShareArns=[second])["resourceShareInvitations"]
    assert [each["resourceShareArn"] for each in listed] == [second]
    assert second != first
    arn = listed[0]["resourceShareInvitationArn"]
    assert arn.startswith(f"arn:aws:ram:{REGION}:{SOURCE}:resource-share-invitation/")
    ram.reject_resource_share_invitation(resourceShareInvitationArn=arn)
    with refused("ResourceShareInvitationAlreadyRejectedException"):
        ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    with refused("ResourceShareInvitationArnNotFoundException"):
        apart.client("management", "ram").accept_resource_share_invitation(resourceShareInvitationArn=arn)


def test_a_token_makes_one_share(apart: TestSandbox) -> None:
    tags = [{"key": "ddbtui:run", "value": "r1"}]
    assert share(apart, clientToken="t", tags=tags) == share(apart, clientToken="t", tags=tags)
    with refused("IdempotentParameterMismatchException"):
        share(apart, clientToken="t", name="other")
    ram = apart.client("source", "ram")
    (told,) = ram.get_resource_shares(resourceOwner="SELF", name="vault")["resourceShares"]
    assert (told["status"], told["tags"], told["owningAccountId"]) == ("ACTIVE", tags, SOURCE)
    (vault,) = associations(ram, told["resourceShareArn"], "RESOURCE")
    (other,) = associations(ram, told["resourceShareArn"], "PRINCIPAL")
    assert (vault["associatedEntity"], vault["status"]) == (LOCKED_ARN, "ASSOCIATED")
    assert (other["associatedEntity"], other["status"], other["external"]) == (TARGET, "ASSOCIATING", True)
    accept(apart)
    assert associations(ram, told["resourceShareArn"], "PRINCIPAL")[0]["status"] == "ASSOCIATED"


def associations(ram: Any, arn: str, kind: str) -> list[dict[str, Any]]:
    found = ram.get_resource_share_associations(associationType=kind, resourceShareArns=[arn])
    return list(found["resourceShareAssociations"])


def test_within_an_organization_that_shares_nobody_is_invited(apart: TestSandbox) -> None:
    apart.control("organization", same=True, sharing=True)
    share(apart, allowExternalPrincipals=False)
    assert apart.client("target", "ram").get_resource_share_invitations()["resourceShareInvitations"] == []
    given = {"BackupVaultName": LOCKED, "BackupVaultAccountId": SOURCE}
    assert apart.client("target", "backup").describe_backup_vault(**given)["BackupVaultArn"] == LOCKED_ARN


def test_only_a_locked_vault_of_ones_own_can_be_shared_and_outsiders_must_be_allowed(apart: TestSandbox) -> None:
    with refused("OperationNotPermittedException"):
        share(apart, resourceArns=[vault_arn(HERE, SOURCE)])
    with refused("UnknownResourceException"):
        share(apart, resourceArns=[vault_arn(LOCKED, TARGET)])
    with refused("OperationNotPermittedException"):
        share(apart, allowExternalPrincipals=False)


def test_sharing_needs_the_permission_for_the_vaults_sharing_policy(apart: TestSandbox) -> None:
    iam = apart.client("source", "iam")
    allowed = ["ram:CreateResourceShare", "ram:TagResource"]
    session = apart.role(SOURCE, "Sharer", [{"Effect": "Allow", "Action": allowed, "Resource": "*"}])
    ram = apart.client_of(session, "ram")
    wanted: dict[str, Any] = {"name": "v", "resourceArns": [LOCKED_ARN], "principals": [TARGET]}
    with refused("OperationNotPermittedException"):
        ram.create_resource_share(**wanted)
    statement = {"Effect": "Allow", "Action": [*allowed, "backup:PutBackupVaultSharingPolicy"], "Resource": "*"}
    iam.put_role_policy(RoleName="Sharer", PolicyName="only", PolicyDocument=document(statement))
    ram.create_resource_share(**wanted)
    actions = {call["action"] for call in apart.calls(principal=f"arn:aws:iam::{SOURCE}:role/Sharer")}
    assert actions == {"ram:CreateResourceShare", "backup:PutBackupVaultSharingPolicy"}


def test_a_role_of_the_other_account_can_not_be_passed(apart: TestSandbox) -> None:
    point = back_up(apart)["RecoveryPointArn"]
    share(apart)
    accept(apart)
    with refused("AccessDeniedException"):
        restore(apart, point, IamRoleArn=role_arn(SOURCE))
