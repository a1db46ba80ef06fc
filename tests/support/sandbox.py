"""The sandbox for tests: one process for each worker, wiped between tests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ddbtui.sandbox.process import Sandbox, start

SOURCE, TARGET, MANAGEMENT = "111111111111", "222222222222", "333333333333"
REGION = "eu-west-1"
Item = dict[str, Any]


class TestSandbox:
    """A running sandbox, and clients for its profiles."""

    __test__ = False

    def __init__(self, process: Sandbox) -> None:
        self.process = process
        self.endpoint = process.endpoint
        self.env = process.environment
        self._clients: dict[tuple[str, str], Any] = {}

    def session(self, profile: str) -> boto3.Session:
        """A boto3 session of a profile, whatever the environment says."""
        core = botocore.session.Session(profile=profile)
        core.set_config_variable("config_file", self.env["AWS_CONFIG_FILE"])
        core.set_config_variable("credentials_file", self.env["AWS_SHARED_CREDENTIALS_FILE"])
        core.set_config_variable("region", REGION)
        return boto3.Session(botocore_session=core)

    def client(self, profile: str, service: str) -> Any:
        """A client that never retries: tests see every error. Kept for the life of the sandbox."""
        if (profile, service) not in self._clients:
            self._clients[profile, service] = self.client_of(self.session(profile), service)
        return self._clients[profile, service]

    def client_of(self, session: boto3.Session, service: str) -> Any:
        """A client of another session, e.g. of an assumed role."""
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=20)
        return session.client(service, region_name=REGION, endpoint_url=self.endpoint, config=config)

    def assume(self, profile: str, role_arn: str, **options: Any) -> boto3.Session:
        """Assume a role."""
        got = self.client(profile, "sts").assume_role(RoleArn=role_arn, RoleSessionName="test", **options)
        keys = got["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION)

    def role(self, account: str, name: str, statements: list[dict[str, Any]] | None = None) -> boto3.Session:
        """Make a role that its own account's admin may assume, with exactly these statements; return its session."""
        profile = {SOURCE: "source", TARGET: "target", MANAGEMENT: "management"}[account]
        iam = self.client(profile, "iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=document(*statements))
        return self.assume(profile, f"arn:aws:iam::{account}:role/{name}")

    def control(self, what: str, **data: Any) -> Any:
        """POST to a control endpoint, see `ddbtui.sandbox.control`."""
        return self.process.control(what, **data)

    def calls(self, **wanted: Any) -> list[dict[str, Any]]:
        """The recorded calls, those with the given facts only."""
        calls = self.process.calls()
        return [call for call in calls if all(call[name] == value for name, value in wanted.items())]

    def state(self) -> dict[str, Any]:
        """Jobs and fault hits."""
        return self.process.state()

    def fault(self, kind: str, *, times: int = 1, after: int = 0, **more: Any) -> None:
        """Switch on one fault; `match` is a dict, other options as in `ddbtui.sandbox.faults.Rule`."""
        self.control("faults", rules=[{"kind": kind, "times": times, "after": after, "match": {}, **more}])


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_bucket(sandbox: TestSandbox, name: str, *, profile: str = "target", writers: str | None = SOURCE) -> str:
    """Make a bucket, by default the target's, that the source's admin may write to; return its name."""
    s3 = sandbox.client(profile, "s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if writers:
        allow = {
            "Sid": "Writers",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{writers}:root"},
            "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"],
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        s3.put_bucket_policy(Bucket=name, Policy=document(allow))
    return name


def items(client: Any, table: str) -> dict[str, Item]:
    """All items of a table by key (as JSON), read with a full scan."""
    names = [part["AttributeName"] for part in client.describe_table(TableName=table)["Table"]["KeySchema"]]
    found: dict[str, Item] = {}
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            found[json.dumps([_canonical(item[name]) for name in names], sort_keys=True)] = item
    return found


def same_items(one: dict[str, Item], other: dict[str, Item]) -> bool:
    """Whether two tables have the same content: sets without order, numbers by value."""
    if one.keys() != other.keys():
        return False
    return all(_canonical({"M": item}) == _canonical({"M": other[key]}) for key, item in one.items())


def _canonical(value: Item) -> Any:
    kind, held = next(iter(value.items()))
    if kind == "N":
        return [kind, str(Decimal(held).normalize())]
    if kind == "NS":
        return [kind, sorted(str(Decimal(each).normalize()) for each in held)]
    if kind in ("SS", "BS"):
        return [kind, sorted(str(each) for each in held)]
    if kind == "L":
        return [kind, [_canonical(each) for each in held]]
    if kind == "M":
        return [kind, {name: _canonical(each) for name, each in sorted(held.items())}]
    return [kind, str(held) if kind == "B" else held]


def wait_for(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Poll until `look` returns something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


@contextmanager
def refused(code: str) -> Iterator[list[ClientError]]:
    """Expect AWS's error with this code; the error is in the list afterwards."""
    held: list[ClientError] = []
    with pytest.raises(ClientError) as caught:
        yield held
    held.append(caught.value)
    assert caught.value.response["Error"]["Code"] == code, caught.value


def start_sandbox() -> Iterator[TestSandbox]:
    """Start and stop a sandbox: the body of the session's fixture."""
    with start(seed="small", speed=0, engine="substitute") as process:
        yield TestSandbox(process)
