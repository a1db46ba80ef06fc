"""Copy jobs, within an account and across accounts, with all that AWS asks for on the way.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.job import BackupJob, earlier, job_named, jobs_of, matches
from ddbtui.sandbox.backup.keys import not_shared, unusable
from ddbtui.sandbox.backup.roles import linked_role, pass_role
from ddbtui.sandbox.backup.settings import is_cross_account
from ddbtui.sandbox.backup.state import DEFAULT, RecoveryPoint, Vault
from ddbtui.sandbox.backup.vaults import COPY_INTO, invalid, paged, vault_named
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.8
_FILTERS = {
    "resourceArn": "ResourceArn",
    "state": "State",
    "destinationVaultArn": "DestinationBackupVaultArn",
    "sourceRecoveryPointArn": "SourceRecoveryPointArn",
}
_DENIED = "Access Denied trying to call AWS Backup service"


def _failed(message: str) -> JobFailed:
    return JobFailed("FAILED", message)


class Copy(BackupJob):
    """One copy of a recovery point into another vault."""

    kind = "copy"

    def __init__(
        self, world: World, principal: Principal, role: Principal, point: RecoveryPoint, params: dict[str, Any]
    ) -> None:
        super().__init__(world, principal, role, point.vault.region, params, point.resource, SECONDS)
        self.reads, self.point = point, point
        self.destination = str(params["DestinationBackupVaultArn"])
        self.lifecycle = dict(params.get("Lifecycle") or {})
        self.made: RecoveryPoint | None = None
        self.made_by: str | None = None
        self.fault = world.faults.job_for("copy", point.table.name)

    def carry_out(self, world: World) -> None:
        """Check what AWS checks, then put the copy into the other vault."""
        if not self.point.advanced:
            message = "Copy job failed. The recovery point was created without advanced features for Amazon DynamoDB"
            raise _failed(f"{message} backups and cannot be copied.")
        account = self.destination.split(":")[4]
        if account != self.account:
            self._check_accounts(world, account)
        vault = world.backup.vault_of(self.destination)
        if vault is None:
            raise _failed(f"Copy job failed. Backup vault {self.destination} does not exist.")
        if account != self.account:
            self._check_vault(world, vault)
        refused = vault.refuses(self.lifecycle)
        if refused:
            raise _failed(f"Copy job failed. {refused}")
        reason = dependent(world, self.role, Use(COPY_INTO, vault.arn), "backup") or unusable(vault.key)
        if reason:
            raise _failed(f"{_DENIED}: {reason}")
        self._keep(world, vault)

    def _check_accounts(self, world: World, account: str) -> None:
        ours = world.organization_of(self.account)
        if ours is None or ours != world.organization_of(account):
            message = "Both source and destination account must be a member of the same organization"
            raise _failed(f"Copy job failed. {message}")
        if not is_cross_account(world, ours):
            message = "Cross-account backup is not enabled in the global settings of the organization."
            raise _failed(f"Copy job failed. {message}")

    def _check_vault(self, world: World, vault: Vault) -> None:
        if vault.name == DEFAULT:
            raise _failed("Copy job failed. The default backup vault cannot receive copies from another account.")
        if not world.backup.is_advanced(vault.account, vault.region):
            message = "Advanced features for Amazon DynamoDB backups are not enabled in the destination account."
            raise _failed(f"Copy job failed. {message}")
        linked = linked_role(vault.account)
        if linked is None:
            raise _failed(f"{_DENIED}: the destination account has no AWSServiceRoleForBackup")
        for key in (self.point.vault.key, vault.key):
            reason = not_shared(world, key, linked)
            if reason:
                raise _failed(f"Copy job failed. Insufficient privileges to use the KMS key: {reason}")

    def _keep(self, world: World, vault: Vault) -> None:
        arn = f"arn:aws:backup:{vault.region}:{vault.account}:recovery-point:{uuid4()}"
        self.made = RecoveryPoint(
            arn, vault, self.point.table, self.resource, self.role.iam_arn, self.started, world.now()
        )
        self.made.lifecycle, self.made.source_vault = self.lifecycle, self.point.vault.arn
        self.made.plan = self.plan
        vault.points[arn] = self.made
        world.backup.tags[arn] = dict(world.backup.tags.get(self.point.arn, {}))

    def describe(self, world: World) -> dict[str, Any]:
        """The members that AWS gives, empty ones left out."""
        vault = world.backup.vault_of(self.destination)
        data = {
            **self.common(world, "State"),
            "SourceBackupVaultArn": self.point.vault.arn,
            "SourceRecoveryPointArn": self.point.arn,
            "DestinationBackupVaultArn": self.destination,
            "DestinationVaultType": "BACKUP_VAULT",
            "DestinationRecoveryPointArn": self.made.arn if self.made else None,
            "DestinationRecoveryPointLifecycle": self.lifecycle or None,
            "DestinationEncryptionKeyArn": vault.key if vault and self.made else None,
            "ResourceArn": self.resource,
            "ResourceName": self.point.table.name,
            "BackupSizeInBytes": self.point.table.size if self.made else None,
            "CreatedByBackupJobId": self.made_by,
            "IsParent": False,
        }
        return {name: value for name, value in data.items() if value is not None}


def start_copy(world: World, call: Call, principal: Principal) -> Answer:
    """Start a copy, or tell of the one that this token started."""
    params = call.params
    job = earlier(world, Copy, principal, params)
    if job is None:
        vault = vault_named(world, call, principal, "SourceBackupVaultName")
        point = vault.points.get(str(params["RecoveryPointArn"]))
        if point is None:
            raise AwsError("ResourceNotFoundException", f"Recovery point {params['RecoveryPointArn']} not found", 404)
        if point.status != "COMPLETED":
            raise AwsError("InvalidRequestException", f"Recovery point {point.arn} is {point.status}")
        if ":backup-vault:" not in str(params["DestinationBackupVaultArn"]):
            raise invalid(f"Invalid backup vault ARN: {params['DestinationBackupVaultArn']}")
        role = pass_role(world, principal, str(params["IamRoleArn"]))
        job = Copy(world, principal, role, point, params)
        world.jobs.append(job)
    return json_answer({"CopyJobId": job.id, "CreationDate": job.started, "IsParent": False})


def describe_copy(world: World, call: Call, principal: Principal) -> Answer:
    """Describe one copy job."""
    return json_answer({"CopyJob": job_named(world, Copy, call, principal).describe(world)})


def list_copies(world: World, call: Call, principal: Principal) -> Answer:
    """List copy jobs, newest first, a page at a time."""
    rows = [job.describe(world) for job in jobs_of(world, Copy, principal.account, call.region)]
    return paged("CopyJobs", [row for row in rows if matches(row, call, _FILTERS)], call)
