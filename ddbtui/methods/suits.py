"""The method's verdict on a table, as a prerequisite: a plan written by hand is held to it like the wizard's."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.base import Method
from ddbtui.prerequisites.base import Finding, Prerequisite


class MethodSuits(Prerequisite):
    """The chosen method can move this table. Goes by the inventory; asks nobody."""

    id = "method-suits"
    title = "The method can move the table"

    def __init__(self, move: Move, moving: MovingTable, method: Method) -> None:
        super().__init__(move, moving)
        self._moving = moving
        self._method = method

    def check(self) -> Finding:
        """Pass, warn with what to know, or fail with every reason."""
        verdict = self._method.suits(self._moving.table)
        reasons = "; ".join(verdict.reasons)
        if not verdict.suits:
            return self.finding(
                "fail",
                f"{self._method.id} can't move {self._moving.name}: it {reasons}.",
                "Take the table out of the plan, or choose another method for it.",
            )
        if reasons:
            return self.finding("warn", f"{self._moving.name} {reasons}.")
        return self.finding("pass", f"{self._method.id} can move {self._moving.name}.")

    def access(self) -> Sequence[Access]:
        """Nothing: the inventory says it all."""
        return ()
