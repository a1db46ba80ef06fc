"""The proof of a copy that came over an export: the export stands still, so it is the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.canonical import Item
from ddbtui.engine.step import Json, StepContext
from ddbtui.methods.steps.exports import exported_items
from ddbtui.methods.steps.proof import ProofStep
from ddbtui.methods.steps.staging import Staging


class ExportProofStep(ProofStep):
    """Holds the new table against the digest of the exported items."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)

    def access(self) -> Sequence[Access]:
        """Read the new table, and the export once more should they differ."""
        return [*super().access(), *self._staging.read_access("target")]

    def source_digest(self, ctx: StepContext) -> Json:
        """What the check of the export found."""
        return ctx.result("check-export")

    def source_items(self, ctx: StepContext) -> Iterable[Item]:
        """The export's files."""
        return exported_items(self._staging.reader(), ctx.result("export")["manifest"])
