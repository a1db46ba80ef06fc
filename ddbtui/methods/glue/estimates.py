"""What the jobs of a move cost, and how long they take together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ddbtui.aws.table import Table
from ddbtui.methods.base import CostLine
from ddbtui.methods.glue.job_run import GLUE_SLOTS
from ddbtui.methods.glue.options import GlueOptions
from ddbtui.methods.glue.sizing import START_SECONDS, Sizing, size_job
from ddbtui.methods.steps.loading import likely_write_rate
from ddbtui.plan.model import MethodOptions
from ddbtui.text import duration, plural


def likely_sizes(tables: Sequence[Table], options: MethodOptions | None, default: type[GlueOptions]) -> list[Sizing]:
    """Return the size of each job, for an estimate.

    Args:
        tables: the sources.
        options: of the plan, if there is one yet.
        default: the method's option model, for its defaults.
    """
    chosen = cast(GlueOptions, options) if options else default.model_validate({"bucket": "unknown"})
    return [size_job(table, chosen, likely_write_rate(table, chosen)) for table in tables]


def job_line(sizes: Sequence[Sizing]) -> CostLine:
    """Return the cost of the jobs, as long as each probably works."""
    dpus, seconds = sum(one.dpu for one in sizes), sum(one.seconds for one in sizes)
    quantity = f"{plural(len(sizes), 'job')}, {dpus:,} DPU, {duration(seconds)} of work"
    return CostLine("Glue jobs", quantity, sum(one.dollars() for one in sizes))


def job_seconds(sizes: Sequence[Sizing], tables: Sequence[Table]) -> tuple[int, int]:
    """Return how long the jobs take, with their starts, and the proof that reads the items afterwards."""
    longest = max((one.seconds for one in sizes), default=0)
    waves = -(-len(sizes) // GLUE_SLOTS)
    items = sum(table.item_count for table in tables)
    low = START_SECONDS * waves + longest + items / 25_000
    high = 3 * START_SECONDS * waves + 3 * longest * waves + items / 8_000
    return round(low), round(high)
