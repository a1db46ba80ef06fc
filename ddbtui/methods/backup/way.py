"""What a way is to a recovery point that the target can restore: its steps, and what it needs and costs.

The source is read for the proof before the backup is taken, never after: what time to live deletes in between, neither
has by then.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.base import CostLine
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.prerequisites.base import Prerequisite


class Way(ABC):
    """One way of the method `backup`."""

    backs_up: ClassVar[bool] = True
    """Whether a backup is made; otherwise the recovery point is there already."""

    @abstractmethod
    def steps(self, move: Move, moving: MovingTable) -> Iterator[Step]:
        """Yield the steps of one table from the end of writes to the restored table."""

    def shared_steps(self, move: Move) -> Sequence[Step]:
        """Return what is made once, before all tables."""
        return ()

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Return the step that removes what the move of one table made in AWS Backup."""
        return CleanUpStep(move)

    def clean_up_shared(self, move: Move) -> Step:
        """Return the step that removes what all tables shared."""
        return CleanUpStep(move)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """Return what must hold for the run so that the target gets at the backups, beside what a restore needs."""
        return ()

    def table_prerequisites(self, move: Move, moving: MovingTable) -> Sequence[Prerequisite]:
        """Return what must hold for a table to get, or to have, its recovery point."""
        return ()

    def storage(self, tables: Sequence[Table], options: BackupOptions) -> Sequence[CostLine]:
        """Return what the backups cost; their restore and the proof cost the same in all ways."""
        return ()

    @abstractmethod
    def notes(self, options: BackupOptions) -> Sequence[str]:
        """Return what to know of cost and time."""
