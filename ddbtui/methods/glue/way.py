"""What a way is in which a job can read and write: its script, the arguments of that, and what it needs beside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods.base import CostLine
from ddbtui.methods.glue.bundle import JobScript
from ddbtui.methods.steps.declared import TableStep
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.role_reading import Statement


class Way(ABC):
    """One loader of `s3-glue`, or one reader of `glue`."""

    script: ClassVar[JobScript]
    """Which of the job scripts runs."""
    reading: ClassVar[type[TableStep] | None] = None
    """The step that reads the export, or the source, where that must tell more than the proof needs."""
    counts: ClassVar[bool] = True
    """Whether the script counts the items that it writes."""
    renews: ClassVar[bool] = True
    """Whether the script renews the session of the role that it reads the source with."""

    @abstractmethod
    def arguments(self, ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
        """Return the script's own arguments, beside those that all have."""

    def access(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Return what `arguments` needs of the caller."""
        return ()

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Return what comes for one table after the reading and before the new table is made."""
        return ()

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """Return what must hold for the run, beside what the method needs."""
        return ()

    def statements(self, move: Move) -> Sequence[Statement]:
        """Return what the role of the jobs must be allowed, beside what every job needs."""
        return ()

    def costs(self, tables: Sequence[Table]) -> Iterable[CostLine]:
        """Return what loading or reading in this way costs, beside what every job does."""
        return ()

    def removal(self, move: Move) -> Sequence[Access]:
        """Return what removing again needs that `steps` have made for one table."""
        return ()
