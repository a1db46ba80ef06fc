"""Shares of a table's capacity, which is all that Glue's own reader and writer can be told.

They take the units of a provisioned table, and 40,000 for one on demand; a share is from 0.1 to 1.5.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.definition import billing_mode, definition
from ddbtui.aws.inventory import find_table
from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import read_rate, size_job, source_read_units
from ddbtui.methods.steps.loading import creates, write_rate
from ddbtui.methods.steps.target_table import billing
from ddbtui.prerequisites.glue_shares import LEAST, LeastShares, Share

_ON_DEMAND = 40_000
_MOST = 1.5


def write_share(move: Move, moving: MovingTable) -> str:
    """Return the share of the target's write units that comes to the rate at which jobs write."""
    return _told(_writes(move, moving))


def read_share(move: Move, moving: MovingTable) -> str:
    """Return the share of the source's read units that comes to the rate at which jobs may read."""
    return _told(_reads(move, moving))


def least_shares(move: Move, instead: str, reads: bool = False) -> Sequence[LeastShares]:
    """Return the prerequisites that tell where Glue takes more than it should.

    Args:
        move: the move.
        instead: the option of the plan that keeps to any rate.
        reads: whether Glue's reader is used, beside its writer.
    """

    def shares(moving: MovingTable) -> list[Share]:
        return [_writes(move, moving), *([_reads(move, moving)] if reads else ())]

    return [LeastShares(move, one, shares, instead, share_access(move, one)) for one in move.tables]


def share_access(move: Move, moving: MovingTable) -> Sequence[Access]:
    """Return what the shares need: only of a table that exists before nobody knows the capacity."""
    if creates(move):
        return ()
    why = "see of how many units Glue's writer takes its share"
    return (Access("target", "dynamodb:DescribeTable", move.target_arn(moving), why),)


def _writes(move: Move, moving: MovingTable) -> Share:
    """No more than the table has: an existing one may have less than a new one would."""
    units = _write_units(move, moving)
    rate = size_job(moving.table, Places(move).options, write_rate(move, moving)).write_rate
    return Share("write", min(rate, units), units)


def _write_units(move: Move, moving: MovingTable) -> int:
    if creates(move):
        provisioned, units = billing(move, moving.table) == "PROVISIONED", moving.table.write_units
    else:
        found = find_table(move.target, moving.target_name)
        provisioned = found is not None and billing_mode(found) == "PROVISIONED"
        units = definition(found)["write_units"] if found else None
    return max(1, units or 1) if provisioned else _ON_DEMAND


def _reads(move: Move, moving: MovingTable) -> Share:
    table = moving.table
    units = source_read_units(table) if table.billing == "PROVISIONED" else _ON_DEMAND
    return Share("read", read_rate(table, Places(move).options), units)


def _told(share: Share) -> str:
    return f"{min(_MOST, max(LEAST, share.rate / share.units)):.3f}"
