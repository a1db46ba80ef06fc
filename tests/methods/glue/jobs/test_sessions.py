"""A role's credentials are renewed before they end, and each client is of the account that it should be of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from botocore.session import Session

from ddbtui.methods.glue.jobs import sessions
from ddbtui.methods.glue.jobs.failures import Patience
from ddbtui.methods.glue.jobs.sessions import client, client_of_role, kept_client, refreshing
from tests.methods.glue.jobs.conftest import Clock
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
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some credentials, for clients that call nobody."""
    sessions._session.cache_clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield
    sessions._session.cache_clear()


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
    reader = client_of_role("dynamodb", REGION, role, "ddbtui-r1", REGION)
    assert reader.scan(TableName="orders")["Count"] == 30
    assert client("dynamodb", REGION).list_tables()["TableNames"] == []
    (call,) = in_sandbox.calls(operation="Scan")
    assert call["principal"] == role


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "eu-south-2"])
def test_sts_is_asked_in_the_region_of_the_job(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    """Glue's boto3 goes by `legacy`: to the global endpoint, which a subnet may not reach."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    made: list[Any] = []
    monkeypatch.setattr(sessions, "client", lambda *asked: made.append(client(*asked)))
    reader = client_of_role("dynamodb", "ap-south-1", "arn:aws:iam::111111111111:role/read", "ddbtui-r1", region)
    assert [one.meta.endpoint_url for one in made] == [f"https://sts.{region}.amazonaws.com"]
    assert reader.meta.endpoint_url == "https://dynamodb.ap-south-1.amazonaws.com"


def test_credentials_that_are_not_there_yet_are_waited_for(
    in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Such a client would have none for ever, however often it is used."""
    monkeypatch.setenv("AWS_PROFILE", "target")
    answers = [None, None]
    found = Session.get_credentials
    monkeypatch.setattr(Session, "get_credentials", lambda self: answers.pop() if answers else found(self))
    monkeypatch.setattr(sessions, "Patience", lambda: Patience(clock.sleep, lambda: 1.0))
    sessions._session.cache_clear()
    assert client("sts", REGION).get_caller_identity()["Account"] == TARGET
    assert clock.waits == [0.1, 0.2]


@pytest.mark.usefixtures("keys")
def test_a_client_is_kept_for_the_next_part() -> None:
    assert kept_client("s3", "eu-north-1") is kept_client("s3", "eu-north-1")
    assert kept_client("s3", "eu-central-1") is not kept_client("s3", "eu-north-1")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("service", "attempts"), [("dynamodb", 1), ("s3", 8), ("sts", 8)])
def test_only_dynamodb_leaves_waiting_to_its_callers(service: str, attempts: int) -> None:
    assert client(service, REGION).meta.config.retries["total_max_attempts"] == attempts


def test_only_dynamodb_leaves_checking_to_aws(in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "target")
    with pytest.raises(ParamValidationError):
        client("s3", REGION).get_object(Bucket="staging")
    with refused("ResourceNotFoundException"):
        client("dynamodb", REGION).put_item(TableName="missing", Item={"customer": {"S": 1}})
