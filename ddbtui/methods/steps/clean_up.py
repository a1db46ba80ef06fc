"""The last step of a chain: what was needed only for the move goes."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext
from ddbtui.errors import UserError
from ddbtui.methods.going import PATIENCE, StillGoing
from ddbtui.methods.resources import remove
from ddbtui.methods.steps.declared import DeclaredStep
from ddbtui.methods.steps.staging import Staging
from ddbtui.plan.model import side_named


class CleanUpStep(DeclaredStep):
    """Removes what this subject recorded with the fate `remove`, newest first.

    What can't go (a bucket that holds something of others) is told, stays recorded and does not fail the run.
    """

    name = "clean-up"
    title = "Remove what was needed only for the move"

    def start(self, ctx: StepContext) -> Json:
        """Note what is to go; nothing is begun that another process could not go on with."""
        return {"wanted": [one.name for one in self._wanted(ctx)]}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Remove one after the other, again and again while AWS is at it."""
        stays: list[tuple[Resource, UserError]] = []
        for resource in self._wanted(ctx):
            try:
                remove(self.move.account(side_named(resource.side)), resource)
            except UserError as error:
                stays.append((resource, error))
            else:
                ctx.removed(resource)
        going = next((why for _, why in stays if isinstance(why, StillGoing)), None)
        if going and ctx.now() - ctx.intent_at < PATIENCE:
            return Progress(going.message)
        for _, why in stays:
            ctx.log(f"{why.message}. {why.hint}".strip(), "warn")
        left = [resource.name for resource, _ in stays]
        return Done({"removed": [name for name in handle["wanted"] if name not in left], "left": left})

    def _wanted(self, ctx: StepContext) -> list[Resource]:
        return [resource for resource in reversed(ctx.resources()) if resource.fate == "remove"]


class CleanUpExportStep(CleanUpStep):
    """Removes a table's exports, and switches its backups off again if they were off before."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move)
        self._table = moving.table
        self._staging = Staging(move)

    def access(self) -> Sequence[Access]:
        """Remove objects; and what switches the backups off, if it will come to that."""
        found = self._staging.remove_access()
        if not self._table.pitr:
            why = "switch point-in-time recovery off again, as it was"
            found += [
                Access("source", "dynamodb:DescribeContinuousBackups", self._table.arn, "see point-in-time recovery"),
                Access("source", "dynamodb:UpdateContinuousBackups", self._table.arn, why, changes=True),
            ]
        return found
