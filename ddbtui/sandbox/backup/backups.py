"""Backup jobs: StartBackupJob, and the same for backup plans.

https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup import tables as backup_tables
from ddbtui.sandbox.backup.air_gapped import direct_vault
from ddbtui.sandbox.backup.job import BackupJob, earlier, job_named, jobs_of, matches
from ddbtui.sandbox.backup.keys import unusable
from ddbtui.sandbox.backup.roles import missing_action, pass_role
from ddbtui.sandbox.backup.state import RecoveryPoint, Vault
from ddbtui.sandbox.backup.vaults import invalid, paged, vault_named
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb.tables import status_of
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.resources import find_table
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.6
_WINDOW_MINUTES = 480
_FILTERS = {"resourceArn": "ResourceArn", "state": "State", "backupVaultName": "BackupVaultName"}


class Backup(BackupJob):
    """One backup; its content is that at the time of the request."""

    kind = "backup"

    def __init__(
        self, world: World, principal: Principal, role: Principal, vault: Vault, table: Any, params: dict[str, Any]
    ) -> None:
        super().__init__(world, principal, role, vault.region, params, table.table_arn, SECONDS)
        self.vault, self.request = vault, params
        self.kept = backup_tables.take(world, table)
        self.advanced = world.backup.is_advanced(self.account, self.region)
        self.expires = self.started + 60 * int(params.get("StartWindowMinutes") or _WINDOW_MINUTES)
        name = f"arn:aws:backup:{self.region}:{self.account}:recovery-point:{uuid4()}"
        old_name = f"{table.table_arn}/backup/{int(world.now() * 1000):014d}-{uuid4().hex[:8]}"
        self.point_arn = name if self.advanced else old_name
        self.fault = world.faults.job_for("backup", table.name)

    def carry_out(self, world: World) -> None:
        """Check role and keys, then put the recovery point into the vault."""
        action = "dynamodb:StartAwsBackupJob" if self.advanced else "dynamodb:CreateBackup"
        missing = missing_action(world, self.role, Use(action, self.resource))
        if missing:
            message = f"IAM Role {self.role.iam_arn} does not have sufficient permissions to execute the backup"
            raise JobFailed("FAILED", f"{message}: {missing}")
        own_key = (self.kept.encryption or {}).get("KMSMasterKeyId")
        refused = self.vault.refuses(self.request.get("Lifecycle") or {})
        if refused:
            raise JobFailed("FAILED", f"Backup job failed: {refused}")
        for key in (self.vault.key, own_key):
            broken = unusable(key) if key else ""
            if broken:
                raise JobFailed("FAILED", f"Backup job failed: {broken}")
        if world.backup.vaults.get((self.account, self.region, self.vault.name)) is not self.vault:
            raise JobFailed("FAILED", "Backup job failed: the backup vault was deleted")
        self._keep(world, "COMPLETED")

    def fail(self, world: World, failure: JobFailed) -> None:
        """A partial backup is kept, a failed one is not."""
        if failure.code == "PARTIAL":
            self._keep(world, "PARTIAL")
        raise failure

    def _keep(self, world: World, status: str) -> None:
        point = RecoveryPoint(
            self.point_arn, self.vault, self.kept, self.resource, self.role.iam_arn, self.started, world.now(), status
        )
        point.lifecycle = dict(self.request.get("Lifecycle") or {})
        point.plan = self.plan
        self.vault.points[point.arn] = point
        own = {each["Key"]: each["Value"] for each in self.kept.tags} if self.advanced else {}
        world.backup.tags[point.arn] = {**own, **(self.request.get("RecoveryPointTags") or {})}

    def describe(self, world: World) -> dict[str, Any]:
        """The members that AWS gives, empty ones left out."""
        known = self.advanced or self.status in ("COMPLETED", "PARTIAL")
        data = {
            **self.common(world, "State"),
            "BackupVaultName": self.vault.name,
            "BackupVaultArn": self.vault.arn,
            "RecoveryPointArn": self.point_arn if known else None,
            "ResourceArn": self.resource,
            "ResourceName": self.kept.name,
            "PercentDone": self.percent(world),
            "BackupSizeInBytes": self.kept.size if self.status == "COMPLETED" else None,
            "BytesTransferred": int(self.kept.size * self.share(world)),
            "StartBy": self.expires,
            "EncryptionKeyArn": self.vault.key or None,
            "IsEncrypted": True,
            "IsParent": False,
            "InitiationDate": self.begun,
        }
        return {name: value for name, value in data.items() if value is not None}


def start_backup(world: World, call: Call, principal: Principal) -> Answer:
    """Start a backup, or tell of the one that this token started."""
    params = call.params
    job = earlier(world, Backup, principal, params)
    if job is None:
        vault = vault_named(world, call, principal)
        table = find_table(str(params["ResourceArn"]))
        if table is None or table.account_id != principal.account:
            raise AwsError("ResourceNotFoundException", f"Resource not found: {params['ResourceArn']}", 404)
        if not world.backup.is_opted_in(principal.account, call.region):
            message = "Resource type DynamoDB is not opted in for AWS Backup in this Region."
            raise AwsError("InvalidRequestException", message)
        if int(params.get("StartWindowMinutes") or _WINDOW_MINUTES) < 60:
            raise invalid("StartWindowMinutes must be at least 60")
        role = pass_role(world, principal, str(params["IamRoleArn"]))
        if status_of(world, table) == "CREATING":
            raise AwsError("InvalidRequestException", f"Table {table.name} is not ACTIVE")
        direct = direct_vault(world, call, principal)
        if direct and world.backup.is_advanced(principal.account, call.region):
            vault = direct  # a backup without advanced features goes into the ordinary vault only
        job = Backup(world, principal, role, vault, table, params)
        world.jobs.append(job)
    answer = {"BackupJobId": job.id, "CreationDate": job.started, "IsParent": False}
    return json_answer({**answer, "RecoveryPointArn": job.point_arn} if job.advanced else answer)


def describe_backup(world: World, call: Call, principal: Principal) -> Answer:
    """Describe one backup job."""
    return json_answer(job_named(world, Backup, call, principal).describe(world))


def list_backups(world: World, call: Call, principal: Principal) -> Answer:
    """List backup jobs, newest first, a page at a time."""
    rows = [job.describe(world) for job in jobs_of(world, Backup, principal.account, call.region)]
    return paged("BackupJobs", [row for row in rows if matches(row, call, _FILTERS)], call)


def stop_backup(world: World, call: Call, principal: Principal) -> Answer:
    """Stop a job that has not ended."""
    job = job_named(world, Backup, call, principal)
    if job.ended or job.status == "ABORTING":
        raise AwsError("InvalidRequestException", f"Backup job {job.id} is {job.status} and cannot be stopped.")
    if not job.fault or job.fault.lie != "unstoppable":
        job.status = "ABORTING"
    return json_answer({})
