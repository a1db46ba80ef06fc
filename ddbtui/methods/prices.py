"""List prices of us-east-1 in US dollars, and what several methods share of an estimate.

Looked up in 2026; other regions differ by some ten percent. https://aws.amazon.com/dynamodb/pricing/
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ddbtui.aws.table import Table
from ddbtui.methods.base import CostLine
from ddbtui.text import size

GIB = 1024**3
EXPORT_GIB = 0.10
IMPORT_GIB = 0.15
RESTORE_GIB = 0.15
BACKUP_GIB_MONTH = 0.10
PITR_GIB_MONTH = 0.20
WRITE_MILLION = 0.625
READ_MILLION = 0.125
WCU_HOUR = 0.00065
GLUE_DPU_HOUR = 0.44
S3_GIB_MONTH = 0.023
S3_PUT_THOUSAND = 0.005
TRANSFER_GIB = 0.02
"""Between regions, for most pairs of them. https://aws.amazon.com/backup/pricing/"""
HOURS_A_MONTH = 730
NOTE = "List prices of us-east-1; sizes and counts are up to six hours old."


def gib(tables: Sequence[Table]) -> float:
    """Return the size of all tables in GiB."""
    return sum(table.size_bytes for table in tables) / GIB


def by_size(what: str, tables: Sequence[Table], dollars_per_gib: float) -> CostLine:
    """Return a line for something that is charged by the tables' size."""
    return CostLine(what, size(sum(table.size_bytes for table in tables)), gib(tables) * dollars_per_gib)


def writes(tables: Sequence[Table]) -> CostLine:
    """Return the line for writing every item once, and once more for each index."""
    units = sum(_units(table, 1024) * (1 + len(table.global_indexes) + len(table.local_indexes)) for table in tables)
    return CostLine("Write the items (on-demand)", f"{units / 1e6:,.1f} M write units", units / 1e6 * WRITE_MILLION)


def loads(what: str, tables: Sequence[Table], times: Callable[[Table], int]) -> list[CostLine]:
    """Return the lines for loading tables: one for those on demand, one for those that pay by provisioned hours.

    Args:
        what: the beginning of each line.
        tables: what is loaded.
        times: how many times each item of a table is written.
    """
    lines = []
    for billing, word, dollars in (
        ("PAY_PER_REQUEST", "on-demand", WRITE_MILLION / 1e6),
        ("PROVISIONED", "provisioned, for as long as it takes", WCU_HOUR / 3600),
    ):
        units = sum(_units(table, 1024) * times(table) for table in tables if table.billing == billing)
        if units:
            lines.append(CostLine(f"{what} ({word})", f"{units / 1e6:,.1f} M write units", units * dollars))
    return lines


def warm_throughput(units: int) -> CostLine:
    """Return the line for warm throughput above what tables have anyway; charged once, as an hour of provisioned units.

    https://aws.amazon.com/blogs/database/pre-warming-amazon-dynamodb-tables-with-warm-throughput/
    """
    what = "Warm throughput, once (it can't be lowered again)"
    return CostLine(what, f"{units:,} write units a second", units * WCU_HOUR)


def strong_reads(what: str, tables: Sequence[Table]) -> CostLine:
    """Return the line for one strongly consistent scan."""
    units = sum(table.size_bytes for table in tables) / 4096
    return CostLine(what, f"{units / 1e6:,.2f} M read units", units / 1e6 * READ_MILLION)


def scans(what: str, tables: Sequence[Table]) -> CostLine:
    """Return the line for one eventually consistent scan."""
    units = sum(table.size_bytes for table in tables) / 8192
    return CostLine(what, f"{units / 1e6:,.2f} M read units", units / 1e6 * READ_MILLION)


def seconds_by_partitions(tables: Sequence[Table]) -> tuple[int, int]:
    """Return how long AWS takes for what it does by partition: minutes for small tables, hours for terabytes."""
    largest = max((table.size_bytes for table in tables), default=0) / GIB
    return 600 + round(largest * 4), 2400 + round(largest * 14)


def _units(table: Table, unit_bytes: int) -> int:
    """Units for all items: each is rounded up, so many small items are dear."""
    if not table.item_count:
        return -(-table.size_bytes // unit_bytes)
    return table.item_count * -(-table.size_bytes // (table.item_count * unit_bytes))
