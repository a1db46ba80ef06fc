"""The ways to a recovery point that the target can restore: at once, by a backup plan, shared, or there already.

Each says which steps lead to the restored table. The source is read for the proof before the backup is taken, never
after: what time to live deletes in between, neither has by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step
from ddbtui.methods.backup.air_gapped import CleanUpSharingStep, LockedBackupStep, RestoreSharedStep
from ddbtui.methods.backup.chosen import ChoosePointStep, OlderCopyStep, QuietSinceBackupStep, RestoreChosenStep
from ddbtui.methods.backup.jobs import BackupStep, CopyStep
from ddbtui.methods.backup.options import SIDES, Vaults
from ddbtui.methods.backup.plan_document import asked_plans, plan_for
from ddbtui.methods.backup.plan_steps import BackupPlanStep, QuietUntilBackupStep, SelectionStep
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.backup.scheduled_jobs import ScheduledBackupStep, ScheduledCopyStep
from ddbtui.methods.backup.shared_vault import LockedVaultStep, ShareStep
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.live_proof import reading_steps
from ddbtui.methods.steps.prepare import WritesStoppedStep


def steps_to_table(move: Move, moving: MovingTable) -> Iterator[Step]:
    """Yield the steps from the end of writes to the restored table."""
    options = Vaults(move).options
    if options.restores_only:
        yield from _chosen(move, moving)
    elif options.schedule:
        yield from _scheduled(move, moving)
    elif options.is_shared:
        yield from _shared(move, moving)
    else:
        yield from _on_demand(move, moving)


def _on_demand(move: Move, moving: MovingTable) -> Iterator[Step]:
    yield WritesStoppedStep(move, moving)
    yield from reading_steps(move, moving)
    yield from (BackupStep(move, moving), CopyStep(move, moving), RestoreStep(move, moving))


def _shared(move: Move, moving: MovingTable) -> Iterator[Step]:
    """The vault is there and shared before the first table: see `shared_steps`."""
    yield WritesStoppedStep(move, moving)
    yield from reading_steps(move, moving)
    yield from (LockedBackupStep(move, moving), RestoreSharedStep(move, moving))


def _scheduled(move: Move, moving: MovingTable) -> Iterator[Step]:
    """The plan is there, but knows the table only when its writes have stopped: so every backup of it is good."""
    yield QuietUntilBackupStep(move, moving)
    yield from reading_steps(move, moving)
    yield from (SelectionStep(move, moving), ScheduledBackupStep(move, moving), ScheduledCopyStep(move, moving))
    yield RestoreStep(move, moving)


def _chosen(move: Move, moving: MovingTable) -> Iterator[Step]:
    """First which, then the question: it tells of when the recovery point is."""
    yield ChoosePointStep(move, moving)
    yield OlderCopyStep(move, moving) if move.plan.proof == "off" else QuietSinceBackupStep(move, moving)
    yield from reading_steps(move, moving)
    yield RestoreChosenStep(move, moving)


def shared_steps(move: Move) -> list[Step]:
    """Return what all tables share: backup plans (more than one only for very many tables), or a vault."""
    if Vaults(move).options.is_shared:
        return [LockedVaultStep(move), ShareStep(move)]
    return [BackupPlanStep(move, plan) for plan in asked_plans(move)]


def clean_up_table(move: Move, moving: MovingTable) -> Step:
    """Return the step that removes what the move of one table made in AWS Backup."""
    options = Vaults(move).options
    if options.restores_only or options.is_shared:
        return CleanUpStep(move)
    return CleanUpScheduledStep(move, moving) if options.schedule else CleanUpBackupStep(move)


def clean_up_run(move: Move) -> Step:
    """Return the step that removes what all tables shared."""
    options = Vaults(move).options
    if options.is_shared:
        return CleanUpSharingStep(move)
    return CleanUpPlansStep(move) if options.schedule else CleanUpStep(move)


class CleanUpBackupStep(CleanUpStep):
    """Removes a table's backup and its copy."""

    def access(self) -> Sequence[Access]:
        """Delete on both sides, and see whether AWS has done so."""
        vaults, why = Vaults(self.move), "remove the backups of this run"
        found = []
        for side in SIDES:
            points = vaults.points_arn(side)
            found.append(Access(side, "backup:DeleteRecoveryPoint", points, why, changes=True))
            found.append(Access(side, "backup:DescribeRecoveryPoint", points, "see whether the backups are gone"))
        return found


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
