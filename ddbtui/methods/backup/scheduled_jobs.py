"""Follows what a backup plan does by itself: the backup of a table at its time, and the copy that comes after it.

Neither is started here. Which jobs are the run's own is told by the plan, which the run made, and by the backup.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.paging import pages
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.backup.jobs import BackupStep, CopyStep
from ddbtui.methods.backup.plan_document import plan_for
from ddbtui.methods.backup.plan_steps import next_run, points_resource, selection_resource, told
from ddbtui.methods.removal.backup import remove_backup_selection

_LATE = timedelta(hours=1)
"""How much later than its start window AWS may show a job, before it counts as missing."""
_COPY_LATE = timedelta(hours=2)
"""As long as AWS itself tries to start a copy. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html"""


def _created(job: dict[str, Any]) -> datetime:
    time: datetime = job["CreationDate"]
    return time


class ScheduledBackupStep(BackupStep):
    """Waits for the first backup that the plan makes of the table, and follows it.

    A backup that failed is over for good: a retry waits for the plan's next one.
    """

    title = "Wait for the scheduled backup"
    poll_seconds = 60
    """It may take days, for many tables at a time; and a backup takes minutes at least."""
    retry = (
        "Remove the cause, then `ddbtui resume` waits for the next scheduled backup; writes must stay away until then."
    )

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._plan = plan_for(move, moving)

    def access(self) -> Sequence[Access]:
        """Look when the plan runs, and follow its jobs."""
        plan = self._plan.arn_pattern
        return [
            Access("source", "backup:GetBackupPlan", plan, "see when the backup plan runs next"),
            Access("source", "backup:ListBackupJobs", "*", "find the scheduled backup"),
            Access("source", "backup:DescribeBackupJob", "*", "follow the backup"),
            # No line of the dry run: it takes a person who gives the run up.
            Access("source", "backup:StopBackupJob", "*", "stop the backup of a run that is given up"),
            Access("source", "backup:DeleteBackupSelection", plan, "back up no more for a run that is given up"),
        ]

    def listed(self, ctx: StepContext) -> str | None:
        """Nothing: to wait is begun anew without harm."""
        return None

    def start(self, ctx: StepContext) -> Json:
        """Note when the plan runs next; on a retry, which of its backups of this table failed before."""
        plan_id = ctx.result("backup-selection")["plan_id"]
        due = next_run(self.backup, plan_id)
        ctx.log(f"the backup plan runs next at {told(due)}")
        before = self._jobs(plan_id) if ctx.attempt > 1 else ()
        failed = [str(job["BackupJobId"]) for job in before if job["State"] in self.failed]
        return {"plan_id": plan_id, "due": due.isoformat() if due else None, "failed": failed}

    def _jobs(self, plan_id: str) -> list[dict[str, Any]]:
        """The plan's jobs for this table, the first one first."""
        jobs = pages(self.backup.list_backup_jobs, "BackupJobs", ByResourceArn=self.moving.table.arn)
        ours = (job for job in jobs if job.get("CreatedBy", {}).get("BackupPlanId") == plan_id)
        return sorted(ours, key=_created)

    def _job(self, handle: Json) -> str | None:
        """The first backup that did not fail before."""
        found = (str(job["BackupJobId"]) for job in self._jobs(handle["plan_id"]))
        return next((job_id for job_id in found if job_id not in handle["failed"]), None)

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait for the schedule, then follow the job."""
        job_id = self._job(handle)
        if job_id:
            return super().poll(ctx, {"job_id": job_id})
        due = datetime.fromisoformat(handle["due"]) if handle["due"] else None
        window = timedelta(minutes=self._plan.schedule.start_window_minutes)
        if due and ctx.now() > due + window + _LATE:
            raise StepFailed(
                f"AWS Backup has started no backup of {self.moving.name}, which was due at {told(due)}",
                "See the backup plan and its role in AWS Backup; `ddbtui resume` waits for its next run.",
            )
        return Progress(f"waits for {told(due)}")

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Take the table out of the plan, so that no more backups begin; then stop the one that runs, if any."""
        remove_backup_selection(self.move.source, selection_resource(self._plan, self.moving, ctx.run_id))
        job_id = self._job(handle)
        return job_id is None or super().cancel(ctx, {"job_id": job_id})

    def point(self, ctx: StepContext, arn: str | None = None) -> Resource:
        """All that the plan makes in the source's vault: it may be more than one."""
        return points_resource(self._plan, self.moving, "source", ctx)


class ScheduledCopyStep(CopyStep):
    """Follows the copy that the plan makes of its backup. A retry copies the same backup on demand, without waiting."""

    title = "Wait for the copy in the target's vault"
    retry = "Remove the cause, then `ddbtui resume` copies the backup once more."

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._plan = plan_for(move, moving)

    def access(self) -> Sequence[Access]:
        """Follow; and what a retry needs."""
        found = [one for one in super().access() if one.action != "backup:StartCopyJob"]
        # No line of the dry run: it takes a copy that failed.
        points, why = self.vaults.points_arn("source"), "copy the backup again after the plan's own copy failed"
        return [*found, Access("source", "backup:StartCopyJob", points, why)]

    def listed(self, ctx: StepContext) -> str | None:
        """The one that a retry began."""
        return super().listed(ctx) if ctx.attempt > 1 else None

    def start(self, ctx: StepContext) -> Json:
        """Begin to wait; on a retry start a copy."""
        return super().start(ctx) if ctx.attempt > 1 else {"job_id": None, "since": ctx.now().isoformat()}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Find the plan's copy, then follow it."""
        job_id = handle["job_id"] or self._job(ctx)
        if job_id:
            return super().poll(ctx, {"job_id": job_id})
        if ctx.now() > datetime.fromisoformat(handle["since"]) + _COPY_LATE:
            raise StepFailed(
                f"AWS Backup has started no copy of {ctx.result('backup')['arn']} for two hours",
                "See the copy action of the backup plan; `ddbtui resume` starts a copy of that backup itself.",
            )
        return Progress("waits for the backup plan to start the copy")

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Take the table out of the plan, so that no more backups begin. The copy itself goes on."""
        remove_backup_selection(self.move.source, selection_resource(self._plan, self.moving, ctx.run_id))
        return super().cancel(ctx, handle)

    def _job(self, ctx: StepContext) -> str | None:
        wanted = {"BySourceRecoveryPointArn": ctx.result("backup")["arn"]}
        wanted["ByDestinationVaultArn"] = self.vaults.arn("target")
        first = min(pages(self.backup.list_copy_jobs, "CopyJobs", **wanted), key=_created, default=None)
        return str(first["CopyJobId"]) if first else None

    def point(self, ctx: StepContext, arn: str | None = None) -> Resource:
        """All that the plan copies into the target's vault; of a retry, what it copies itself."""
        if ctx.attempt > 1:
            return super().point(ctx, arn)
        return points_resource(self._plan, self.moving, "target", ctx)
