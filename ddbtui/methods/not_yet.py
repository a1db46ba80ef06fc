"""A method that is declared, but has no steps yet."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move
from ddbtui.aws.table import Table
from ddbtui.engine.step import Work
from ddbtui.errors import Exit, UserError
from ddbtui.methods import prices
from ddbtui.methods.base import CostLine, Estimate, Method, Verdict
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Change, Prerequisite

_DEFAULT_WRITE_UNITS = 40_000


class PlannedMethod(Method):
    """A method without steps."""

    available = False
    options = MethodOptions
    slow_items_a_second = 4_000.0
    """Of a fresh on-demand table: 4,000 writes a second."""

    def suits(self, table: Table) -> Verdict:
        """Suits unless a subclass knows better."""
        return Verdict(True)

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """The lines of the subclass, and its time."""
        return Estimate(tuple(self.lines(tables)), self.seconds(tables), (prices.NOTE,))

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """What it costs."""
        return [prices.writes(tables)]

    def seconds(self, tables: Sequence[Table]) -> tuple[int, int]:
        """How long it takes: by write units, from the default quota down to a table that is new."""
        units = sum(max(table.item_count, table.size_bytes // 1024) for table in tables)
        return 600 + units // _DEFAULT_WRITE_UNITS, 1800 + round(units / self.slow_items_a_second)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """Not yet."""
        raise self._missing()

    def access(self, move: Move) -> Sequence[Access]:
        """Not yet."""
        raise self._missing()

    def changes(self, move: Move) -> Sequence[Change]:
        """Not yet."""
        raise self._missing()

    def work(self, move: Move) -> Work:
        """Not yet."""
        raise self._missing()

    def _missing(self) -> UserError:
        return UserError(f"the method '{self.id}' is not available yet", "Choose s3-import.", Exit.USAGE)
