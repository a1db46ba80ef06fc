"""What must hold of a target table that exists before the move.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import Shape, billing_mode, definition, described_shape, shape_of
from ddbtui.aws.inventory import find_table, table_arn
from ddbtui.aws.move import Move, MovingTable
from ddbtui.prerequisites.base import Finding, answering
from ddbtui.prerequisites.table import TablePrerequisite
from ddbtui.text import shown


class TargetTableReady(TablePrerequisite):
    """The table is ACTIVE and empty, has the keys of its source, deletes nothing by itself, and can take the load."""

    id = "target-table"
    title = "The target table is ready for the load"

    def __init__(self, move: Move, moving: MovingTable, rate: float, indexes_needed: bool) -> None:
        """Make it.

        Args:
            move: the plan with its accounts.
            moving: the table.
            rate: write units a second that the load will use.
            indexes_needed: whether nobody adds the missing global indexes after the load.
        """
        super().__init__(move, moving)
        self._rate = rate
        self._indexes_needed = indexes_needed

    @answering
    def check(self) -> Finding:
        """Describe it, and read one item."""
        if self.rival:
            return self.finding("fail", self.rival, "Load every table into one of its own.")
        found = find_table(self.move.target, self.target_name)
        if found is None:
            where = f"account {self.move.target.account_id} (ResourceNotFoundException)"
            advice = "Make it with the keys of its source, or let ddbtui create it."
            return self.finding("fail", f"'{self.target_name}' does not exist in {where}.", advice)
        for problem, advice in self._problems(found):
            return self.finding("fail", problem, advice)
        told = list(self._differences(found))
        if told:
            return self.finding("warn", f"'{self.target_name}' is empty and has the keys. {' '.join(told)}", _DIFFERS)
        return self.finding("pass", f"'{self.target_name}' is ACTIVE and empty, its keys are those of the source.")

    def _problems(self, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What forbids the load, cheapest question first."""
        states = [str(found["TableStatus"]), *(index.status for index in definition(found)["global_indexes"])]
        passing = [state for state in states if state != "ACTIVE"]
        if passing:
            yield f"The table or an index of it is {shown(passing[0], 60)}.", "Wait until all are ACTIVE."
        wanted, there = shape_of(self.table), described_shape(found)
        if wanted.keys != there.keys:
            keys = f"{_keys(there)}, those of the source are {_keys(wanted)}"
            yield f"Its keys are {keys}.", "Load into a table of equal keys, or let ddbtui create it."
        answer = self._dynamodb().describe_time_to_live(TableName=self.target_name)
        if answer["TimeToLiveDescription"].get("TimeToLiveStatus") not in ("DISABLED", None):
            yield "Time to live is on: items would be deleted while they are compared.", "Switch it off until then."
        if self._dynamodb().scan(TableName=self.target_name, Limit=1, ConsistentRead=True).get("Items"):
            advice = "Load into an empty table: what is in it would be mixed with what is moved."
            yield "The table is not empty.", advice

    def _differences(self, found: Mapping[str, Any]) -> Iterator[str]:
        """What does not forbid it, but is to be known."""
        wanted, there = shape_of(self.table), described_shape(found)
        yield from _lacks("local", _missing(wanted.local_indexes, there.local_indexes), "can't be added")
        if self._indexes_needed:
            missing = _missing(wanted.global_indexes, there.global_indexes)
            yield from _lacks("global", missing, "will not be added")
            watched = [name for name in missing if name in self.table.contributor_insights]
            if watched and "contributor-insights" in self.move.plan.carried:
                yield f"Contributor Insights of {shown(', '.join(watched))} will not be carried over."
        yield from _others(wanted, there)
        if (found.get("StreamSpecification") or {}).get("StreamEnabled"):
            yield "Its stream is on: whoever reads it sees every loaded item."
        units = definition(found)["write_units"] or 0
        if billing_mode(found) == "PROVISIONED" and units < self._rate:
            yield f"It has {units:,} write units, the load is to use {self._rate:,.0f}: set max_write_units."

    def access(self) -> Sequence[Access]:
        """Three reads."""
        arn = table_arn(self.move.target, self.target_name)
        return [
            Access("target", "dynamodb:DescribeTable", arn, "compare the target table with its source"),
            Access("target", "dynamodb:DescribeTimeToLive", arn, "see whether the target table deletes items"),
            Access("target", "dynamodb:Scan", arn, "see whether the target table is empty"),
        ]

    def _dynamodb(self) -> Any:
        return self.move.target.client("dynamodb")


_DIFFERS = "Change the table before the load if that is not meant."


def _keys(shape: Shape) -> str:
    return shown(", ".join(f"{name} ({kind}, {role})" for role, name, kind in shape.keys))


def _missing(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    return [name for name in wanted if name not in there]


def _lacks(kind: str, missing: Sequence[str], then: str) -> Iterator[str]:
    if missing:
        yield f"It lacks {kind} indexes of the source, which {then}: {shown(', '.join(missing))}."


def _others(wanted: Shape, there: Shape) -> Iterator[str]:
    """Indexes that are otherwise, or that the source doesn't have: an item of another key type is refused by AWS."""
    for ours, theirs in (
        (wanted.global_indexes, there.global_indexes),
        (wanted.local_indexes, there.local_indexes),
    ):
        other = [name for name, built in theirs.items() if ours.get(name) != built]
        if other:
            yield f"Indexes that the source has not or has otherwise: {shown(', '.join(other))}."
