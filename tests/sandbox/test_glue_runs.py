"""Runs of Glue jobs: the uploaded script really runs, in the job's role.

https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""

from __future__ import annotations

from tests.sandbox.gluing import (
    log,
    ready,
    role_arn,
    run_job,
)
from tests.support.sandbox import REGION, TARGET, TestSandbox, items

TABLE = f"arn:aws:dynamodb:{REGION}:{TARGET}:table/made"
WRITE = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE}
PUT = """
    import sys
    import boto3
    table = sys.argv[sys.argv.index("--target_table") + 1]
    boto3.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "one"}})
    print("written", table)
"""
SLEEP = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"


def make_table(sandbox: TestSandbox) -> None:
    sandbox.client("target", "dynamodb").create_table(
        TableName="made",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def test_a_script_moves_items_in_its_role(fresh: TestSandbox) -> None:
    ready(fresh, WRITE)
    make_table(fresh)
    fresh.control("calls/clear")
    run = run_job(fresh, PUT, DefaultArguments={"--target_table": "other"}, Arguments={"--target_table": "made"})
    assert run["JobRunState"] == "SUCCEEDED", run
    assert len(items(fresh.client("target", "dynamodb"), "made")) == 1
    assert log(fresh, run["Id"]) == ["written made"]
    [put] = fresh.calls(operation="PutItem")
    assert (put["principal"], put["account"], put["outcome"]) == (role_arn(), TARGET, "ok")


def test_a_refused_call_of_the_script_fails_the_run(fresh: TestSandbox) -> None:
    ready(fresh)
    make_table(fresh)
    run = run_job(fresh, PUT, DefaultArguments={"--target_table": "made"})
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 5; ")
    assert (
        "assumed-role/GlueWorker/GlueJobRunnerSession is not authorized to perform: dynamodb:PutItem"
        in (run["ErrorMessage"])
    )
    assert any("Traceback" in line for line in log(fresh, run["Id"], "error"))
