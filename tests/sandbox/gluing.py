"""Glue jobs and crawlers, as the tests of the sandbox need them."""

from __future__ import annotations

import textwrap
from typing import Any

from tests.support.sandbox import MANAGEMENT, REGION, SOURCE, TARGET, TestSandbox, document, make_bucket, wait_for

BUCKET = "glue-work"
ROLE = "GlueWorker"
JOB = "a-job"
ENDS = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED")
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
PROFILES = {SOURCE: "source", TARGET: "target", MANAGEMENT: "management"}
READ_SCRIPT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
WRITE_LOGS = {
    "Effect": "Allow",
    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": "arn:aws:logs:*:*:*:/aws-glue/*",
}


def role_arn(name: str = ROLE, account: str = TARGET) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def make_role(
    sandbox: TestSandbox, *statements: dict[str, Any], name: str = ROLE, account: str = TARGET, trust: Any = TRUST
) -> str:
    """A role that Glue may assume, with these rights only."""
    iam = sandbox.client(PROFILES[account], "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=document(*statements))
    return role_arn(name, account)


def ready(sandbox: TestSandbox, *statements: dict[str, Any]) -> Any:
    """A bucket and a role that reads its scripts from it, writes logs, and has these rights; the client."""
    make_bucket(sandbox, BUCKET, writers=None)
    make_role(sandbox, READ_SCRIPT, WRITE_LOGS, *statements)
    return sandbox.client("target", "glue")


def upload(sandbox: TestSandbox, script: str, key: str = "script.py") -> str:
    body = textwrap.dedent(script).encode()
    sandbox.client("target", "s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def make_job(sandbox: TestSandbox, script: str, **more: Any) -> str:
    """A job with this script; its name."""
    glue = sandbox.client("target", "glue")
    command = {"Name": "glueetl", "ScriptLocation": upload(sandbox, script), "PythonVersion": "3"}
    request = {"Name": JOB, "Role": role_arn(), "Command": command, "GlueVersion": "5.0", **more}
    if "MaxCapacity" not in request:
        request = {"WorkerType": "G.1X", "NumberOfWorkers": 2, **request}
    return str(glue.create_job(**request)["Name"])


def start(sandbox: TestSandbox, name: str = JOB, **more: Any) -> str:
    return str(sandbox.client("target", "glue").start_job_run(JobName=name, **more)["JobRunId"])


def state_of(sandbox: TestSandbox, run: str, name: str = JOB) -> dict[str, Any]:
    told: dict[str, Any] = sandbox.client("target", "glue").get_job_run(JobName=name, RunId=run)["JobRun"]
    return told


def reach(sandbox: TestSandbox, run: str, *states: str, name: str = JOB) -> dict[str, Any]:
    """Wait until the run is in one of the states."""

    def look() -> Any:
        told = state_of(sandbox, run, name)
        assert told["JobRunState"] in states or told["JobRunState"] not in ENDS, told
        return told if told["JobRunState"] in states else None

    found: dict[str, Any] = wait_for(look, 30)
    return found


def run_job(sandbox: TestSandbox, script: str, **more: Any) -> dict[str, Any]:
    """Run a script to its end; the run."""
    arguments = more.pop("Arguments", {})
    make_job(sandbox, script, **more)
    return reach(sandbox, start(sandbox, Arguments=arguments), *ENDS)


def log(sandbox: TestSandbox, run: str, group: str = "output") -> list[str]:
    """The lines of a run's log."""
    logs = sandbox.client("target", "logs")
    events = logs.get_log_events(logGroupName=f"/aws-glue/jobs/{group}", logStreamName=run, startFromHead=True)
    return [event["message"] for event in events["events"]]


__all__ = ["BUCKET", "REGION", "ROLE"]
