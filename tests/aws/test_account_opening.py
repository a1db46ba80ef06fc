"""Opening accounts when something is wrong before any call: nothing here leaves the process."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ddbtui.aws import account as accounts
from ddbtui.aws.account import Account, Identity
from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import AccountRef

pytestmark = pytest.mark.usefixtures("aws_home")
ROLE = "arn:aws:iam::222222222222:role/Mover"


def opened(**ref: Any) -> Account:
    return Account("source", AccountRef.model_validate({"region": "eu-west-1", "account_id": "111111111111", **ref}))


def refusal(account: Account) -> UserError:
    with pytest.raises(UserError) as caught:
        account.verify()
    return caught.value


def test_a_missing_profile_is_named_with_the_nearest() -> None:
    told = refusal(opened(profile="prod-odl"))
    assert "no profile 'prod-odl'; did you mean 'prod-old'?" in told.message
    assert told.code is Exit.USAGE


def test_no_credentials_at_all() -> None:
    told = refusal(opened(profile="prod-old"))
    assert "no credentials" in told.message
    assert "--profile prod-old" in told.hint
    assert told.code is Exit.USAGE


def test_no_credentials_for_a_role() -> None:
    assert "no credentials" in refusal(opened(role_arn=ROLE)).message


@pytest.mark.parametrize(("profile", "cached_as"), [("sso", "acme"), ("old-sso", "https://acme.example/start")])
def test_an_expired_sso_login_says_which_command_renews_it(aws_home: Path, profile: str, cached_as: str) -> None:
    cache = aws_home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {"accessToken": "canary", "expiresAt": "2020-01-01T00:00:00Z", "region": "eu-west-1"}
    (cache / (hashlib.sha1(cached_as.encode()).hexdigest() + ".json")).write_text(json.dumps(token))
    told = refusal(opened(profile=profile))
    assert f"aws sso login --profile {profile}" in told.hint
    assert "SSO login has expired" in told.message
    assert "canary" not in told.message


@pytest.mark.parametrize("profile", ["sso", "old-sso"])
def test_an_sso_login_never_made(profile: str) -> None:
    assert f"aws sso login --profile {profile}" in refusal(opened(profile=profile)).hint


def test_the_external_id_must_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DDBTUI_EXTERNAL_ID", raising=False)
    told = refusal(opened(profile="keys", role_arn=ROLE, external_id_env="DDBTUI_EXTERNAL_ID"))
    assert "$DDBTUI_EXTERNAL_ID, which is not set" in told.message
    assert told.code is Exit.USAGE


def test_an_mfa_code_is_asked_of_nobody_when_nobody_is_there() -> None:
    told = refusal(opened(profile="role"))
    assert "MFA" in told.message
    assert told.code is Exit.USAGE


def test_an_mfa_code_is_asked_of_the_front_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def prompt(text: str) -> str:
        asked.append(text)
        raise UserError("enough")

    monkeypatch.setattr(accounts, "MFA_PROMPT", prompt)
    assert refusal(opened(profile="role")).message == "enough"
    assert "arn:aws:iam::111111111111:mfa/me" in asked[0]


def test_the_endpoint_is_told_only_if_it_is_not_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(profile="keys").endpoint is None
    assert opened(profile="keys", region="cn-north-1").endpoint is None
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert opened(profile="keys").endpoint == "http://127.0.0.1:9"


def test_clients_are_made_once_per_service_and_region() -> None:
    account = opened(profile="keys")
    assert account.client("s3") is account.client("s3")
    assert account.client("s3") is not account.client("s3", "us-west-2")
    assert account.client("s3", "us-west-2").meta.region_name == "us-west-2"


def test_an_unreachable_endpoint_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert "can't be reached" in refusal(opened(profile="keys")).message


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:sts::111111111111:assumed-role/Mover/session", "arn:aws:iam::111111111111:role/Mover"),
        ("arn:aws-cn:sts::111111111111:assumed-role/Mover/s", "arn:aws-cn:iam::111111111111:role/Mover"),
        ("arn:aws:iam::111111111111:user/path/me", "arn:aws:iam::111111111111:user/path/me"),
        ("arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:root"),
    ],
)
def test_the_principal_behind_a_session(arn: str, principal: str) -> None:
    assert Identity("111111111111", arn, arn.split(":")[1]).principal_arn == principal
