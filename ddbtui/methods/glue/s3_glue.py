"""Export to S3 in the source account; a Glue job of the target account puts the exported items into a table.

https://docs.aws.amazon.com/prescriptive-guidance/latest/patterns/copy-amazon-dynamodb-tables-across-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods import prices
from ddbtui.methods.base import Estimate, Verdict, left_behind
from ddbtui.methods.glue.estimates import job_line, job_seconds, likely_sizes
from ddbtui.methods.glue.job import DefineJobStep, job_removal
from ddbtui.methods.glue.job_run import RunJobStep
from ddbtui.methods.glue.method import GlueMethod
from ddbtui.methods.glue.network import bucket_elsewhere
from ddbtui.methods.glue.options import S3GlueOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.ways import loader_of, way_of
from ddbtui.methods.steps.clean_up import CleanUpExportStep
from ddbtui.methods.steps.counts import ExportCountsStep
from ddbtui.methods.steps.export_proof import ExportProofStep
from ddbtui.methods.steps.exporting import bucket_prerequisites, export_steps
from ddbtui.methods.steps.exports import CheckExportStep
from ddbtui.methods.steps.loaded_table import after_load, before_load
from ddbtui.methods.steps.loading import loading_lines
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.quotas import ExportSlots
from ddbtui.prerequisites.table import PointInTimeRecovery


class S3Glue(GlueMethod):
    """AWS's export, then a Glue job that loads it."""

    id = "s3-glue"
    title = "S3 export and a Glue job"
    summary = (
        "DynamoDB exports the table to a bucket of the target account, from its continuous backups and so without any "
        "load on the source; a Glue job there puts the items, in DynamoDB's own types, into a table that is made "
        "first, with its local secondary indexes. As of one instant, exact to about a minute. Consumes write capacity "
        "of the new table."
    )
    url = "https://docs.aws.amazon.com/prescriptive-guidance/latest/patterns/copy-amazon-dynamodb-tables-across-accounts.html"
    options = S3GlueOptions

    def suits(self, table: Table) -> Verdict:
        """Any table; say what to know."""
        return Verdict(True, tuple(left_behind(table)))

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Cost of the export, the writes and the jobs; time of the export and the largest job."""
        sizes = likely_sizes(tables, options, S3GlueOptions)
        lines = [
            prices.by_size("Export to S3", tables, prices.EXPORT_GIB),
            *loading_lines(tables, options),
            *loader_of(options).costs(tables),
            job_line(sizes),
            prices.strong_reads("Read the copy once (proof: digest)", tables),
        ]
        export, jobs = prices.seconds_by_partitions(tables), job_seconds(sizes, tables)
        return Estimate(tuple(lines), (export[0] + jobs[0], export[1] + jobs[1]), (prices.NOTE,))

    def bucket_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """The source must be able to write into it."""
        return bucket_prerequisites(move, bucket_elsewhere(move))

    def more_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """Room for the exports."""
        return (ExportSlots(move),)

    def table_prerequisites(self, move: Move, moving: MovingTable) -> Iterable[Prerequisite]:
        """What an export needs."""
        return (PointInTimeRecovery(move, moving),)

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Export, check, make the table, load; compare with the export, which stands still."""
        way = way_of(move.plan.method)
        yield DefineJobStep(move, moving)
        yield from export_steps(move, moving, way.reading or CheckExportStep)
        yield from way.steps(move, moving)
        yield from before_load(move, moving)
        yield from (RunJobStep(move, moving, way), LoadedCountsStep(move, moving))
        if move.plan.proof == "digest":
            yield ExportProofStep(move, moving)
        yield from after_load(move, moving)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the job and the export."""
        return CleanUpLoadStep(move, moving)


class LoadedCountsStep(ExportCountsStep):
    """The job tells how many items it has written."""

    writer = "job"

    def arrived(self, ctx: StepContext) -> dict[str, int]:
        """What the job has written."""
        return {"written": ctx.result("job")["items"]}


class CleanUpLoadStep(CleanUpExportStep):
    """Removes a table's job and its export, and switches its backups off again if they were off before."""

    def access(self) -> Sequence[Access]:
        """Delete both, and what the way of loading has made."""
        return [*super().access(), job_removal(Places(self.move)), *way_of(self.move.plan.method).removal(self.move)]
