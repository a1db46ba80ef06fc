"""Definitions of Glue jobs: what AWS checks, fills in and lists.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.gluing import BUCKET, JOB, TRUST, make_job, make_role, ready, role_arn, start
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, refused

ARN = f"arn:aws:glue:{REGION}:{TARGET}:job/{JOB}"


def command(name: str = "glueetl") -> dict[str, str]:
    return {"Name": name, "ScriptLocation": f"s3://{BUCKET}/script.py", "PythonVersion": "3"}


def request(**more: Any) -> dict[str, Any]:
    whole = {"Name": JOB, "Role": role_arn(), "Command": command(), "GlueVersion": "5.0"}
    whole |= {"WorkerType": "G.1X", "NumberOfWorkers": 2, **more}
    return {name: value for name, value in whole.items() if value is not None}


def test_a_job_is_described_with_its_defaults(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    glue.create_job(**request(Description="moves", DefaultArguments={"--a": "1"}))
    told = glue.get_job(JobName=JOB)["Job"]
    assert (told["Name"], told["Role"], told["Description"]) == (JOB, role_arn(), "moves")
    assert told["Command"] == command()
    assert told["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert (told["Timeout"], told["MaxRetries"], told["ExecutionClass"]) == (480, 0, "STANDARD")
    assert (told["MaxCapacity"], told["AllocatedCapacity"]) == (2.0, 2)
    assert told["CreatedOn"] == told["LastModifiedOn"]


@pytest.mark.parametrize(
    ("asked", "version", "minutes"),
    [(None, "6.0", 480), ("auto", "auto", 480), ("4.0", "4.0", 2880)],
    ids=["none", "auto", "old"],
)
def test_the_timeout_follows_the_version(fresh: TestSandbox, asked: str | None, version: str, minutes: int) -> None:
    glue = ready(fresh)
    glue.create_job(**request(GlueVersion=asked))
    told = glue.get_job(JobName=JOB)["Job"]
    assert (told["GlueVersion"], told["Timeout"]) == (version, minutes)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"GlueVersion": "4.5"}, "Glue Version [4.5] is not valid."),
        ({"NumberOfWorkers": None}, "Please set both Worker Type and Number of Workers."),
        ({"NumberOfWorkers": 1}, "between 2 and 299"),
        ({"NumberOfWorkers": 300}, "between 2 and 299"),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 150}, "between 2 and 149"),
        ({"WorkerType": "G.025X"}, "Worker type G.025X is not supported"),
        ({"WorkerType": "R.1X", "GlueVersion": "3.0"}, "Worker type R.1X is not supported for Glue version 3.0."),
        ({"MaxCapacity": 4.0}, "Please do not set Max Capacity"),
        ({"MaxCapacity": 4.0, "WorkerType": None, "NumberOfWorkers": None}, "take no Max Capacity"),
        ({"Timeout": 10081}, "Timeout must be between 1 and 10080"),
        ({"MaxRetries": 11}, "MaxRetries must be between 0 and 10."),
        ({"ExecutionProperty": {"MaxConcurrentRuns": 0}}, "MaxConcurrentRuns"),
        ({"Command": command("gluestreaming")}, "The sandbox cannot run gluestreaming jobs"),
        ({"Command": command("pythonshell")}, "Worker Type is not supported for Job Command pythonshell."),
        ({"ExecutionClass": "CHEAP"}, "Execution class CHEAP is not valid"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "-".join(value),
)
def test_what_cannot_be_is_refused(fresh: TestSandbox, more: dict[str, Any], message: str) -> None:
    glue = ready(fresh)
    with refused("InvalidInputException") as held:
        glue.create_job(**request(**more))
    assert message in held[0].response["Error"]["Message"]
    assert glue.list_jobs()["JobNames"] == []


def test_a_name_can_be_given_once(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    glue.create_job(**request())
    with refused("AlreadyExistsException"):
        glue.create_job(**request())
    with refused("IdempotentParameterMismatchException"):
        glue.create_job(**request(NumberOfWorkers=3))


def test_a_job_is_updated_and_deleted(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    glue.create_job(**request(Timeout=5, DefaultArguments={"--a": "1"}))
    update = {name: value for name, value in request(NumberOfWorkers=3).items() if name != "Name"}
    assert glue.update_job(JobName=JOB, JobUpdate=update)["JobName"] == JOB
    told = glue.get_job(JobName=JOB)["Job"]
    assert (told["NumberOfWorkers"], told["Timeout"], told["DefaultArguments"]) == (3, 480, {})
    for _ in range(2):
        assert glue.delete_job(JobName=JOB)["JobName"] == JOB
    with refused("EntityNotFoundException"):
        glue.get_job(JobName=JOB)
    with refused("EntityNotFoundException"):
        glue.update_job(JobName=JOB, JobUpdate=update)


def test_jobs_are_listed_in_pages_and_by_tag(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    for number in range(3):
        glue.create_job(**request(Name=f"job-{number}", Tags={"number": str(number), "all": "yes"}))
    pages = [page["Jobs"] for page in glue.get_paginator("get_jobs").paginate(MaxResults=2)]
    assert [[job["Name"] for job in page] for page in pages] == [["job-0", "job-1"], ["job-2"]]
    assert glue.list_jobs(Tags={"number": "1"})["JobNames"] == ["job-1"]
    got = glue.batch_get_jobs(JobNames=["job-2", "nowhere"])
    assert ([job["Name"] for job in got["Jobs"]], got["JobsNotFound"]) == (["job-2"], ["nowhere"])
    assert fresh.client("source", "glue").list_jobs()["JobNames"] == []
    elsewhere = fresh.session("target").client("glue", region_name="us-east-1", endpoint_url=fresh.endpoint)
    assert elsewhere.list_jobs()["JobNames"] == []


def test_tags_are_kept(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    glue.create_job(**request(Tags={"ddbtui:run": "1"}))
    glue.tag_resource(ResourceArn=ARN, TagsToAdd={"more": "2"})
    assert glue.get_tags(ResourceArn=ARN)["Tags"] == {"ddbtui:run": "1", "more": "2"}
    glue.untag_resource(ResourceArn=ARN, TagsToRemove=["more"])
    assert glue.get_tags(ResourceArn=ARN)["Tags"] == {"ddbtui:run": "1"}
    with refused("EntityNotFoundException"):
        glue.get_tags(ResourceArn=ARN + "-other")


def test_passing_the_role_needs_a_right(fresh: TestSandbox) -> None:
    ready(fresh)
    job = {"Effect": "Allow", "Action": "glue:CreateJob", "Resource": ARN}
    pass_role = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role_arn()}
    glue = fresh.client_of(fresh.role(TARGET, "Without", [job]), "glue")
    with refused("AccessDeniedException") as held:
        glue.create_job(**request())
    assert f"not authorized to perform: iam:PassRole on resource: {role_arn()}" in str(held[0])
    fixed = {**pass_role, "Condition": {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}}
    fresh.client_of(fresh.role(TARGET, "With", [job, fixed]), "glue").create_job(**request())
    wrong = {**pass_role, "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    with refused("AccessDeniedException"):
        fresh.client_of(fresh.role(TARGET, "Wrong", [job, wrong]), "glue").create_job(**request(Name=JOB))
    make_role(fresh, name="Foreign", account=SOURCE, trust=TRUST)
    with refused("AccessDeniedException") as held:
        fresh.client("target", "glue").create_job(**request(Name="x", Role=role_arn("Foreign", SOURCE)))
    assert "Cross-account pass role is not allowed." in str(held[0])


def test_rights_are_those_of_the_job(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "print('done')")
    actions = ["glue:GetJob", "glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
    session = fresh.role(TARGET, "Runner", [{"Effect": "Allow", "Action": actions, "Resource": ARN}])
    glue = fresh.client_of(session, "glue")
    run = glue.start_job_run(JobName=JOB)["JobRunId"]
    assert glue.get_job_run(JobName=JOB, RunId=run)["JobRun"]["JobName"] == JOB
    for call, names in ((glue.get_job, {"JobName": "other"}), (glue.get_jobs, {}), (glue.delete_job, {"JobName": JOB})):
        with refused("AccessDeniedException"):
            call(**names)
    tagging = [{"Effect": "Allow", "Action": ["glue:CreateJob", "iam:PassRole"], "Resource": "*"}]
    with refused("AccessDeniedException") as held:
        fresh.client_of(fresh.role(TARGET, "Maker", tagging), "glue").create_job(**request(Name="x", Tags={"a": "b"}))
    assert "glue:TagResource" in str(held[0])


def test_an_operation_that_is_not_there_is_refused(fresh: TestSandbox) -> None:
    with refused("UnknownOperationException"):
        fresh.client("target", "glue").create_workflow(Name="flow")


def test_a_run_of_a_deleted_job_is_not_found(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_job(fresh, "print('done')")
    run = start(fresh)
    glue.delete_job(JobName=JOB)
    with refused("EntityNotFoundException"):
        glue.get_job_run(JobName=JOB, RunId=run)
    make_job(fresh, "print('another')")
    assert glue.get_job_runs(JobName=JOB)["JobRuns"] == []
