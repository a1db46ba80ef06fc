"""How large a job is made, how long it may take and what it costs: one place, for estimates and for the job itself.

The formulas, each adjustable by an option:

- *write units* = items x ceil(item size / 1 KB), once for the table and once more for each local index, which share
  one capacity. Global indexes have a capacity of their own, so they cost money, but no time.
- *write rate* = what the new table serves from the start, no more than `max_write_units`: see
  `ddbtui.methods.steps.loading.write_rate`.
- *read rate* (`glue` only) = `read_share` of the source's read units; an on-demand source has its maximum, or 12,000.
  A scan takes half a unit for 4 KB.
- *tasks* = write rate / 500: a task puts one batch of 25 after the other, at about 50 ms each.
- *workers* = 1 driver + tasks / slots of a worker (4 for each DPU), from 2 to 100.
- *parallel* = slots of all workers but the driver.
- *segments* = one for each 64 MiB, at least `parallel` and at most 8 times as many.
- *seconds* = the slower one of writing and reading.
- *timeout* = 3 times that and half an hour, at least an hour and at most Glue's 7 days; those
  has a run that follows a timeout.
- *cost* = workers x DPU x hours, of which Glue bills at least one minute.

https://docs.aws.amazon.com/glue/latest/dg/add-job.html
"""

from __future__ import annotations

from dataclasses import dataclass

from ddbtui.aws.table import Table
from ddbtui.methods import prices
from ddbtui.methods.glue.options import MOST_MINUTES, CopyOptions, GlueOptions, WorkerType

DPU: dict[WorkerType, int] = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
NEW_READ_UNITS = 12_000
START_SECONDS = 60
"""About what Glue takes to start a job; not billed."""
_SLOTS_A_DPU = 4
_TASK_UNITS = 500
_MOST_WORKERS = 100
_SEGMENT_BYTES = 64 * 1024**2
_SEGMENTS_A_TASK = 8
_KIB = 1024
_SCAN_BYTES = 8192
"""What one read unit of an eventually consistent scan gives."""


@dataclass(frozen=True)
class Sizing:
    """One job.

    Attributes:
        workers: how many, with the driver.
        worker_type: their kind.
        parallel: tasks that run at a time.
        segments: parts of the scan; of use only where a table is scanned.
        write_rate: write units a second that the job may use.
        read_rate: read units a second that it may use; 0 where no table is read.
        seconds: how long it will probably work, without its start.
        timeout_minutes: after how many Glue ends it.
    """

    workers: int
    worker_type: WorkerType
    parallel: int
    segments: int
    write_rate: int
    read_rate: int
    seconds: int
    timeout_minutes: int

    @property
    def dpu(self) -> int:
        """Data processing units of all workers."""
        return self.workers * DPU[self.worker_type]

    def dollars(self, seconds: int | None = None) -> float:
        """Return what the job costs, for the expected or another duration."""
        billed = max(60, self.seconds if seconds is None else seconds)
        return self.dpu * billed / 3600 * prices.GLUE_DPU_HOUR


def size_job(table: Table, options: GlueOptions, write_rate: float) -> Sizing:
    """Return the size of the job that fills one table.

    Args:
        table: inventory of the source.
        options: of the plan.
        write_rate: write units a second that the job may use.
    """
    writes, reads = max(1, int(write_rate)), read_rate(table, options)
    slots = DPU[options.worker_type] * _SLOTS_A_DPU
    tasks = -(-writes // _TASK_UNITS)
    workers = options.workers or min(_MOST_WORKERS, max(2, 1 + -(-tasks // slots)))
    parallel = (workers - 1) * slots
    seconds = -(-write_units(table) // writes)
    if reads:
        seconds = max(seconds, scan_seconds(table, reads))
    return Sizing(
        workers=workers,
        worker_type=options.worker_type,
        parallel=parallel,
        segments=_segments(table, options, parallel),
        write_rate=writes,
        read_rate=reads,
        seconds=seconds,
        timeout_minutes=options.timeout_minutes or min(MOST_MINUTES, max(60, 30 + seconds * 3 // 60)),
    )


def write_units(table: Table) -> int:
    """Return what writing all items takes of the table's own capacity, in write units."""
    each = -(-table.size_bytes // (table.item_count * _KIB)) if table.item_count else 0
    units = table.item_count * each or -(-table.size_bytes // _KIB)
    return units * (1 + len(table.local_indexes))


def read_rate(table: Table, options: GlueOptions) -> int:
    """Return how many read units a second of the source the job may use; 0 if it does not read it."""
    if not isinstance(options, CopyOptions):
        return 0
    return max(1, round(source_read_units(table) * options.read_share))


def source_read_units(table: Table) -> int:
    """Return the read units a second that the source has, or is taken to have."""
    if table.billing == "PROVISIONED":
        return max(1, table.read_units or 1)
    return table.max_read_units or NEW_READ_UNITS


def scan_seconds(table: Table, read_units: int) -> int:
    """Return how long a scan of the table takes at so many read units a second."""
    return -(-table.size_bytes // (_SCAN_BYTES * read_units))


def _segments(table: Table, options: GlueOptions, parallel: int) -> int:
    chosen = options.segments if isinstance(options, CopyOptions) else None
    by_size = -(-table.size_bytes // _SEGMENT_BYTES)
    return chosen or max(parallel, min(parallel * _SEGMENTS_A_TASK, by_size))
