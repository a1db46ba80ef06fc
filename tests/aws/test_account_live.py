"""Who is behind credentials, and what is told of calls, over HTTP."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ddbtui.aws.account import Account, Call
from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import AccountRef
from tests.aws.live import SOURCE, TARGET, Live

ROLE = f"arn:aws:iam::{TARGET}:role/DdbtuiTarget"


def test_a_profile(live: Live) -> None:
    identity = live.account("source").identity
    assert (identity.account_id, identity.partition) == (SOURCE, "aws")
    assert identity.arn == f"arn:aws:iam::{SOURCE}:user/source-admin"


def test_a_profile_that_chains_to_a_role(live: Live) -> None:
    identity = live.account("target", profile="target-role").identity
    assert identity.account_id == TARGET
    assert identity.principal_arn == ROLE


def test_a_role_on_top_of_a_profile_is_named_after_the_run(live: Live) -> None:
    ref = AccountRef(profile="source", region="eu-west-1", account_id=TARGET, role_arn=ROLE)
    account = Account("target", ref, run_id="r1")
    assert account.identity.arn == f"arn:aws:sts::{TARGET}:assumed-role/DdbtuiTarget/ddbtui-r1"
    assert account.client("dynamodb").list_tables()["TableNames"] == []


def external(live: Live) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "canary"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    live.admin("target", "iam").update_assume_role_policy(RoleName="DdbtuiTarget", PolicyDocument=document)


def test_an_external_id_comes_from_the_environment(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    external(live)
    monkeypatch.setenv("ROLE_ID", "canary")
    account = live.account("target", profile="source", role_arn=ROLE, external_id_env="ROLE_ID")
    assert account.identity.account_id == TARGET


def test_a_wrong_external_id_is_refused_without_telling_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    external(live)
    monkeypatch.setenv("ROLE_ID", "canary-2")
    account = live.account("target", profile="source", role_arn=ROLE, external_id_env="ROLE_ID")
    with pytest.raises(UserError, match="sts:AssumeRole") as caught:
        account.verify()
    assert "canary" not in caught.value.message + caught.value.hint


def test_the_pinned_account_must_be_behind_it(live: Live) -> None:
    with pytest.raises(UserError, match="belong to account 222222222222, but the plan says 111111111111") as caught:
        live.account("source", profile="target").verify()
    assert caught.value.code is Exit.USAGE


def test_keys_that_aws_does_not_know(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(UserError, match="does not accept the credentials"):
        live.account("source", profile=None).verify()


def test_the_default_credentials_without_a_profile(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "source")
    assert live.account("source", profile=None).identity.account_id == SOURCE


def test_every_call_is_told_with_its_outcome_and_nothing_else(live: Live) -> None:
    told: list[Call] = []
    ref = AccountRef(profile="source", region="eu-west-1", account_id=SOURCE)
    dynamodb = Account("source", ref, told.append).client("dynamodb")
    dynamodb.list_tables()
    with pytest.raises(ClientError):
        dynamodb.describe_table(TableName="missing")
    assert [(c.side, c.account_id, c.service, c.operation, c.outcome) for c in told] == [
        ("source", SOURCE, "dynamodb", "ListTables", "ok"),
        ("source", SOURCE, "dynamodb", "DescribeTable", "ResourceNotFoundException"),
    ]
    assert all(call.request_id for call in told)


def test_a_call_without_an_answer_is_told_too(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    told: list[Call] = []
    ref = AccountRef(profile="source", region="eu-west-1", account_id=SOURCE)
    account = Account("source", ref, told.append)
    with pytest.raises(EndpointConnectionError):
        account.client("dynamodb").list_tables()
    assert {(call.operation, call.outcome) for call in told} == {("ListTables", "EndpointConnectionError")}


def test_the_endpoint_of_the_sandbox_is_shown(live: Live) -> None:
    assert live.account("source").endpoint == live.sandbox.endpoint
