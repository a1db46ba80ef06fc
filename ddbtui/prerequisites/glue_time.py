"""A Glue job can do its work before Glue ends it.

https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.prerequisites.base import Finding, Prerequisite
from ddbtui.text import duration, size


class JobTime(Prerequisite):
    """The job of a table is through before its timeout. Goes by the inventory; asks nobody.

    Args:
        move: the plan with its accounts.
        moving: the table.
        seconds: how long the job will probably work.
        timeout: seconds after which Glue ends it.
        advice: what would make it faster, or the timeout longer.
    """

    id = "job-time"
    title = "The Glue job can end before its timeout"

    def __init__(self, move: Move, moving: MovingTable, seconds: int, timeout: int, advice: str) -> None:
        super().__init__(move, moving)
        self._table = moving.table
        self._seconds, self._timeout, self._advice = seconds, timeout, advice

    def check(self) -> Finding:
        """Compare both."""
        evidence = (
            f"{size(self._table.size_bytes)} take a job about {duration(self._seconds)} with the capacity that it "
        )
        evidence += f"may use; Glue ends it after {duration(self._timeout)}."
        if self._seconds <= self._timeout:
            return self.finding("pass", evidence)
        return self.finding("fail", evidence, self._advice)

    def access(self) -> Sequence[Access]:
        """Nothing."""
        return ()
