"""Export to S3 in the source account, import from S3 into a new table of the target account.

https://docs.aws.amazon.com/prescriptive-guidance/latest/patterns/copy-amazon-dynamodb-tables-across-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step
from ddbtui.methods import prices
from ddbtui.methods.attributes import matrix
from ddbtui.methods.base import CostLine, Estimate, Verdict, left_behind
from ddbtui.methods.steps.clean_up import CleanUpExportStep
from ddbtui.methods.steps.export_proof import ExportProofStep
from ddbtui.methods.steps.exporting import bucket_prerequisites, export_steps
from ddbtui.methods.steps.exports import EXPORT_SLOTS, READ_SLOTS
from ddbtui.methods.steps.importable import CheckImportableStep
from ddbtui.methods.steps.imports import IMPORT_SLOTS, ImportCountsStep, ImportStep
from ddbtui.methods.steps.settings import carry_over_steps
from ddbtui.methods.steps.staging import StagingOptions
from ddbtui.methods.steps.structure import StructureStep
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.organization import Organization
from ddbtui.prerequisites.quotas import ExportSlots, ImportSize, ImportSlots, TableQuota
from ddbtui.prerequisites.table import PointInTimeRecovery, TableActive, TableSettings, TargetNameFree
from ddbtui.text import size

_TIB = 1024**4
_LARGEST = 15 * _TIB
_FILE_BYTES = 100 * 1024**2
"""About the size of an exported file, for the number of PUTs; the cost does not hang on it."""


class S3ImportOptions(StagingOptions):
    """Options of `s3-import`."""

    type: Literal["s3-import"] = Field("s3-import", description="Name of the method")


class S3Import(TableMethod):
    """AWS's own export and import, joined by one bucket."""

    id = "s3-import"
    title = "S3 export and import"
    summary = (
        "DynamoDB exports the table to a bucket of the target account, from its continuous backups and so without any "
        "load on the source, and imports it there into a new table. As of one instant, exact to about a minute; cheap "
        "at any number of items, and no capacity is used on either side. Local secondary indexes can't be created "
        "this way."
    )
    url = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html"
    options = S3ImportOptions
    slots: ClassVar = {"export": EXPORT_SLOTS, "import": IMPORT_SLOTS, "read": READ_SLOTS}
    keeps = matrix(
        "kept set set impossible lost set set lost re-applied re-applied re-applied re-applied lost re-applied set "
        "re-applied re-applied re-applied re-applied lost lost lost lost"
    )

    def suits(self, table: Table) -> Verdict:
        """Refuse what AWS's import can't create or take."""
        refusals, notes = list(_refusals(table)), list(_notes(table))
        return Verdict(not refusals, tuple(refusals or notes))

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Cost by size; time by the largest table and by reading every item twice for the proof."""
        low, high = _seconds(tables)
        lines = [
            prices.by_size("Export to S3", tables, prices.EXPORT_GIB),
            prices.by_size("Import from S3 (uncompressed)", tables, prices.IMPORT_GIB),
            *_pitr([table for table in tables if not table.pitr], high),
            _storage(tables, high),
            prices.strong_reads("Read the copy once (proof: digest)", tables),
        ]
        return Estimate(tuple(lines), (low, high), (prices.NOTE, "A failed import is billed, too."))

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The run's, from the accounts to the quotas; then each table's."""
        found: list[Prerequisite] = [Accounts(move), Organization(move)]
        found += bucket_prerequisites(move)
        if key := move.plan.target_table.key_arn:
            found.append(TableKey(move, key))
        found += [ExportSlots(move), ImportSlots(move), TableQuota(move), ImportSize(move)]
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += [PointInTimeRecovery(move, moving), TargetNameFree(move, moving)]
        return found

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Export, check, import; compare with the export, which stands still."""
        yield from export_steps(move, moving, CheckImportableStep)
        yield from (ImportStep(move, moving), ImportCountsStep(move, moving))
        if move.plan.proof == "digest":
            yield ExportProofStep(move, moving)
        yield from carry_over_steps(move, moving)
        yield StructureStep(move, moving)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the export."""
        return CleanUpExportStep(move, moving)


def _refusals(table: Table) -> Iterator[str]:
    if table.local_indexes:
        count = len(table.local_indexes)
        indexes = f"{count} local secondary index" + ("" if count == 1 else "es")
        yield f"has {indexes}, which ImportTable can't create; backup, s3-glue and glue keep them"
    if table.size_bytes > _LARGEST:
        yield f"has {size(table.size_bytes)}; AWS imports at most 15 TiB in us-east-1, us-west-2 and eu-west-1"


def _notes(table: Table) -> Iterator[str]:
    if _TIB < table.size_bytes <= _LARGEST:
        yield f"has {size(table.size_bytes)}: more than 1 TiB is imported in us-east-1, us-west-2 and eu-west-1 only"
    yield from left_behind(table)


def _pitr(tables: Sequence[Table], seconds: int) -> list[CostLine]:
    if not tables:
        return []
    share = seconds / 3600 / prices.HOURS_A_MONTH
    return [prices.by_size("Point-in-time recovery during the move", tables, prices.PITR_GIB_MONTH * share)]


def _storage(tables: Sequence[Table], seconds: int) -> CostLine:
    total = sum(table.size_bytes for table in tables)
    puts = sum(1 + table.size_bytes // _FILE_BYTES for table in tables)
    kept = prices.gib(tables) * prices.S3_GIB_MONTH * seconds / 3600 / prices.HOURS_A_MONTH
    return CostLine("S3 requests and storage", f"up to {size(total)}", kept + puts / 1000 * prices.S3_PUT_THOUSAND)


def _seconds(tables: Sequence[Table]) -> tuple[int, int]:
    """Minutes for small tables; says AWS, "more than an hour" for each half in the terabytes."""
    largest = max((table.size_bytes for table in tables), default=0) / prices.GIB
    waves = -(-len(tables) // IMPORT_SLOTS)
    items = sum(table.item_count for table in tables)
    low = 600 * waves + largest * 4 + items / 25_000
    high = 2400 * waves + largest * 14 + items / 8_000
    return round(low), round(high)
