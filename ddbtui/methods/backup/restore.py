"""Restore a copied backup into a new table of the target account.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ddbtui.aws.access import Access
from ddbtui.aws.inventory import find_table
from ddbtui.engine.step import Json, Resource, StepContext, StepFailed
from ddbtui.methods.backup.finding import restore_job
from ddbtui.methods.backup.jobs import JobStep
from ddbtui.methods.backup.starting import once_the_role_is_known
from ddbtui.methods.steps.target_table import key_access
from ddbtui.plan.model import Side

RESTORE_SLOTS = 50
"""Restores that AWS runs at a time in an account and region."""


class RestoreStep(JobStep):
    """Makes the target table from the copied backup, encrypted as the plan says."""

    name = "restore"
    title = "Restore into the new table"
    slot = "restore"
    side = "target"
    noun = "restore job"
    running = frozenset({"PENDING", "RUNNING"})
    failed = frozenset({"ABORTED", "FAILED"})
    kept_by: ClassVar[Side] = "target"
    """Whose vault has the recovery point."""

    def access(self) -> Sequence[Access]:
        """One call with a role, one to follow it."""
        points = self.vaults.points_arn(self.kept_by)
        return [
            Access("target", "backup:StartRestoreJob", points, "restore into the new table", changes=True),
            self.pass_role("let AWS Backup make the table"),
            Access("target", "backup:DescribeRestoreJob", "*", "follow the restore"),
            Access("target", "backup:ListRestoreJobs", "*", "find the restore again after an interruption"),
            Access("target", "backup:GetRestoreJobMetadata", "*", "tell it by the table that it makes"),
            Access("target", "dynamodb:DescribeTable", self.target_arn, "see the new table"),
            *key_access(self.move),
        ]

    def restored_from(self, ctx: StepContext) -> str:
        """Return the recovery point that is restored."""
        return str(ctx.result("copy")["arn"])

    def start(self, ctx: StepContext) -> Json:
        """Start the restore. A table of that name makes it fail, whoever made that table."""
        ctx.record(self._table(ctx))
        with once_the_role_is_known(ctx):
            answer = self.backup.start_restore_job(
                RecoveryPointArn=self.restored_from(ctx),
                IamRoleArn=self.vaults.role("target"),
                ResourceType="DynamoDB",
                IdempotencyToken=ctx.token,
                Metadata=self._metadata(),
            )
        return {"job_id": answer["RestoreJobId"]}

    def _metadata(self) -> dict[str, str]:
        """The name and the encryption; without that, AWS takes the source's key, which is nothing to the target.

        What `GetRecoveryPointRestoreMetadata` tells is not sent back: not all of it is among what a restore takes, and
        a start that is refused for that has used up its token (so reports of Aurora DSQL's restores say).
        https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html#ddb-restore-cli
        """
        return {"targetTableName": self.moving.target_name, **self._encryption()}

    def _encryption(self) -> dict[str, str]:
        """KMS without a key is the key that AWS manages; Default is the one that AWS owns."""
        wanted = self.move.plan.target_table.encryption
        if wanted == "aws-owned":
            return {"encryptionType": "Default"}
        key = {} if wanted == "aws-managed" else {"kmsMasterKeyArn": wanted}
        return {"encryptionType": "KMS", **key}

    def listed(self, ctx: StepContext) -> str | None:
        """By the backup that it restores and the table that it makes."""
        return restore_job(self.backup, self.restored_from(ctx), self.moving.target_name, ctx.intent_at)

    def describe(self, job_id: str) -> tuple[str, str, dict[str, Any]]:
        """Ask for the job. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRestoreJob.html."""
        job = self.backup.describe_restore_job(RestoreJobId=job_id)
        return str(job["Status"]), str(job.get("StatusMessage", "")), job

    def completed(self, ctx: StepContext, job: dict[str, Any]) -> Json:
        """The job must name the table that was asked for, and the table must be there."""
        made = str(job.get("CreatedResourceArn", ""))
        if made != self.target_arn:
            raise StepFailed(f"the restore job made '{made}' instead of {self.target_arn}")
        table = find_table(self.move.target, self.moving.target_name)
        if table is None:
            hint = "Somebody may have deleted it. Start a new run."
            raise StepFailed(f"AWS Backup has restored {self.moving.target_name}, but it is not there", hint)
        ctx.record(self._table(ctx, str(table["TableId"])))
        return {"table_id": str(table["TableId"]), "status": str(table["TableStatus"])}

    def _table(self, ctx: StepContext, table_id: str = "") -> Resource:
        """Nobody takes a table for the run's own before the job has made it: until then it has no id."""
        data = {"table_id": table_id, "restore": ctx.token}
        return Resource("table", "target", self.target_arn, "keep" if table_id else "ask", data)
