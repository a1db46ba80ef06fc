"""Recovery points: what they are told as, and how they go away."""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.roles import LINKED_ROLE, linked_role
from ddbtui.sandbox.backup.state import RecoveryPoint
from ddbtui.sandbox.backup.vaults import invalid, paged, vault_named, vault_seen
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

DELETION_SECONDS = 0.5


def describe(point: RecoveryPoint) -> dict[str, Any]:
    """The members that AWS gives, empty ones left out."""
    data = {
        "RecoveryPointArn": point.arn,
        "BackupVaultName": point.vault.name,
        "BackupVaultArn": point.vault.arn,
        "SourceBackupVaultArn": point.source_vault,
        "ResourceArn": point.resource,
        "ResourceType": "DynamoDB",
        "ResourceName": point.table.name,
        "IamRoleArn": point.role,
        "CreatedBy": point.plan,
        "Status": point.status,
        "StatusMessage": point.message,
        "CreationDate": point.created,
        "InitiationDate": point.created,
        "CompletionDate": point.completed,
        "BackupSizeInBytes": point.table.size,
        "Lifecycle": point.lifecycle or None,
        "CalculatedLifecycle": {"DeleteAt": point.ends} if point.ends is not None else None,
        "EncryptionKeyArn": point.vault.key or None,
        "IsEncrypted": True,
        "IsParent": False,
        "VaultType": point.vault.kind,
    }
    return {name: value for name, value in data.items() if value is not None}


def point_named(world: World, call: Call, principal: Principal) -> RecoveryPoint:
    """The recovery point in the named vault.

    Raises:
        AwsError: there is none.
    """
    vault = vault_seen(world, call, principal)
    arn = str(call.params["RecoveryPointArn"])
    if arn not in vault.points:
        raise AwsError("ResourceNotFoundException", f"Recovery point {arn} not found in vault {vault.name}", 404)
    return vault.points[arn]


def describe_point(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a recovery point."""
    return json_answer(describe(point_named(world, call, principal)))


def list_by_vault(world: World, call: Call, principal: Principal) -> Answer:
    """List what is in a vault, newest first."""
    points = vault_seen(world, call, principal).points.values()
    rows = [describe(each) for each in points if call.params.get("resourceArn") in (None, each.resource)]
    return paged("RecoveryPoints", rows[::-1], call)


def list_by_resource(world: World, call: Call, principal: Principal) -> Answer:
    """List an account's recovery points of a table."""
    arn = call.params["ResourceArn"]
    kept = ("RecoveryPointArn", "BackupVaultName", "Status", "CreationDate", "EncryptionKeyArn", "IsParent")
    rows = []
    for point in world.backup.points(principal.account, call.region):
        if point.resource == arn:
            told = describe(point)
            rows.append({**{name: told[name] for name in kept}, "BackupSizeBytes": point.table.size})
    return paged("RecoveryPoints", rows, call)


def delete_point(world: World, call: Call, principal: Principal) -> Answer:
    """Begin to delete a recovery point that no job is reading. AWS Backup does it in its own role.

    Without the role it is EXPIRED; when that shows, and the message, are inferred. DELETING takes a while:
    https://github.com/hashicorp/terraform-provider-aws/issues/37774
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
    https://docs.aws.amazon.com/aws-backup/latest/devguide/using-service-linked-roles-AWSServiceRoleForBackup.html
    """
    point = point_named(world, call, principal)
    vault_named(world, call, principal)
    busy = [job for job in world.jobs if not job.ended and getattr(job, "reads", None) is point]
    if busy or point.status in ("CREATING", "DELETING"):
        message = f"Recovery point {point.arn} is in use and cannot be deleted."
        raise AwsError("InvalidResourceStateException", message)
    if point.vault.days:
        message = f"Recovery point {point.arn} cannot be deleted: Backup Vault Lock protects {point.vault.name}."
        raise AwsError("InvalidRequestException", message)
    point.undeletable = (
        "" if linked_role(principal.account) else f"{LINKED_ROLE} does not exist, which deletes backups."
    )
    point.status, point.message, point.gone = "DELETING", None, world.after(DELETION_SECONDS)
    return json_answer({})


def restore_metadata(world: World, call: Call, principal: Principal) -> Answer:
    """What a restore would start from."""
    point = point_named(world, call, principal)
    if point.status not in ("COMPLETED", "AVAILABLE"):
        raise invalid(f"Recovery point {point.arn} is {point.status}")
    encryption = point.table.encryption or {}
    metadata = {"originalTableName": point.table.name, "encryptionType": "Default"}
    if encryption.get("Enabled"):
        metadata["encryptionType"] = "KMS"
        metadata["kmsMasterKeyArn"] = str(encryption.get("KMSMasterKeyId", ""))
    answer = {"BackupVaultArn": point.vault.arn, "RecoveryPointArn": point.arn, "ResourceType": "DynamoDB"}
    return json_answer({**answer, "RestoreMetadata": metadata})
