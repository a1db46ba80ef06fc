"""Restores from a recovery point that is in the target's vault already; nothing is backed up or copied for it.

It is not the run's own, so it stays whatever becomes of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Json, Step, StepContext, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.backup.options import BackupOptions, Vaults
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.backup.schedule_options import NEWEST
from ddbtui.methods.backup.way import Way
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.live_proof import reading_steps
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.recovery_point import (
    RecoveryPointThere,
    chosen_point,
    in_utc,
    points_access,
    recovery_points,
)
from ddbtui.text import shown

OLDER_COPY = "older-copy"
CHOOSE = "recovery-point-chosen"


def wanted_point(vaults: Vaults) -> str | None:
    """Return the ARN that the plan names, None for the newest."""
    return None if vaults.options.recovery_point == NEWEST else vaults.options.recovery_point


class ChoosePointStep(TableStep):
    """Settles once and for all which recovery point it is: the newest of now, or the one that the plan names."""

    name = CHOOSE
    title = "Choose the recovery point"

    def access(self) -> Sequence[Access]:
        """Two lists."""
        return points_access(self.move.target, Vaults(self.move).name("target"))

    def start(self, ctx: StepContext) -> Json:
        """List, and choose."""
        vaults = Vaults(self.move)
        vault = vaults.name("target")
        points = recovery_points(self.move.target, vault, self.moving.table.arn)
        try:
            point = chosen_point(points, wanted_point(vaults), self.moving.name, vault)
        except UserError as error:
            raise StepFailed(error.message, error.hint) from error
        ctx.log(f"restores from {shown(point.arn)}: {point}")
        return {"arn": point.arn, "created": in_utc(point.created)}


class QuietSinceBackupStep(WritesStoppedStep):
    """Waits for the word that nobody has written to the source since the recovery point: only then can a proof hold."""

    def question(self, ctx: StepContext) -> str:
        """Ask for the time of the recovery point."""
        created = ctx.result(CHOOSE)["created"]
        return (
            f"Have all writes to {self.moving.name} in account {self.move.source.account_id} been stopped since before "
            f"{created}, and do they stay away? The recovery point is of then: what was written later is not in the "
            "copy, and makes the proof fail, which compares with the source as it is now. `proof: off` does without."
        )


class OlderCopyStep(TableStep):
    """Waits for the word that a copy of then is wanted although the source may have moved on: nothing will prove it."""

    name = OLDER_COPY
    title = "An older copy is wanted"
    gates = (OLDER_COPY,)

    def start(self, ctx: StepContext) -> Json:
        """Go on only with consent."""
        created = ctx.result(CHOOSE)["created"]
        ctx.consent(
            OLDER_COPY,
            f"The recovery point of {self.moving.name} is of {created}. What was written to the source since is not in "
            "it, and without a proof nothing will tell of it. Restore it?",
        )
        return {"consented": True}


class RestoreChosenStep(RestoreStep):
    """Makes the target table from the recovery point that was chosen."""

    def restored_from(self, ctx: StepContext) -> str:
        """Return the recovery point."""
        return str(ctx.result(CHOOSE)["arn"])


class Chosen(Way):
    """Choose a recovery point of the target's vault, restore it."""

    backs_up = False

    def steps(self, move: Move, moving: MovingTable) -> Iterator[Step]:
        """First which, then the question: it tells of when the recovery point is."""
        yield ChoosePointStep(move, moving)
        yield OlderCopyStep(move, moving) if move.plan.proof == "off" else QuietSinceBackupStep(move, moving)
        yield from reading_steps(move, moving)
        yield RestoreChosenStep(move, moving)

    def table_prerequisites(self, move: Move, moving: MovingTable) -> Sequence[Prerequisite]:
        """It is there."""
        vaults = Vaults(move)
        return [RecoveryPointThere(move, moving, vaults.name("target"), wanted_point(vaults))]

    def notes(self, options: BackupOptions) -> Sequence[str]:
        """Why it costs less."""
        return ["Nothing is backed up: the recovery point is there already, and stays."]
