"""The way with a `schedule`: a backup plan backs up and copies by itself, and the target restores the copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step
from ddbtui.methods.backup.on_demand import CleanUpBackupStep, OnDemand
from ddbtui.methods.backup.options import SIDES, BackupOptions, Vaults
from ddbtui.methods.backup.plan_document import asked_plans, plan_for
from ddbtui.methods.backup.plan_steps import BackupPlanStep, QuietUntilBackupStep, SelectionStep
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.backup.scheduled_jobs import ScheduledBackupStep, ScheduledCopyStep
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.live_proof import reading_steps
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.table_tag import TableTagged
from ddbtui.text import plural


class Scheduled(OnDemand):
    """Assign the table to a backup plan, wait for what the plan makes of it, restore."""

    def shared_steps(self, move: Move) -> Sequence[Step]:
        """The backup plans: more than one only for very many tables."""
        return [BackupPlanStep(move, plan) for plan in asked_plans(move)]

    def steps(self, move: Move, moving: MovingTable) -> Iterator[Step]:
        """The plan is there, but knows the table only when its writes have stopped: so every backup of it is good."""
        yield QuietUntilBackupStep(move, moving)
        yield from reading_steps(move, moving)
        yield from (SelectionStep(move, moving), ScheduledBackupStep(move, moving), ScheduledCopyStep(move, moving))
        yield RestoreStep(move, moving)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """The assignment, and both backups."""
        return CleanUpScheduledStep(move, moving)

    def clean_up_shared(self, move: Move) -> Step:
        """The backup plans."""
        return CleanUpPlansStep(move)

    def table_prerequisites(self, move: Move, moving: MovingTable) -> Sequence[Prerequisite]:
        """The tag by which the plan takes the table, if it is by one."""
        schedule = Vaults(move).options.schedule
        tag = schedule.tag if schedule else None
        return [TableTagged(move, moving, tag.key, tag.value)] if tag else []

    def notes(self, options: BackupOptions) -> Sequence[str]:
        """And when it begins."""
        schedule = options.schedule
        if schedule is None:
            return super().notes(options)
        begins = (
            f"Nothing begins before the backup plan runs ({schedule.cron}, {schedule.timezone}), up to "
            f"{plural(schedule.start_window_minutes, 'minute')} after its time: the times count from then on. Writes "
            "must stay away all that while."
        )
        return [*super().notes(options), begins]


class CleanUpScheduledStep(CleanUpBackupStep):
    """Takes the table out of the backup plan, and removes all that the plan made of it."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move)
        self._plan = plan_for(move, moving)

    def access(self) -> Sequence[Access]:
        """Take it out; find the recovery points by their tag, and delete them."""
        vaults, why = Vaults(self.move), "back the table up no more"
        arn = self._plan.arn_pattern
        found = [
            Access("source", "backup:ListBackupPlans", "*", "find the backup plan"),
            Access("source", "backup:ListTags", arn, "tell it by its tag"),
            Access("source", "backup:ListBackupSelections", arn, "see what is assigned to it"),
            Access("source", "backup:DeleteBackupSelection", arn, why, changes=True),
        ]
        why = "find the backups of this run by their tag"
        for side in SIDES:
            found.append(Access(side, "backup:ListRecoveryPointsByBackupVault", vaults.arn(side), why))
            found.append(Access(side, "backup:ListTags", vaults.points_arn(side), why))
        return [*found, *super().access()]


class CleanUpPlansStep(CleanUpStep):
    """Removes the backup plan, too."""

    def access(self) -> Sequence[Access]:
        """Find it by name and tag, see that nothing is left in it, delete it."""
        return [
            access
            for plan in asked_plans(self.move)
            for access in (
                Access("source", "backup:ListBackupPlans", "*", "find the backup plan"),
                Access("source", "backup:ListTags", plan.arn_pattern, "tell it by its tag"),
                Access("source", "backup:ListBackupSelections", plan.arn_pattern, "see that nothing is left in it"),
                Access("source", "backup:DeleteBackupPlan", plan.arn_pattern, "back up no more", changes=True),
            )
        ]
