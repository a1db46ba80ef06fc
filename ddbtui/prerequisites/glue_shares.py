"""Glue's own reader and writer can keep to what they may use.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.prerequisites.base import Finding, Prerequisite, answering

LEAST = 0.1
"""The smallest share that Glue takes."""


@dataclass(frozen=True)
class Share:
    """A part of a table's capacity.

    Args:
        kind: of the units.
        rate: units a second that may be used.
        units: units a second that Glue takes the table to have.
    """

    kind: Literal["read", "write"]
    rate: int
    units: int


class LeastShares(Prerequisite):
    """The rates of a table are no smaller than the smallest share that Glue's own reader and writer can be told.

    Args:
        move: the plan with its accounts.
        moving: the table.
        shares: tells what may be used.
        instead: the option of the plan that keeps to any rate.
        access: what `shares` needs.
    """

    id = "glue-shares"
    title = "Glue's own reader and writer keep to the capacity"

    def __init__(
        self,
        move: Move,
        moving: MovingTable,
        shares: Callable[[MovingTable], Sequence[Share]],
        instead: str,
        access: Sequence[Access],
    ) -> None:
        super().__init__(move, moving)
        self._moving, self._shares = moving, shares
        self._instead, self._access = instead, access

    @answering
    def check(self) -> Finding:
        """Name each rate that is too small."""
        shares = self._shares(self._moving)
        over = [
            f"Glue uses at least {share.units * LEAST:,.0f} {share.kind} units a second, not {share.rate:,}."
            for share in shares
            if share.rate < share.units * LEAST
        ]
        if not over:
            told = " and ".join(f"{share.rate:,} of {share.units:,} {share.kind} units" for share in shares)
            return self.finding("pass", f"Glue uses {told} a second.")
        advice = f"Choose {self._instead}, which keeps to any number, if others need the capacity or it costs too much."
        return self.finding(
            "warn", f"{' '.join(over)} A tenth of what it takes the table to have is its least.", advice
        )

    def access(self) -> Sequence[Access]:
        """Describe a target table that exists."""
        return self._access
