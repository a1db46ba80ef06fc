"""Restore jobs: a table out of a recovery point.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup import tables as backup_tables
from ddbtui.sandbox.backup.job import BackupJob, earlier, job_named, jobs_of, matches
from ddbtui.sandbox.backup.keys import not_shared, refused_to
from ddbtui.sandbox.backup.roles import missing_action, pass_role
from ddbtui.sandbox.backup.state import RecoveryPoint
from ddbtui.sandbox.backup.vaults import invalid, paged
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb.tables import backend
from ddbtui.sandbox.iam.actions import table_arn
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.resources import find_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.8
_KNOWN = {
    name.lower(): name for name in ("targetTableName", "encryptionType", "kmsMasterKeyArn", "aws:backup:request-id")
}
"""All that AWS documents. That it refuses others, even those that GetRecoveryPointRestoreMetadata tells, is inferred:
restores of Aurora DSQL do.
"""


class Restore(BackupJob):
    """One restore. The table is there, CREATING, as soon as it runs."""

    kind = "restore"
    first = "PENDING"
    exclusive = False

    def __init__(
        self,
        world: World,
        principal: Principal,
        role: Principal,
        point: RecoveryPoint,
        params: dict[str, Any],
        metadata: dict[str, str],
    ) -> None:
        super().__init__(world, principal, role, point.vault.region, params, point.resource, SECONDS)
        self.reads, self.point, self.metadata = point, point, metadata
        self.tags = bool(params.get("CopySourceTagsToRestoredResource"))
        self.table: Any = None
        self.fault = world.faults.job_for("restore", metadata["targetTableName"])

    def begin(self, world: World) -> None:
        """Check role, name and key, and make the empty table."""
        name = self.metadata["targetTableName"]
        if name in backend(self.account, self.region).tables:
            raise JobFailed("FAILED", f"Table already exists: {name}")
        uses = [Use("dynamodb:RestoreTableFromAwsBackup", table_arn(name, self.region, self.account))]
        if self.tags:
            uses.append(Use("dynamodb:TagResource", uses[0].resource))
        missing = missing_action(world, self.role, *uses)
        if missing:
            message = f"IAM Role {self.role.iam_arn} does not have sufficient permissions to execute the restore"
            raise JobFailed("FAILED", f"{message}: {missing}")
        self._open_vault(world)
        encryption = self._encryption(world)
        self.table = backup_tables.begin_restore(self.point.table, name, self.account, self.region, encryption)

    def _open_vault(self, world: World) -> None:
        """A vault of another account is shared, and its key, if that is the customer's, must let the role in, too."""
        vault = self.point.vault
        reason = not_shared(world, vault.key, self.role) if vault.key and vault.account != self.account else ""
        if reason:
            raise JobFailed("FAILED", f"Insufficient privileges to use the KMS key of the vault: {reason}")

    def _encryption(self, world: World) -> dict[str, Any] | None:
        """Without an encryption type, the restored table takes the key of the original."""
        kind, key = self.metadata.get("encryptionType"), self.metadata.get("kmsMasterKeyArn")
        if kind is None:
            held = self.point.table.encryption or {}
            key = held.get("KMSMasterKeyId")
            if not held.get("Enabled"):
                return None
            key = key or f"arn:aws:kms:{self.region}:{self.point.table.account}:alias/aws/dynamodb"
        elif kind == "Default":
            return None
        key = key or f"arn:aws:kms:{self.region}:{self.account}:alias/aws/dynamodb"
        reason = refused_to(world, key, self.role)
        if reason:
            raise JobFailed("FAILED", f"KMS key access denied: {reason}")
        return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": str(find_key(key).arn)}

    def undo(self, world: World) -> None:
        """A failed restore leaves no table."""
        tables = backend(self.account, self.region).tables
        if self.table is not None and tables.get(self.table.name) is self.table:
            del tables[self.table.name]

    def carry_out(self, world: World) -> None:
        """Fill the table; a fault may make it differ."""
        lie = self.fault.lie if self.fault else ""
        backup_tables.finish_restore(self.point.table, self.table, tags=self.tags, lie=lie)

    def describe(self, world: World) -> dict[str, Any]:
        """The members that AWS gives, empty ones left out."""
        done = self.status == "COMPLETED"
        data = {
            **self.common(world, "Status"),
            "RecoveryPointArn": self.point.arn,
            "SourceResourceArn": self.resource,
            "BackupVaultArn": self.point.vault.arn,
            "PercentDone": f"{100 * self.share(world):.2f}%",
            "BackupSizeInBytes": self.point.table.size,
            "CreatedResourceArn": self.table.table_arn if done else None,
            "RecoveryPointCreationDate": self.point.created,
            "IsParent": False,
        }
        return {name: value for name, value in data.items() if value is not None}


def start_restore(world: World, call: Call, principal: Principal) -> Answer:
    """Start a restore, or tell of the one that this token started."""
    params = call.params
    job = earlier(world, Restore, principal, params)
    if job is None:
        arn = str(params["RecoveryPointArn"])
        point = world.backup.find_point(arn, principal.account, call.region)
        point = point or world.backup.find_shared_point(arn, principal.account, call.region, world.now())
        if point is None and arn.split(":")[4:5] != [principal.account]:
            raise AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
        if point is None:
            raise AwsError("ResourceNotFoundException", f"Recovery point {arn} not found", 404)
        if point.status != "COMPLETED":
            raise AwsError("InvalidRequestException", f"Recovery point {arn} is {point.status}")
        if params.get("ResourceType", "DynamoDB") != "DynamoDB":
            raise invalid(f"Recovery point {arn} is not of resource type {params['ResourceType']}")
        metadata = _metadata(params.get("Metadata") or {})
        if "IamRoleArn" not in params:
            raise AwsError("MissingParameterValueException", "IamRoleArn is missing")
        role = pass_role(world, principal, str(params["IamRoleArn"]))
        job = Restore(world, principal, role, point, params, metadata)
        world.jobs.append(job)
    return json_answer({"RestoreJobId": job.id})


def _metadata(given: dict[str, str]) -> dict[str, str]:
    metadata = {}
    for name, value in given.items():
        if name.lower() not in _KNOWN:
            raise invalid(f"Invalid restore metadata: {name}")
        metadata[_KNOWN[name.lower()]] = value
    if not metadata.get("targetTableName"):
        raise invalid("Restore metadata targetTableName is missing")
    if metadata.get("encryptionType", "Default") not in ("Default", "KMS"):
        raise invalid(f"Invalid encryptionType: {metadata['encryptionType']}")
    if metadata.get("encryptionType") != "KMS" and "kmsMasterKeyArn" in metadata:
        raise invalid("kmsMasterKeyArn needs encryptionType KMS")
    return metadata


def describe_restore(world: World, call: Call, principal: Principal) -> Answer:
    """Describe one restore job."""
    return json_answer(job_named(world, Restore, call, principal).describe(world))


def metadata_of_job(world: World, call: Call, principal: Principal) -> Answer:
    """Say with what a restore was started."""
    job = job_named(world, Restore, call, principal)
    return json_answer({"RestoreJobId": job.id, "Metadata": job.metadata})


def list_restores(world: World, call: Call, principal: Principal) -> Answer:
    """List restore jobs, newest first, a page at a time."""
    rows = [job.describe(world) for job in jobs_of(world, Restore, principal.account, call.region)]
    return paged("RestoreJobs", [row for row in rows if matches(row, call, {"status": "Status"})], call)
