"""The calls about the definitions of Glue jobs.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.glue.job_checks import MEMBERS, complete
from ddbtui.sandbox.glue.roles import pass_role
from ddbtui.sandbox.glue.state import GlueJob
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.quotas_service import GLUE_JOBS, limit_of
from ddbtui.sandbox.world import World


def job_named(world: World, call: Call, principal: Principal, name: str) -> GlueJob:
    """The caller's job.

    Raises:
        AwsError: there is none.
    """
    job = world.glue.jobs.get((principal.account, call.region, name))
    if job is None:
        raise missing(f"Job {name} not found.")
    return job


def _asked(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in ("Name", "Tags")}


def create_job(world: World, call: Call, principal: Principal) -> Answer:
    """Create a job. Whether Glue may assume its role shows when it runs."""
    params, name = call.params, str(call.params["Name"])
    if not 1 <= len(name) <= 255:
        raise invalid("A job's name has 1 to 255 characters.")
    definition = complete(_asked(params))
    pass_role(world, principal, str(params["Role"]))
    place = (principal.account, call.region, name)
    held = world.glue.jobs.get(place)
    if held and held.asked == _asked(params):
        raise AwsError("AlreadyExistsException", f"Job {name} already exists.")
    if held:
        message = f"Job {name} already exists with a different configuration."
        raise AwsError("IdempotentParameterMismatchException", message)
    if len(world.glue.own_jobs(principal.account, call.region)) >= limit_of(world, principal.account, GLUE_JOBS):
        raise AwsError("ResourceNumberLimitExceededException", f"Failed to create job: {GLUE_JOBS.name} exceeded")
    now = world.now()
    job = GlueJob(*place, definition, _asked(params), now, now)
    world.glue.jobs[place] = job
    world.glue.tags[job.arn] = dict(params.get("Tags") or {})
    return json_answer({"Name": name})


def _describe(job: GlueJob) -> dict[str, Any]:
    described = {"Name": job.name, "CreatedOn": job.created, "LastModifiedOn": job.modified, **job.definition}
    return {**described, "AllocatedCapacity": int(job.definition["MaxCapacity"])}


def get_job(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a job."""
    return json_answer({"Job": _describe(job_named(world, call, principal, str(call.params["JobName"])))})


def get_jobs(world: World, call: Call, principal: Principal) -> Answer:
    """Describe all jobs, a page at a time."""
    return paged("Jobs", [_describe(job) for job in world.glue.own_jobs(principal.account, call.region)], call)


def batch_get_jobs(world: World, call: Call, principal: Principal) -> Answer:
    """Describe the jobs of a list, and tell which of them are not there."""
    names = [str(name) for name in call.params["JobNames"]]
    held = {job.name: job for job in world.glue.own_jobs(principal.account, call.region)}
    jobs = [_describe(held[name]) for name in names if name in held]
    return json_answer({"Jobs": jobs, "JobsNotFound": [name for name in names if name not in held]})


def list_jobs(world: World, call: Call, principal: Principal) -> Answer:
    """Name all jobs, or those with all of the given tags, a page at a time."""
    wanted = (call.params.get("Tags") or {}).items()
    jobs = world.glue.own_jobs(principal.account, call.region)
    names = [job.name for job in jobs if wanted <= world.glue.tags.get(job.arn, {}).items()]
    return paged("JobNames", names, call)


def update_job(world: World, call: Call, principal: Principal) -> Answer:
    """Replace a job's definition: what is left out falls back to its default."""
    job = job_named(world, call, principal, str(call.params["JobName"]))
    asked = {name: value for name, value in call.params["JobUpdate"].items() if name in MEMBERS}
    definition = complete(asked)
    pass_role(world, principal, str(asked["Role"]))
    job.definition, job.asked, job.modified = definition, asked, world.now()
    return json_answer({"JobName": job.name})


def delete_job(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a job; one that is not there is no mistake. A run that goes on is not stopped."""
    name = str(call.params["JobName"])
    job = world.glue.jobs.pop((principal.account, call.region, name), None)
    if job:
        world.glue.tags.pop(job.arn, None)
    return json_answer({"JobName": name})
