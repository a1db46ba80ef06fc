"""A role's credentials are renewed before they end, and each client is of the account that it should be of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from ddbtui.methods.glue.jobs.sessions import client, client_of_role, kept_client, refreshing
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document, refused


class Sts:
    """Gives credentials for an hour from its own time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.asked: list[dict[str, Any]] = []

    def time(self) -> datetime:
        return self.now

    def assume_role(self, **asked: Any) -> Any:
        self.asked.append(asked)
        number = len(self.asked)
        keys = {"AccessKeyId": f"key{number}", "SecretAccessKey": "secret", "SessionToken": f"token{number}"}
        return {"Credentials": {**keys, "Expiration": self.now + timedelta(seconds=asked["DurationSeconds"])}}


def test_credentials_are_renewed_in_time() -> None:
    sts = Sts()
    held = refreshing(sts, "arn:aws:iam::111111111111:role/read", "ddbtui-r1", sts.time)
    assert sts.asked == [], "not before the first use"
    keys = []
    for _ in range(18):  # three hours
        keys.append(held.get_frozen_credentials().access_key)
        sts.now += timedelta(minutes=10)
    assert sorted(set(keys)) == ["key1", "key2", "key3", "key4"]
    assert sts.asked[0] == {
        "RoleArn": "arn:aws:iam::111111111111:role/read",
        "RoleSessionName": "ddbtui-r1",
        "DurationSeconds": 3600,
    }


def test_a_session_name_has_at_most_64_characters() -> None:
    sts = Sts()
    refreshing(sts, "arn:aws:iam::111111111111:role/read", "x" * 80, sts.time).get_frozen_credentials()
    assert sts.asked[0]["RoleSessionName"] == "x" * 64


@pytest.fixture
def role(in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """A role of the source account that the target account may assume, to scan one table."""
    monkeypatch.setenv("AWS_PROFILE", "target")
    iam = in_sandbox.client("source", "iam")
    principal = {"AWS": f"arn:aws:iam::{TARGET}:root"}
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    arn: str = iam.create_role(RoleName="read", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    resource = f"arn:aws:dynamodb:{REGION}:{SOURCE}:table/orders"
    allowed = document({"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": resource})
    iam.put_role_policy(RoleName="read", PolicyName="read", PolicyDocument=allowed)
    return arn


def test_an_assumed_role_reads_the_other_account(in_sandbox: TestSandbox, role: str) -> None:
    reader = client_of_role("dynamodb", REGION, role, "ddbtui-r1")
    assert reader.scan(TableName="orders")["Count"] == 30
    assert client("dynamodb", REGION).list_tables()["TableNames"] == []
    (call,) = in_sandbox.calls(operation="Scan")
    assert call["principal"] == role


def test_a_client_is_kept_for_the_next_part() -> None:
    assert kept_client("s3", REGION) is kept_client("s3", REGION)
    assert kept_client("s3", "eu-central-1") is not kept_client("s3", REGION)


@pytest.mark.parametrize(("service", "attempts"), [("dynamodb", 1), ("s3", 8), ("sts", 8)])
def test_only_dynamodb_leaves_waiting_to_its_callers(service: str, attempts: int) -> None:
    assert client(service, REGION).meta.config.retries["total_max_attempts"] == attempts


def test_only_dynamodb_leaves_checking_to_aws(in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "target")
    with pytest.raises(ParamValidationError):
        client("s3", REGION).get_object(Bucket="staging")
    with refused("ResourceNotFoundException"):
        client("dynamodb", REGION).put_item(TableName="missing", Item={"customer": {"S": 1}})
