"""Shares of a table's capacity, which is all that Glue's own reader and writer can be told.

They take the units of a provisioned table, and 40,000 for one on demand; a share is from 0.1 to 1.5.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html
"""

from __future__ import annotations

from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import size_job, source_read_units
from ddbtui.methods.steps.loading import write_rate
from ddbtui.methods.steps.target_table import billing

_ON_DEMAND = 40_000
_LEAST, _MOST = 0.1, 1.5


def write_share(move: Move, moving: MovingTable) -> str:
    """Return the share of the target's write units that comes to the rate at which jobs write."""
    if billing(move, moving.table) == "PROVISIONED":
        return "1.0"
    return _share(size_job(moving.table, Places(move).options, write_rate(move, moving)).write_rate / _ON_DEMAND)


def read_share(move: Move, moving: MovingTable) -> str:
    """Return the share of the source's read units that comes to the rate at which jobs may read."""
    sizing = size_job(moving.table, Places(move).options, write_rate(move, moving))
    units = source_read_units(moving.table) if moving.table.billing == "PROVISIONED" else _ON_DEMAND
    return _share(sizing.read_rate / units)


def _share(wanted: float) -> str:
    return f"{min(_MOST, max(_LEAST, wanted)):.3f}"
