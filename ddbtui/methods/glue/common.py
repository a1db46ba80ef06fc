"""What `s3-glue` and `glue` share: their ways, prerequisites, the script, the cost of a job, and its removal."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step
from ddbtui.methods.attributes import KEEPING_LOADER, matrix
from ddbtui.methods.base import CostLine
from ddbtui.methods.glue.catalog import CatalogLoader
from ddbtui.methods.glue.connector import ConnectorReader
from ddbtui.methods.glue.job_run import GLUE_SLOTS
from ddbtui.methods.glue.lossless import LosslessLoader, LosslessReader
from ddbtui.methods.glue.network import network_prerequisites
from ddbtui.methods.glue.options import CopyOptions, GlueOptions, S3GlueOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.rights import job_statements, role_keys
from ddbtui.methods.glue.scripts import UploadScriptsStep
from ddbtui.methods.glue.sizing import START_SECONDS, Sizing, size_job
from ddbtui.methods.glue.timing import job_time
from ddbtui.methods.glue.ways import Way
from ddbtui.methods.steps.exports import EXPORT_SLOTS, READ_SLOTS
from ddbtui.methods.steps.loading import likely_write_rate, loading_prerequisites, loading_quotas, write_rate
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.glue_capacity import WorkerQuota
from ddbtui.prerequisites.glue_roles import JobRole
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.table import TableActive, TableSettings
from ddbtui.text import duration, plural

LOADERS: Mapping[str, Way] = {"lossless": LosslessLoader(), "catalog": CatalogLoader()}
"""By the option `loader` of `s3-glue`."""
READERS: Mapping[str, Way] = {"lossless": LosslessReader(), "connector": ConnectorReader()}
"""By the option `reader` of `glue`."""


def loader_of(options: MethodOptions | None) -> Way:
    """Return the loader of `s3-glue`, the default one if there is no plan yet."""
    return LOADERS[cast(S3GlueOptions, options).loader if options else "lossless"]


def way_of(move: Move) -> Way:
    """Return the way that the plan chose."""
    options = move.plan.method
    if isinstance(options, S3GlueOptions):
        return loader_of(options)
    return READERS[cast(CopyOptions, options).reader]


class GlueMethod(TableMethod):
    """A method whose tables are filled by Glue jobs, one for each."""

    slots: ClassVar = {"export": EXPORT_SLOTS, "glue": GLUE_SLOTS, "read": READ_SLOTS}
    keeps = matrix(KEEPING_LOADER)

    @abstractmethod
    def bucket_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """Return what must hold of the bucket."""

    def more_prerequisites(self, move: Move) -> Iterable[Prerequisite]:
        """Return what must hold for the run beside what both methods need, right after the role of the jobs."""
        return ()

    @abstractmethod
    def table_prerequisites(self, move: Move, moving: MovingTable) -> Iterable[Prerequisite]:
        """Return what must hold of a table beside what both methods need."""

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The run's, from the accounts to the quotas; then each table's."""
        places, way = Places(move), way_of(move)
        found: list[Prerequisite] = [Accounts(move), *self.bucket_prerequisites(move)]
        found.append(JobRole(move, places.job_role, places.makes_job_role, job_statements(move, way.statements(move))))
        found += [*self.more_prerequisites(move), *role_keys(move)]
        if key := move.plan.target_table.key_arn:
            found.append(TableKey(move, key))
        dpus = [size_job(one.table, places.options, write_rate(move, one)).dpu for one in move.tables]
        found += [*loading_quotas(move), WorkerQuota(move, dpus, GLUE_SLOTS), *way.prerequisites(move)]
        found += network_prerequisites(move)
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += [*self.table_prerequisites(move, moving), *loading_prerequisites(move, moving)]
            found.append(job_time(move, moving))
        return found

    def shared_steps(self, move: Move) -> Iterable[Step]:
        """One upload for all jobs."""
        return (UploadScriptsStep(move, way_of(move).script),)


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


def job_removal(places: Places) -> Access:
    """Declare that a run removes its jobs when it cleans up."""
    return Access("target", "glue:DeleteJob", places.jobs_arn, "remove the jobs of this run", changes=True)
