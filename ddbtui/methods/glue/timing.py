"""Whether the job of a table can end in time, and what to change if it can't."""

from __future__ import annotations

from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.glue.options import MOST_MINUTES
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import Sizing, scan_seconds, size_job
from ddbtui.methods.steps.loading import write_rate
from ddbtui.prerequisites.glue_time import JobTime


def job_time(move: Move, moving: MovingTable) -> JobTime:
    """Return the prerequisite for one table."""
    sizing = size_job(moving.table, Places(move).options, write_rate(move, moving))
    return JobTime(move, moving, sizing.seconds, sizing.timeout_minutes * 60, _advice(moving, sizing))


def _advice(moving: MovingTable, sizing: Sizing) -> str:
    """Name what is slowest; the plan's own timeout is the smallest trouble."""
    if sizing.seconds <= MOST_MINUTES * 60:
        return f"Leave timeout_minutes out, or raise it; Glue takes up to {MOST_MINUTES:,}."
    if sizing.read_rate and scan_seconds(moving.table, sizing.read_rate) == sizing.seconds:
        return "Raise read_share or the table's read capacity, or choose s3-glue, which reads a backup instead."
    return (
        "Give the load more write units: billing: on-demand for the new table, a higher max_write_units, or more units "
        "of the source, whose number the new table has."
    )
