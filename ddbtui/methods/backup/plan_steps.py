"""Makes a backup plan and assigns tables to it, each only when nobody writes to it any more.

https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import RUN, Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.backup.options import SIDES
from ddbtui.methods.backup.plan_document import AskedPlan, differences, plan_for, selection_name
from ddbtui.methods.backup.starting import once_the_role_is_known
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.removal.backup import find_plan, selections_of
from ddbtui.methods.steps.declared import DeclaredStep, TableStep
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.plan.model import Side
from ddbtui.text import shown


def next_run(backup: Any, plan_id: str) -> datetime | None:
    """Return when a plan runs next, as AWS itself reckons; None if it does not tell.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupPlan.html
    """
    preview = backup.get_backup_plan(BackupPlanId=plan_id, MaxScheduledRunsPreview=1).get("ScheduledRunsPreview")
    time: datetime | None = preview[0]["ExecutionTime"] if preview else None
    return time


def told(time: datetime | None) -> str:
    """Return a time as people read it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time else "a time that AWS does not tell"


class BackupPlanStep(DeclaredStep):
    """Makes a backup plan, and holds it against what was asked. It backs up nothing until a table is assigned."""

    def __init__(self, move: Move, plan: AskedPlan) -> None:
        super().__init__(move)
        self.name, self.title = plan.step, "Make the backup plan"
        self._plan = plan

    @property
    def _backup(self) -> Any:
        return self.move.source.client("backup")

    def access(self) -> Sequence[Access]:
        """Make, find again, and read it."""
        arn = self._plan.arn_pattern
        return [
            Access("source", "backup:CreateBackupPlan", arn, "make the backup plan", changes=True),
            Access("source", "backup:TagResource", arn, "mark the backup plan as this run's"),
            Access("source", "backup:ListBackupPlans", "*", "find the backup plan again after an interruption"),
            Access("source", "backup:ListTags", arn, "tell it by its tag"),
            Access("source", "backup:GetBackupPlan", arn, "see whether the backup plan is as asked"),
        ]

    def find(self, ctx: StepContext) -> Json | None:
        """Take up the run's plan."""
        found = find_plan(self.move.source, self._plan.name(ctx.run_id), ctx.run_id)
        return {"plan_id": str(found["BackupPlanId"])} if found else None

    def start(self, ctx: StepContext) -> Json:
        """Make it. A retry takes up the one that is there: AWS would make a second one of the same name."""
        ctx.record(plan_resource(self._plan.name(ctx.run_id), ctx.run_id))
        found = self.find(ctx)
        if found:
            return found
        answer = self._backup.create_backup_plan(
            BackupPlan=self._plan.document(ctx.run_id),
            BackupPlanTags={RUN_TAG: ctx.run_id},
            CreatorRequestId=ctx.token,
        )
        return {"plan_id": str(answer["BackupPlanId"])}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Compare what AWS has with what was asked."""
        found = self._backup.get_backup_plan(BackupPlanId=handle["plan_id"], MaxScheduledRunsPreview=1)
        name = self._plan.name(ctx.run_id)
        wrong = list(differences(self._plan.document(ctx.run_id), found["BackupPlan"]))
        if wrong:
            hint = "Somebody has changed it. Set it right, or delete it; then `ddbtui resume` goes on."
            raise StepFailed(f"backup plan {name} is not as asked: {'; '.join(wrong)}", hint)
        if found.get("ScheduledRunsPreview") == []:
            told = f"backup plan {name} never runs: {self._plan.schedule.cron}"
            raise StepFailed(told, "Give this run up with `ddbtui cancel`, and correct the schedule in a new plan.")
        return Done({"plan_id": handle["plan_id"], "plan_arn": str(found["BackupPlanArn"]), "name": name})


class QuietUntilBackupStep(WritesStoppedStep):
    """Waits for the word that nobody writes to the source until its scheduled backup has been taken.

    The proof reads the source once, after this and before the plan may back the table up.
    """

    def access(self) -> Sequence[Access]:
        """The time of the next run."""
        why = "see when the backup plan runs next"
        return [Access("source", "backup:GetBackupPlan", plan_for(self.move, self.moving).arn_pattern, why)]

    def question(self, ctx: StepContext) -> str:
        """Say until when writes have to stay away."""
        plan, table = plan_for(self.move, self.moving), self.moving.name
        time = next_run(self.move.source.client("backup"), ctx.result(plan.step, RUN)["plan_id"])
        schedule = plan.schedule
        reading = "" if self.move.plan.proof == "off" else ", or the time after, should reading the source take longer"
        return (
            f"Have all writes to {table} in account {self.move.source.account_id} stopped, and do they stay away until "
            f"its scheduled backup has been made? The backup plan runs next at {told(time)} ({schedule.cron}, "
            f"{schedule.timezone}) and starts it within {schedule.start_window_minutes} minutes{reading}. What is "
            "written after the instant of the backup is not in the copy."
        )


class SelectionStep(TableStep):
    """Assigns the table to the backup plan: from now on it is backed up whenever the plan runs."""

    name = "backup-selection"
    title = "Assign the table to the backup plan"

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._plan = plan_for(move, moving)

    @property
    def _backup(self) -> Any:
        return self.move.source.client("backup")

    def access(self) -> Sequence[Access]:
        """Assign, find again, and read it."""
        arn = self._plan.arn_pattern
        role = self._plan.vaults.role("source")
        return [
            Access("source", "backup:CreateBackupSelection", arn, "assign the table to the backup plan", changes=True),
            Access("source", "iam:PassRole", role, "let AWS Backup read the table, and copy"),
            Access("source", "backup:ListBackupSelections", arn, "find the assignment again after an interruption"),
            Access("source", "backup:GetBackupSelection", arn, "see whether the table is assigned as asked"),
        ]

    def _plan_id(self, ctx: StepContext) -> str:
        return str(ctx.result(self._plan.step, RUN)["plan_id"])

    def find(self, ctx: StepContext) -> Json | None:
        """Take up the assignment of that name: only this run makes any in its plan."""
        for found in selections_of(self.move.source, self._plan_id(ctx)):
            if found["SelectionName"] == selection_name(self.moving):
                return {"selection_id": str(found["SelectionId"])}
        return None

    def start(self, ctx: StepContext) -> Json:
        """Assign the table. What the plan will make is recorded before: it may begin at any moment."""
        for side in SIDES:
            ctx.record(points_resource(self._plan, self.moving, side, ctx))
        ctx.record(selection_resource(self._plan, self.moving, ctx.run_id))
        found = self.find(ctx)
        if found:
            return found
        with once_the_role_is_known(ctx):
            answer = self._backup.create_backup_selection(
                BackupPlanId=self._plan_id(ctx),
                BackupSelection=self._plan.selection(self.moving),
                CreatorRequestId=ctx.token,
            )
        return {"selection_id": str(answer["SelectionId"])}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Compare what AWS has with what was asked."""
        plan_id = self._plan_id(ctx)
        found = self._backup.get_backup_selection(BackupPlanId=plan_id, SelectionId=handle["selection_id"])
        wrong = list(differences(self._plan.selection(self.moving), found["BackupSelection"]))
        if wrong:
            hint = "Somebody has changed it. Delete it from the plan; then `ddbtui resume` assigns the table anew."
            raise StepFailed(f"the assignment of {shown(self.moving.name)} is not as asked: {'; '.join(wrong)}", hint)
        return Done({"plan_id": plan_id, "selection_id": handle["selection_id"]})


def plan_resource(name: str, run_id: str) -> Resource:
    """Return the record of a backup plan."""
    return Resource("backup-plan", "source", name, "remove", {"plan": name, "run_id": run_id})


def selection_resource(plan: AskedPlan, moving: MovingTable, run_id: str) -> Resource:
    """Return the record of a table's assignment."""
    name, of = plan.name(run_id), selection_name(moving)
    return Resource(
        "backup-selection", "source", f"{name}/{of}", "remove", {"plan": name, "selection": of, "run_id": run_id}
    )


def points_resource(plan: AskedPlan, moving: MovingTable, side: Side, ctx: StepContext) -> Resource:
    """Return the record of all recovery points that the plan makes of a table in one vault, told by tag or plan.

    A plan that goes on for days makes many, so none is noted by its ARN.
    """
    vaults = plan.vaults
    data = {
        "vault": vaults.name(side),
        "table_arn": moving.table.arn,
        "run_id": ctx.run_id,
        "arn": None,
        "plan_id": ctx.result(plan.step, RUN)["plan_id"],
    }
    return Resource("recovery-point", side, f"{vaults.arn(side)}/{moving.name}", "remove", data)
