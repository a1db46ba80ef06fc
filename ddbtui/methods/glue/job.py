"""One Glue job for each table: defined early, since that costs nothing and shows what is not allowed.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, reason
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import RUN, Json, Resource, StepContext, StepFailed
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import Sizing, size_job
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.loading import write_rate
from ddbtui.methods.steps.room import no_room_to_keep
from ddbtui.prerequisites.glue_capacity import JOBS_QUOTA
from ddbtui.text import shown

_IN_SOME_REGIONS = ("G.4X", "G.8X")
_WORKERS_PAGE = "See https://docs.aws.amazon.com/glue/latest/dg/add-job.html."
_TAKEN = frozenset({"AlreadyExistsException", "IdempotentParameterMismatchException"})


class GlueStep(TableStep):
    """A step that works with the job of one table."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self.places = Places(move)

    @property
    def sizing(self) -> Sizing:
        """How large the job is."""
        return size_job(self.moving.table, self.places.options, write_rate(self.move, self.moving))

    def job_name(self, ctx: StepContext) -> str:
        """The job's name."""
        return self.places.job_name(ctx.run_id, self.moving.name)

    def glue(self) -> Any:
        """Glue of the target account."""
        return self.move.target.client("glue")

    def needs(self, action: str, why: str, changes: bool = False) -> Access:
        """Declare a call about the jobs."""
        return Access("target", f"glue:{action}", self.places.jobs_arn, why, changes)


class DefineJobStep(GlueStep):
    """Creates the job. Its name is the claim: one of that name that looks otherwise is somebody else's."""

    name = "define-job"
    title = "Define the Glue job"

    def access(self) -> Sequence[Access]:
        """Create, with a tag and a role; look at one that is there; remove it when the run cleans up."""
        return [
            self.needs("CreateJob", "define the job", changes=True),
            self.needs("TagResource", "mark the job as this run's"),
            self.places.pass_role(),
            self.needs("GetJob", "find the job again after an interruption"),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Create it, unless an interrupted start has."""
        name, definition = self.job_name(ctx), self._definition(ctx)
        ctx.record(Resource("glue-job", "target", name, "remove", {"job": name}))
        try:
            self.glue().create_job(Name=name, Tags={RUN_TAG: ctx.run_id}, **definition)
        except Exception as error:
            if code(error) == "ResourceNumberLimitExceededException":
                raise no_room_to_keep(self.move, "Glue job", JOBS_QUOTA, error) from error
            if code(error) == "InvalidInputException" and definition["WorkerType"] in _IN_SOME_REGIONS:
                hint = (
                    f"{definition['WorkerType']} exists in some regions only: choose worker_type G.1X or G.2X instead."
                )
                raise StepFailed(f"Glue does not take the job: {reason(error)}", f"{hint} {_WORKERS_PAGE}") from error
            if code(error) not in _TAKEN:
                raise
            self._compare(name, definition)
        sizing = self.sizing
        return {"job": name, "workers": sizing.workers, "worker_type": sizing.worker_type, "dpu": sizing.dpu}

    def _compare(self, name: str, wanted: Mapping[str, Any]) -> None:
        found = self.glue().get_job(JobName=name)["Job"]
        other = [field for field, value in wanted.items() if not _same(found.get(field), value)]
        if other:
            raise StepFailed(
                f"a Glue job {shown(name)} exists already and differs in {', '.join(other)}",
                "It carries this run's id, so somebody has changed it. Delete it, then `ddbtui resume`.",
            )

    def _definition(self, ctx: StepContext) -> dict[str, Any]:
        options, sizing, uploaded = self.places.options, self.sizing, ctx.result("upload-scripts", RUN)
        definition: dict[str, Any] = {
            "Description": f"ddbtui run {ctx.run_id}, table {self.moving.name}"[:2048],
            "Role": self.places.job_role,
            "Command": {"Name": "glueetl", "ScriptLocation": uploaded["script"], "PythonVersion": "3"},
            "DefaultArguments": {
                "--job-language": "python",
                "--enable-metrics": "true",
                "--enable-continuous-cloudwatch-log": "true",
                "--TempDir": self.places.url(self.places.temporary(ctx.run_id, self.moving.name)),
                "--extra-py-files": uploaded["archive"],
            },
            "ExecutionProperty": {"MaxConcurrentRuns": 1},
            "MaxRetries": 0,
            "Timeout": sizing.timeout_minutes,
            "GlueVersion": options.glue_version,
            "WorkerType": sizing.worker_type,
            "NumberOfWorkers": sizing.workers,
        }
        if options.connection:
            definition["Connections"] = {"Connections": [options.connection]}
        return definition


def _same(found: Any, wanted: Any) -> bool:
    """Whether AWS has what was wanted; it may tell more than it was given."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_same(found.get(name), value) for name, value in wanted.items())
    return bool(found == wanted)


def job_removal(places: Places) -> Access:
    """Declare that a run removes its jobs when it cleans up."""
    return Access("target", "glue:DeleteJob", places.jobs_arn, "remove the jobs of this run", changes=True)
