"""What `s3-glue` and `glue` have in common: prerequisites, and one upload of the script for all jobs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step
from ddbtui.methods.attributes import KEEPING_LOADER, matrix
from ddbtui.methods.glue.job_run import GLUE_SLOTS
from ddbtui.methods.glue.network import network_prerequisites
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.rights import job_statements, role_keys
from ddbtui.methods.glue.scripts import UploadScriptsStep
from ddbtui.methods.glue.sizing import size_job
from ddbtui.methods.glue.timing import job_time
from ddbtui.methods.glue.ways import way_of
from ddbtui.methods.steps.exports import EXPORT_SLOTS, READ_SLOTS
from ddbtui.methods.steps.loading import loading_prerequisites, loading_quotas, write_rate
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.glue_capacity import JobQuota, WorkerQuota
from ddbtui.prerequisites.glue_roles import JobRole
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.table import TableActive, TableSettings


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
        places, way = Places(move), way_of(move.plan.method)
        found: list[Prerequisite] = [Accounts(move), *self.bucket_prerequisites(move)]
        found.append(JobRole(move, places.job_role, places.makes_job_role, job_statements(move, way.statements(move))))
        found += [*self.more_prerequisites(move), *role_keys(move)]
        if key := move.plan.target_table.key_arn:
            found.append(TableKey(move, key))
        dpus = [size_job(one.table, places.options, write_rate(move, one)).dpu for one in move.tables]
        found += [*loading_quotas(move), WorkerQuota(move, dpus, GLUE_SLOTS), JobQuota(move), *way.prerequisites(move)]
        found += network_prerequisites(move)
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += [*self.table_prerequisites(move, moving), *loading_prerequisites(move, moving)]
            found.append(job_time(move, moving))
        return found

    def shared_steps(self, move: Move) -> Iterable[Step]:
        """One upload for all jobs."""
        return (UploadScriptsStep(move, way_of(move.plan.method).script),)
