"""The three jobs of AWS Backup: back up in the source account, copy to the target's vault, restore there.

Each start has an idempotency token, so that an interrupted one can be repeated; what a list shows is taken up before.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.backup.finding import backup_job, copy_job
from ddbtui.methods.backup.options import Vaults
from ddbtui.methods.backup.starting import once_the_role_is_known, once_there_is_room
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.steps.declared import TableStep
from ddbtui.plan.model import Side
from ddbtui.text import shown

COPY_SLOTS = 100
"""Copy jobs that AWS runs at a time for an account."""
_START_MINUTES = 60
_COMPLETE_MINUTES = 7 * 24 * 60


class JobStep(TableStep):
    """One job: `start` begins it, `poll` follows it to its end.

    Class attributes:
        side: whose credentials start and follow it.
        noun: how people call it.
        running: states in which it goes on.
        failed: states in which it ended, and not well. Any other but COMPLETED is unknown and stops the run.
        retry: what to do after that.
    """

    side: ClassVar[Side]
    noun: ClassVar[str]
    running: ClassVar[frozenset[str]]
    failed: ClassVar[frozenset[str]]
    retry: ClassVar[str] = "Remove the cause, then `ddbtui resume` starts a new one."
    unattended = True

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self.vaults = Vaults(move)

    @property
    def backup(self) -> Any:
        """AWS Backup of the step's account."""
        return self.move.account(self.side).client("backup")

    @abstractmethod
    def listed(self, ctx: StepContext) -> str | None:
        """Return the id of the job that an interrupted start began, if a list tells it for certain."""

    @abstractmethod
    def describe(self, job_id: str) -> tuple[str, str, dict[str, Any]]:
        """Return state, message and all that AWS says of a job."""

    @abstractmethod
    def completed(self, ctx: StepContext, job: dict[str, Any]) -> Json:
        """Judge a job that AWS calls COMPLETED, and return the step's result."""

    def find(self, ctx: StepContext) -> Json | None:
        """Take up the job that an interrupted start began."""
        job_id = self.listed(ctx)
        return {"job_id": job_id} if job_id else None

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask AWS Backup how the job goes."""
        job_id = handle["job_id"]
        state, message, job = self.describe(job_id)
        if state in self.running:
            percent = str(job.get("PercentDone") or "").rstrip("%").strip()
            return Progress(f"{state} {shown(percent, 10)}%" if percent else state)
        if state == "COMPLETED":
            return Done({"job_id": job_id, **self.completed(ctx, job)})
        why = shown(message) or "AWS Backup gives no reason"
        if state in self.failed:
            raise StepFailed(f"the {self.noun} ended {state}: {why}", self.retry)
        raise StepFailed(f"unknown state {shown(state, 60)} of {self.noun} {job_id}: {why}")

    def point(self, ctx: StepContext, arn: str | None = None) -> Resource:
        """Return the recovery point that the job makes in the vault of the side where it will be."""
        side: Side = "source" if self.side == "source" and self.name == "backup" else "target"
        vault = self.vaults.name(side)
        data = {"vault": vault, "table_arn": self.moving.table.arn, "run_id": ctx.run_id, "arn": arn}
        return Resource("recovery-point", side, f"{vault}/{self.moving.name}#{ctx.token[:8]}", "remove", data)

    def pass_role(self, why: str) -> Access:
        """Declare that the caller hands the role to AWS Backup."""
        return Access(self.side, "iam:PassRole", self.vaults.role(self.side), why)


class BackupStep(JobStep):
    """Backs the table up into the source's vault."""

    name = "backup"
    title = "Back up the table"
    side = "source"
    noun = "backup job"
    running = frozenset({"CREATED", "PENDING", "RUNNING", "ABORTING"})
    failed = frozenset({"ABORTED", "EXPIRED", "FAILED", "PARTIAL"})

    def access(self) -> Sequence[Access]:
        """One call with a role, one to follow it."""
        vault, points = self.vaults.arn("source"), self.vaults.points_arn("source")
        return [
            Access("source", "backup:StartBackupJob", vault, "back up the table", changes=True),
            Access("source", "backup:TagResource", points, "mark the backup as this run's"),
            self.pass_role("let AWS Backup read the table"),
            Access("source", "backup:DescribeBackupJob", "*", "follow the backup"),
            Access("source", "backup:ListBackupJobs", "*", "find the backup again after an interruption"),
            Access("source", "backup:ListTags", points, "tell it by its tag"),
            # No line of the dry run: it takes a person who gives the run up.
            Access("source", "backup:StopBackupJob", "*", "stop the backup of a run that is given up"),
        ]

    @property
    def destination(self) -> dict[str, str]:
        """Where the backup goes, as the call takes it."""
        return {"BackupVaultName": self.vaults.name("source")}

    def start(self, ctx: StepContext) -> Json:
        """Start the backup."""
        ctx.record(self.point(ctx))
        with once_the_role_is_known(ctx), once_there_is_room(self.noun):
            answer = self.backup.start_backup_job(
                **self.destination,
                ResourceArn=self.moving.table.arn,
                IamRoleArn=self.vaults.role("source"),
                IdempotencyToken=ctx.token,
                StartWindowMinutes=_START_MINUTES,
                CompleteWindowMinutes=_COMPLETE_MINUTES,
                Lifecycle=self.vaults.lifecycle,
                RecoveryPointTags={RUN_TAG: ctx.run_id},
            )
        return {"job_id": answer["BackupJobId"]}

    def listed(self, ctx: StepContext) -> str | None:
        """By the run's tag."""
        return backup_job(self.backup, self.moving.table.arn, ctx.run_id, ctx.intent_at)

    def describe(self, job_id: str) -> tuple[str, str, dict[str, Any]]:
        """Ask for the job. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupJob.html."""
        job = self.backup.describe_backup_job(BackupJobId=job_id)
        return str(job["State"]), str(job.get("StatusMessage", "")), job

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Stop the backup. AWS takes the request and may go on all the same, so the state afterwards counts.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StopBackupJob.html
        """
        if self._goes_on(handle):
            self.backup.stop_backup_job(BackupJobId=handle["job_id"])
        return not settle(lambda: self._goes_on(handle), good=lambda goes_on: not goes_on)

    def _goes_on(self, handle: Json) -> bool:
        return self.describe(handle["job_id"])[0] in self.running - {"ABORTING"}

    def completed(self, ctx: StepContext, job: dict[str, Any]) -> Json:
        """Only what AWS Backup itself keeps can be copied: a backup of DynamoDB's own can't."""
        arn = str(job["RecoveryPointArn"])
        ctx.record(self.point(ctx, arn))
        if not arn.startswith(f"arn:{self.move.source.partition}:backup:"):
            raise StepFailed(
                f"the backup {shown(arn)} is one of DynamoDB's own, which can't be copied to another account",
                "DynamoDB's advanced features of AWS Backup were off when it was made. Start a new run.",
            )
        return {"arn": arn, "bytes": int(job.get("BackupSizeInBytes") or 0)}


class CopyStep(JobStep):
    """Copies the backup into the target's vault. The source account starts it; AWS Backup retries it for two hours."""

    name = "copy"
    title = "Copy the backup to the target's vault"
    slot = "copy"
    side = "source"
    noun = "copy job"
    running = frozenset({"CREATED", "RUNNING"})
    failed = frozenset({"FAILED", "PARTIAL"})

    def access(self) -> Sequence[Access]:
        """One call with a role, one to follow it."""
        points = self.vaults.points_arn("source")
        return [
            Access("source", "backup:StartCopyJob", points, "copy the backup to the target's vault", changes=True),
            self.pass_role("let AWS Backup copy"),
            Access("source", "backup:DescribeCopyJob", "*", "follow the copy"),
            Access("source", "backup:ListCopyJobs", "*", "find the copy again after an interruption"),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Start the copy."""
        ctx.record(self.point(ctx))
        with once_the_role_is_known(ctx), once_there_is_room(self.noun):
            answer = self.backup.start_copy_job(
                RecoveryPointArn=ctx.result("backup")["arn"],
                SourceBackupVaultName=self.vaults.name("source"),
                DestinationBackupVaultArn=self.vaults.arn("target"),
                IamRoleArn=self.vaults.role("source"),
                IdempotencyToken=ctx.token,
                Lifecycle=self.vaults.lifecycle,
            )
        return {"job_id": answer["CopyJobId"]}

    def listed(self, ctx: StepContext) -> str | None:
        """By the backup that it copies."""
        return copy_job(self.backup, ctx.result("backup")["arn"], self.vaults.arn("target"), ctx.intent_at)

    def describe(self, job_id: str) -> tuple[str, str, dict[str, Any]]:
        """Ask for the job. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeCopyJob.html."""
        job = self.backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]
        return str(job["State"]), str(job.get("StatusMessage", "")), job

    def completed(self, ctx: StepContext, job: dict[str, Any]) -> Json:
        """Note the copy."""
        arn = str(job["DestinationRecoveryPointArn"])
        ctx.record(self.point(ctx, arn))
        return {"arn": arn}
