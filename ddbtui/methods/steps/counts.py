"""The counts of what was exported and of what has arrived, held against each other."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from ddbtui.engine.step import Json, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep


class ExportCountsStep(TableStep):
    """All counts of the same items must be one number: files, manifest, export, and those of what wrote them.

    Class attributes:
        writer: whose log tells why they differ.
    """

    name = "counts"
    title = "Compare the counts"
    writer: ClassVar[str]

    @abstractmethod
    def arrived(self, ctx: StepContext) -> dict[str, int]:
        """Return the counts of what wrote the items."""

    def start(self, ctx: StepContext) -> Json:
        """Compare what the steps before have found."""
        export, checked = ctx.result("export"), ctx.result("check-export")
        counts = {
            "files": checked["items"],
            "manifest": checked["manifest_items"],
            "export": export["items"],
            **self.arrived(ctx),
        }
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
            hint = f"The new table is not a copy. See the {self.writer}'s log, delete the table and start a new run."
            raise StepFailed(f"the counts differ: {told}", hint, "different")
        return {"items": export["items"], **counts}
