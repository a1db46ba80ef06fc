"""One Glue job of the target account reads the source through a role of its account, and writes the target.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step
from ddbtui.methods import prices
from ddbtui.methods.base import Estimate, Verdict, left_behind
from ddbtui.methods.glue.estimates import job_line, job_seconds, likely_sizes
from ddbtui.methods.glue.job import DefineJobStep, job_removal
from ddbtui.methods.glue.job_run import RunJobStep
from ddbtui.methods.glue.method import GlueMethod
from ddbtui.methods.glue.network import bucket_elsewhere
from ddbtui.methods.glue.options import CopyOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.rights import source_statements
from ddbtui.methods.glue.sizing import scan_seconds, size_job
from ddbtui.methods.glue.ways import way_of
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.live_proof import live_proof_steps, reading_steps
from ddbtui.methods.steps.loaded_table import after_load, before_load
from ddbtui.methods.steps.loading import loading_lines, write_rate
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.bucket import BucketExists
from ddbtui.prerequisites.bucket_settings import BucketPublicAccess
from ddbtui.prerequisites.glue_capacity import SourceCapacity
from ddbtui.prerequisites.glue_roles import SourceRole


class Glue(GlueMethod):
    """A job that copies from table to table."""

    id = "glue"
    title = "Glue, straight from table to table"
    summary = (
        "A Glue job of the target account scans the source with a role of its account, within a share of its capacity, "
        "and puts the items, in DynamoDB's own types, into a table that is made first, with its local secondary "
        "indexes. Needs no point-in-time recovery. No copy as of one instant: writes must have stopped. Loads both."
    )
    url = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html"
    options = CopyOptions

    def suits(self, table: Table) -> Verdict:
        """Any table; say what to know."""
        note = "is read by a scan, which is no instant and consumes its capacity"
        return Verdict(True, (note, *left_behind(table)))

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Cost of the scan, the writes, the jobs and the proof; time of the largest job."""
        sizes = likely_sizes(tables, options, CopyOptions)
        lines = [
            prices.scans("Scan the source", tables),
            *loading_lines(tables, options),
            job_line(sizes),
            prices.strong_reads("Read the source once (proof)", tables),
            prices.strong_reads("Read the copy once (proof)", tables),
        ]
        low, high = job_seconds(sizes, tables)
        items = sum(table.item_count for table in tables)
        return Estimate(tuple(lines), (low + items // 25_000, high + items // 8_000), (prices.NOTE,))

    def bucket_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """Only the target account uses it."""
        places = Places(move)
        staging = places.staging
        yield BucketExists(move, staging.bucket, staging.prefix, staging.key_arn, bucket_elsewhere(move))
        yield BucketPublicAccess(move, staging.bucket)

    def more_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """The role that the jobs read with; it trusts the jobs' role, which is there by then."""
        places = Places(move)
        statements = source_statements(move)
        yield SourceRole(move, places.source_role, places.makes_source_role, statements, places.job_role)

    def table_prerequisites(self, move: Move, moving: MovingTable) -> Iterable[Prerequisite]:
        """Time for the scan."""
        sizing = size_job(moving.table, Places(move).options, write_rate(move, moving))
        scan = scan_seconds(moving.table, sizing.read_rate)
        session = 0 if way_of(move.plan.method).renews else sizing.seconds
        yield SourceCapacity(move, moving, sizing.read_rate, scan, session)

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Read the source, since nothing else of it stands still; make the table, copy; compare."""
        way = way_of(move.plan.method)
        yield from (DefineJobStep(move, moving), WritesStoppedStep(move, moving))
        if way.reading:
            yield way.reading(move, moving)
        else:
            yield from reading_steps(move, moving)
        yield from way.steps(move, moving)
        yield from before_load(move, moving)
        yield RunJobStep(move, moving, way)
        yield from live_proof_steps(move, moving)
        yield from after_load(move, moving)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the job, and what it has put down in the bucket."""
        return CleanUpCopyStep(move)


class CleanUpCopyStep(CleanUpStep):
    """Removes a table's job and its progress object."""

    def access(self) -> Sequence[Access]:
        """Delete both, and what the way of reading has made."""
        places = Places(self.move)
        return [*places.staging.remove_access(), job_removal(places), *way_of(self.move.plan.method).removal(self.move)]
