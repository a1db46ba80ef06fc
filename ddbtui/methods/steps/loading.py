"""What all methods share that load items into a table which exists before: its options, rate, cost and prerequisites.

Such a method is a `TableMethod` whose options inherit `LoadingOptions`. It asks for `loading_quotas` once and for
`loading_prerequisites` and `loading_lines` for each table, and puts `before_load` and `after_load` of
`ddbtui.methods.steps.loaded_table` around its own steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, cast

from pydantic import Field

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.methods import prices
from ddbtui.methods.base import CostLine
from ddbtui.methods.steps.target_table import FRESH_WRITE_UNITS, billing, usual_write_units, written
from ddbtui.plan.misfits import Misfit
from ddbtui.plan.model import MethodOptions, Plan
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.quotas import TableQuota
from ddbtui.prerequisites.table import TargetNameFree
from ddbtui.prerequisites.target_table import TargetTableReady
from ddbtui.prerequisites.write_quota import Units, WriteQuota

_MOST_UNITS = 10_000_000
_ONLY_NEW = "is only for tables that ddbtui makes; with table: existing leave it out"


class LoadingOptions(MethodOptions):
    """Options of every method that loads items into a table."""

    table: Literal["create", "existing"] = Field(
        "create",
        description="create: ddbtui makes the target table as its source is; existing: an empty one of equal keys",
    )
    indexes: Literal["with-load", "after-load"] = Field(
        "with-load",
        description="Global secondary indexes: with-load makes them with the table, and each write is written to each "
        "of them as well; after-load adds them one by one afterwards, so that the load needs less capacity, and AWS "
        "then fills them, which takes longer",
    )
    warm_write_units: int | None = Field(
        None,
        ge=1,
        le=_MOST_UNITS,
        description="Warm throughput: write units a second that the new table serves from the start, for a fast load; "
        "charged once, and it can't be lowered again",
    )
    max_write_units: int | None = Field(
        None,
        ge=1,
        le=_MOST_UNITS,
        description="Write units a second that the load may use; what the table serves from the start if absent",
    )

    def misfits(self) -> Iterator[Misfit]:
        """Options of a new table where none is made."""
        yield from super().misfits()
        if self.table == "existing" and self.warm_write_units is not None:
            yield ("warm_write_units",), _ONLY_NEW

    def misfits_in(self, plan: Plan) -> Iterator[Misfit]:
        """The same of the plan's wishes. A key is none: whoever loads an existing table must be allowed to use it."""
        yield from super().misfits_in(plan)
        if self.table == "existing" and plan.target_table.billing != "as-source":
            yield ("target_table", "billing"), _ONLY_NEW
        if self.table == "existing" and plan.target_table.encryption == "aws-managed":
            yield ("target_table", "encryption"), _ONLY_NEW


def loading_options(move: Move) -> LoadingOptions:
    """Return the options of a move whose method loads."""
    return cast(LoadingOptions, move.plan.method)


def creates(move: Move) -> bool:
    """Whether ddbtui makes the target tables."""
    return loading_options(move).table == "create"


def indexes_with_load(move: Move) -> bool:
    """Whether the global indexes are there while the table is loaded."""
    return loading_options(move).indexes == "with-load"


def write_rate(move: Move, moving: MovingTable) -> float:
    """Return the write units a second that the load of a table may use. Asks AWS nothing.

    No more than the new table serves from the start, and no more than any index that is written along with it: one
    that can't follow slows the table down. Of an existing table nothing is known here: a fresh one's is taken, and
    `TargetTableReady` compares.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gsi-throttling.html
    """
    return _rate(moving.table, loading_options(move), billing(move, moving.table) == "PAY_PER_REQUEST")


def likely_write_rate(table: Table, options: LoadingOptions) -> float:
    """Return the same for an estimate, which knows no plan: the copy is taken to be billed as its source."""
    return _rate(table, options, table.billing == "PAY_PER_REQUEST")


def _rate(table: Table, options: LoadingOptions, on_demand: bool) -> float:
    wished = options.max_write_units
    if options.table == "existing":
        return float(wished or FRESH_WRITE_UNITS)
    limits = list(_limits(table, options, on_demand))
    return float(min([*limits, wished] if wished else limits))


def _limits(table: Table, options: LoadingOptions, on_demand: bool) -> Iterator[int]:
    for of in written(table, options.indexes == "with-load"):
        usual = usual_write_units(of, on_demand)
        yield max(usual, options.warm_write_units or 0) if on_demand else usual
        if on_demand and of.max_write_units:
            yield of.max_write_units


def loading_prerequisites(move: Move, moving: MovingTable) -> list[Prerequisite]:
    """Return what must hold of one target table."""
    if creates(move):
        return [TargetNameFree(move, moving)]
    return [TargetTableReady(move, moving, write_rate(move, moving), indexes_with_load(move))]


def loading_quotas(move: Move) -> list[Prerequisite]:
    """Return what must hold of the target account, for all tables together."""
    quota = WriteQuota(move, {moving.name: _units(move, moving) for moving in move.tables})
    return [TableQuota(move), quota] if creates(move) else [quota]


def _units(move: Move, moving: MovingTable) -> Units:
    """What is provisioned or warmed with the table and its indexes, by the rules of the quotas."""
    table, rate = moving.table, round(write_rate(move, moving))
    if not creates(move) or billing(move, table) == "PAY_PER_REQUEST":
        return Units(0, max(rate, loading_options(move).warm_write_units or 0), provisioned=False)
    made = written(table, True)
    read, write = [of.read_units or 0 for of in made], [of.write_units or 0 for of in made]
    return Units(sum(read), sum(write), provisioned=True)


def loading_lines(tables: Sequence[Table], options: MethodOptions | None) -> list[CostLine]:
    """Return the cost of writing the items, of the global indexes either way, and of warm throughput.

    Args:
        tables: the sources; each copy is taken to be billed as its source.
        options: a `LoadingOptions`; None for the defaults.
    """
    chosen = cast(LoadingOptions, options) if options else LoadingOptions(type="defaults")
    with_load = chosen.indexes == "with-load"
    what = "Write the items to global indexes, too" if with_load else "Fill the global indexes after the load, at most"
    lines = prices.loads("Write the items", tables, lambda table: 1 + len(table.local_indexes))
    lines += prices.loads(what, tables, lambda table: len(table.global_indexes))
    if chosen.warm_write_units:
        warmed = sum(_warmed(table, chosen.warm_write_units, with_load) for table in tables)
        lines.append(prices.warm_throughput(warmed))
    return lines


def _warmed(table: Table, units: int, with_load: bool) -> int:
    """Units that are paid for: those above what the new table and its indexes serve anyway."""
    on_demand = table.billing == "PAY_PER_REQUEST"
    above = [max(0, units - usual_write_units(of, on_demand)) for of in written(table, with_load)]
    return sum(above)
