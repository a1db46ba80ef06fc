"""Runs the two job scripts of AWS's article in a process of their own, as Glue would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ddbtui.sandbox.glue.engine import Engine, engine_of
from ddbtui.sandbox.world import World
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document, make_bucket

ROOT = Path(__file__).parents[3]
BUCKET = "flat-work"
ROLE = f"arn:aws:iam::{SOURCE}:role/reader"
KEYS = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
FLAT: list[dict[str, Any]] = [
    {
        "id": {"S": "0012"},  # looks like a number, and must stay a text
        "at": {"N": str(number)},
        "price": {"N": f"{number}.25" if number % 2 else str(number)},
        "large": {"N": str(2**62 + number)},
        "open": {"BOOL": number % 2 == 0},
        "note": {"S": "" if number % 3 else "grüß Gott 🚚"},
        "dotted.name": {"S": "x"},
    }
    for number in range(40)
]
"""Nothing that either way would change."""
EVERYTHING: dict[str, Any] = {
    "id": {"S": "a"},
    "at": {"N": "1"},
    "texts": {"SS": ["x", "y"]},
    "numbers": {"NS": ["1", "2.5"]},
    "blobs": {"BS": [b"\x00\xff"]},
    "list": {"L": [{"S": "x"}, {"N": "9"}, {"BOOL": True}, {"NULL": True}]},
    "map": {"M": {"street": {"S": "Harbour Street"}, "number": {"N": "7"}, "geo": {"L": [{"N": "1.5"}]}}},
    "blob": {"B": b"\x00\xff"},
    "gone": {"NULL": True},
    "exact": {"N": "12345678901234567890.12345"},
    "flag": {"BOOL": False},
    "empty": {"S": ""},
}
"""One item with every type there is."""


def make_table(sandbox: TestSandbox, profile: str, name: str, items: list[dict[str, Any]] | None = None) -> None:
    dynamodb = sandbox.client(profile, "dynamodb")
    dynamodb.create_table(TableName=name, **KEYS)
    for item in items or []:
        dynamodb.put_item(TableName=name, Item=item)


def prepare(sandbox: TestSandbox, items: list[dict[str, Any]]) -> None:
    """Source table, empty target table, bucket, and the role that reads the source."""
    make_table(sandbox, "source", "flat", items)
    make_table(sandbox, "target", "flat")
    make_bucket(sandbox, BUCKET, writers=None)
    iam = sandbox.client("source", "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(trust))
    table = f"arn:aws:dynamodb:{REGION}:{SOURCE}:table/flat"
    allow = {"Effect": "Allow", "Action": ["dynamodb:Scan", "dynamodb:DescribeTable"], "Resource": table}
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=document(allow))


def engine_named(name: str) -> Engine:
    """What the sandbox runs jobs on: `auto` is Spark where it is installed."""
    world = World()
    world.engine = name
    return engine_of(world)


def run_script(sandbox: TestSandbox, script: str, engine: str = "substitute", **arguments: str) -> Any:
    """Run a script to its end and return its last progress object. Fails with what it printed if it failed."""
    found = try_script(sandbox, script, engine, **arguments)
    assert found.returncode == 0, found.stderr
    body = sandbox.client("target", "s3").get_object(Bucket=BUCKET, Key="progress.json")["Body"].read()
    return json.loads(body)


def try_script(
    sandbox: TestSandbox, script: str, engine: str = "substitute", **arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a script to its end."""
    common = {
        "run": "r1",
        "token": "t1",
        "target_table": "flat",
        "target_region": REGION,
        "max_wcu": "1000",
        "parallel": "2",
        "bucket": BUCKET,
        "bucket_owner": TARGET,
        "progress_key": "progress.json",
        "kms_key": "none",
        "write_percent": "1.0",
    }
    own = {"AWS_PROFILE": "target", "AWS_DEFAULT_REGION": REGION}
    given = [text for name, value in {**common, **arguments}.items() for text in (f"--{name}", value)]
    chosen = engine_named(engine)
    path = os.pathsep.join((str(ROOT), *chosen.folders))
    return subprocess.run(
        [sys.executable, str(ROOT / f"ddbtui/methods/glue/jobs/{script}.py"), *given],
        env={**os.environ, **sandbox.env, **chosen.environment, **own, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def copy(sandbox: TestSandbox, casts: list[list[str]] | None = None, engine: str = "substitute") -> Any:
    """The connector's way."""
    return run_script(
        sandbox,
        "copy_connector",
        engine,
        source_table="flat",
        source_region=REGION,
        source_role_arn=ROLE,
        read_percent="1.0",
        splits="3",
        casts=json.dumps(casts or []),
    )


def damaged(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What each attribute was and became, where it changed; None for what is gone."""
    return {name: (before[name], after.get(name)) for name in before if before[name] != after.get(name)}
