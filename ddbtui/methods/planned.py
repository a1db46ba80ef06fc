"""Methods that are declared but not built yet: what they are, what they keep, whom they suit, what they cost.

Each moves to a file of its own when it gets its steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.table import Table
from ddbtui.methods import prices
from ddbtui.methods.attributes import KEEPING_LOADER, matrix
from ddbtui.methods.base import CostLine, Verdict
from ddbtui.methods.not_yet import PlannedMethod

_DOCS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


class S3Bulk(PlannedMethod):
    """Export, then StartBulkPutItems."""

    id = "s3-bulk"
    title = "S3 export and bulk put"
    summary = (
        "DynamoDB exports the table to a bucket and puts the items into an existing table by itself. The table is "
        "created first, so that local secondary indexes and all settings are kept. A new call of 2026, not in every "
        "region."
    )
    url = f"{_DOCS}/BulkPutItems.html"
    keeps = matrix(KEEPING_LOADER)

    def suits(self, table: Table) -> Verdict:
        """Anything but a table with replicas in the way."""
        notes = ["needs StartBulkPutItems in the target's region"]
        if table.replicas:
            notes.append("is a global table: load first, add replicas in the target afterwards")
        return Verdict(True, tuple(notes))

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """The export; bulk puts are charged by byte."""
        export = prices.by_size("Export to S3", tables, prices.EXPORT_GIB)
        return [
            export,
            prices.by_size("Bulk put (as an import; its price is to be looked up)", tables, prices.IMPORT_GIB),
        ]

    def seconds(self, tables: Sequence[Table]) -> tuple[int, int]:
        """Like export and import: DynamoDB works in parallel by itself."""
        return prices.seconds_by_partitions(tables)


class Emr(PlannedMethod):
    """Hive on Amazon EMR."""

    id = "emr"
    title = "Amazon EMR with Hive"
    summary = (
        "Hive on an EMR cluster copies the source to S3 and from there into the target. Useful where an EMR estate "
        "exists. Loads both tables; empty lists and maps can't be copied."
    )
    url = f"{_DOCS}/EMRforDynamoDB.html"
    keeps = matrix(KEEPING_LOADER.replace("kept", "partly", 1))
    slow_items_a_second = 2_000.0

    def suits(self, table: Table) -> Verdict:
        """Any table, with its limits."""
        return Verdict(
            True,
            (
                "items with empty lists or maps fail",
                "reads the source by a scan, which is no instant and consumes its capacity",
            ),
        )

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """Scan, writes, a small cluster."""
        hours = self.seconds(tables)[1] / 3600
        cluster = CostLine("EMR cluster (3 m5.xlarge)", f"up to {hours:,.1f} h", hours * 3 * (0.192 + 0.048))
        return [prices.scans("Scan the source", tables), prices.writes(tables), cluster]


class DataPipeline(PlannedMethod):
    """AWS Data Pipeline."""

    id = "data-pipeline"
    title = "AWS Data Pipeline"
    summary = (
        "Two pipelines with EMR clusters of their own: export to S3 in one account, import in the other. AWS has "
        "closed the service to new customers on 25 July 2024."
    )
    url = "https://docs.aws.amazon.com/datapipeline/latest/DeveloperGuide/dp-importexport-ddb.html"
    keeps = matrix(KEEPING_LOADER.replace("kept", "partly", 1))
    slow_items_a_second = 2_000.0

    def suits(self, table: Table) -> Verdict:
        """Only where it is in use already, which the table doesn't tell."""
        return Verdict(
            False,
            (
                "AWS Data Pipeline is closed to new customers since 25 July 2024: only for accounts that use it",
                "items with empty lists or maps fail",
            ),
        )

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """Scan, writes, clusters."""
        hours = self.seconds(tables)[1] / 3600
        cluster = CostLine("EMR clusters (6 m3.xlarge)", f"up to {hours:,.1f} h", hours * 6 * (0.266 + 0.07))
        return [prices.scans("Scan the source", tables), prices.writes(tables), cluster]


class Direct(PlannedMethod):
    """ddbtui itself scans and writes."""

    id = "direct"
    title = "Direct copy"
    summary = (
        "ddbtui scans the source in segments and writes the items into a table that it creates first. Nothing to set "
        "up, all types exact; right for small tables. Not exact as of one instant while writes go on; loads the source."
    )
    url = f"{_DOCS}/Scan.html"
    keeps = matrix(KEEPING_LOADER)

    def suits(self, table: Table) -> Verdict:
        """Best for small tables."""
        notes = ["reads the source by a scan, which is no instant and consumes its capacity"]
        if table.size_bytes > 10 * prices.GIB:
            notes.append("is large for this way: every item goes through this machine; s3-import needs no capacity")
        return Verdict(True, tuple(notes))

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """Scan and writes."""
        return [prices.scans("Scan the source", tables), prices.writes(tables)]


class GlobalTable(PlannedMethod):
    """A multi-account global table, then disassociate."""

    id = "global-table"
    title = "Multi-account global table"
    summary = (
        "The target account joins as a replica in another region, DynamoDB fills it and keeps it up to date, and later "
        "it is disassociated. Nearly no downtime. The replica has the table's name, and must be in another region."
    )
    url = f"{_DOCS}/V2globaltables_MA.html"
    keeps = matrix(
        "kept kept kept kept lost kept kept kept kept kept re-applied kept lost re-applied set re-applied re-applied "
        "set re-applied lost impossible lost lost"
    )

    def suits(self, table: Table) -> Verdict:
        """Not with replicas, nor with a key of AWS's own."""
        refusals = []
        if table.replicas:
            refusals.append("is a global table already: its replicas must be dropped first")
        if table.encryption.kind == "aws-managed":
            refusals.append("is encrypted with AWS's own key (aws/dynamodb), which can't be shared between accounts")
        note = "source and target must be in different regions, and the copy keeps the table's name"
        return Verdict(not refusals, (*refusals, note))

    def lines(self, tables: Sequence[Table]) -> list[CostLine]:
        """The fill of the replica, and the transfer between regions."""
        return [
            prices.by_size("Fill the replica (as a restore)", tables, prices.RESTORE_GIB),
            prices.by_size("Transfer between regions", tables, 0.02),
        ]

    def seconds(self, tables: Sequence[Table]) -> tuple[int, int]:
        """Like a restore."""
        return prices.seconds_by_partitions(tables)
