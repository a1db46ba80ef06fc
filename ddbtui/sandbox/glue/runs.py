"""The calls about runs of Glue jobs.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.glue.job_checks import check_arguments, sized, units_of
from ddbtui.sandbox.glue.jobs import job_named
from ddbtui.sandbox.glue.run import GlueRun
from ddbtui.sandbox.glue.state import GlueJob
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.quotas_service import GLUE_DPUS, GLUE_RUNS, Quota, limit_of
from ddbtui.sandbox.world import World

_OVERRIDES = ("Timeout", "WorkerType", "NumberOfWorkers", "MaxCapacity", "AllocatedCapacity", "ExecutionClass")
_MOST_IN_STOP = 25
_NO_ROOM = {
    GLUE_RUNS: "Max concurrent job runs per account exceeded",
    GLUE_DPUS: "Exceeded maximum concurrent compute capacity for your account. Please retry after running jobs finish.",
}
"""https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html"""


def _runs(world: World, job: GlueJob) -> list[GlueRun]:
    """Newest first."""
    return [run for run in world.jobs if isinstance(run, GlueRun) and run.job is job][::-1]


def _run_named(world: World, job: GlueJob, run_id: str) -> GlueRun:
    for run in _runs(world, job):
        if run.id == run_id:
            return run
    raise missing(f"Job run {run_id} not found.")


def start_run(world: World, call: Call, principal: Principal) -> Answer:
    """Start a run, or repeat one that has ended with the arguments that it had."""
    params, name = call.params, str(call.params["JobName"])
    if params.get("ExecutionRoleSessionPolicy"):
        raise invalid("The sandbox cannot run a job with ExecutionRoleSessionPolicy")
    if (principal.account, call.region, name) not in world.glue.jobs:
        raise missing("Failed to start job run due to missing metadata.")
    job = job_named(world, call, principal, name)
    previous = _run_named(world, job, str(params["JobRunId"])) if params.get("JobRunId") else None
    if previous and previous.status not in ("FAILED", "STOPPED", "TIMEOUT", "ERROR"):
        raise invalid(f"Job run {previous.id} is {previous.status} and cannot be retried.")
    given = dict(params.get("Arguments") or {})
    check_arguments(given)
    before = previous.arguments if previous else job.definition["DefaultArguments"]
    arguments = {**before, **given, **job.definition["NonOverridableArguments"]}
    run = GlueRun(world, principal, job, _definition(job, params), arguments, previous)
    if run.crowded(world):
        if not params.get("JobRunQueuingEnabled", job.definition.get("JobRunQueuingEnabled")):
            raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
        run.status = "WAITING"
    over = _quota_over(world, run)
    if over and not world.glue.fails_without_room:
        raise AwsError("ResourceNumberLimitExceededException", f"Failed to start job run: {over.name} exceeded")
    run.no_room = _NO_ROOM[over] if over else ""
    run.fault = world.faults.job_for("glue", name)
    world.jobs.append(run)
    return json_answer({"JobRunId": run.id})


def _quota_over(world: World, run: GlueRun) -> Quota | None:
    """The account's runs, all jobs taken together, are limited in number and size."""
    place = (run.account, run.region)
    others = [
        job for job in world.jobs if isinstance(job, GlueRun) and (job.account, job.region) == place and not job.ended
    ]
    asked = {GLUE_RUNS: len(others) + 1, GLUE_DPUS: sum(units_of(each.definition) for each in (*others, run))}
    return next((quota for quota, wanted in asked.items() if wanted > limit_of(world, run.account, quota)), None)


def _definition(job: GlueJob, params: dict[str, Any]) -> dict[str, Any]:
    """The job's definition with what the run overrides."""
    own = {name: params[name] for name in _OVERRIDES if params.get(name) is not None}
    base = dict(job.definition)
    if "WorkerType" in base:  # it follows from the workers
        del base["MaxCapacity"]
    return sized({**base, **own})


def get_run(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a run."""
    job = job_named(world, call, principal, str(call.params["JobName"]))
    return json_answer({"JobRun": _run_named(world, job, str(call.params["RunId"])).describe(world)})


def get_runs(world: World, call: Call, principal: Principal) -> Answer:
    """Describe the runs of a job, newest first, a page at a time."""
    job = job_named(world, call, principal, str(call.params["JobName"]))
    return paged("JobRuns", [run.describe(world) for run in _runs(world, job)], call, most=200)


def stop_runs(world: World, call: Call, principal: Principal) -> Answer:
    """Ask runs to stop; what can't be stopped is told, each for itself."""
    name, ids = str(call.params["JobName"]), [str(each) for each in call.params["JobRunIds"]]
    if not 1 <= len(ids) <= _MOST_IN_STOP:
        raise invalid(f"1 to {_MOST_IN_STOP} job runs can be stopped at a time.")
    stopped: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for run_id in ids:
        try:
            run = _run_named(world, job_named(world, call, principal, name), run_id)
            _check_stoppable(run)
            run.stop(world)
            stopped.append({"JobName": name, "JobRunId": run_id})
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
    return json_answer({"SuccessfulSubmissions": stopped, "Errors": errors})


def _check_stoppable(run: GlueRun) -> None:
    if run.ended:
        message = f"Job run {run.id} is in terminal state {run.status}"
        raise AwsError("JobRunInTerminalStateException", message)
    if run.status == "STOPPING":
        message = f"Job run {run.id} cannot go from STOPPING to STOPPING"
        raise AwsError("JobRunInvalidStateTransitionException", message)
