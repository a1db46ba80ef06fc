from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ddbtui.aws.account import Account, Identity
from ddbtui.aws.principals import allowed, allowing, policy_principal, principal_arn, principal_arns

ID = "111111111111"
ROOT = f"arn:aws:iam::{ID}:root"
SSO = f"arn:aws:iam::{ID}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0a"
SESSION = f"arn:aws:sts::{ID}:assumed-role/AWSReservedSSO_Admin_0a/me@example.com"
PATTERNS = [
    f"arn:aws:iam::{ID}:role/AWSReservedSSO_Admin_0a",
    f"arn:aws:iam::{ID}:role/*/AWSReservedSSO_Admin_0a",
]


def account(arn: str, role_arn: str | None = None) -> Account:
    found = SimpleNamespace(
        identity=Identity(ID, arn, "aws"), ref=SimpleNamespace(role_arn=role_arn), partition="aws", account_id=ID
    )
    return cast(Account, found)


@pytest.mark.parametrize(
    ("arn", "role_arn", "principal", "condition"),
    [
        (f"arn:aws:iam::{ID}:user/team/me", None, f"arn:aws:iam::{ID}:user/team/me", {}),
        (
            f"arn:aws:sts::{ID}:assumed-role/Mover/s",
            f"arn:aws:iam::{ID}:role/p/Mover",
            f"arn:aws:iam::{ID}:role/p/Mover",
            {},
        ),
        (SESSION, None, ROOT, {"ArnLike": {"aws:PrincipalArn": PATTERNS}}),
        (ROOT, None, ROOT, {"ArnLike": {"aws:PrincipalArn": [ROOT]}}),
        (
            f"arn:aws:sts::{ID}:federated-user/me",
            None,
            ROOT,
            {"ArnLike": {"aws:PrincipalArn": [f"arn:aws:sts::{ID}:federated-user/me"]}},
        ),
    ],
)
def test_a_policy_names_exactly_whoever_it_is(arn: str, role_arn: str | None, principal: str, condition: Any) -> None:
    assert policy_principal(account(arn, role_arn)) == ({"AWS": principal}, condition)


def test_a_statement_keeps_both_conditions() -> None:
    only = {"StringEquals": {"kms:CallerAccount": ID}}
    found = allowing(account(SESSION), {"Action": "kms:Decrypt", "Resource": "*", "Condition": only})
    assert found == {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {**only, "ArnLike": {"aws:PrincipalArn": PATTERNS}},
    }
    assert "Condition" not in allowing(account(f"arn:aws:iam::{ID}:user/me"), {"Action": "a:b", "Resource": "*"})


def policy(principal: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_role_that_a_policy_names_with_its_path_is_known_by_its_name() -> None:
    text = policy({"AWS": SSO})
    assert principal_arns(account(SESSION), text) == (principal_arn(account(SESSION)), SSO)
    assert principal_arns(account(SESSION), policy({"AWS": SSO + "b"})) == (principal_arn(account(SESSION)),)
    assert principal_arns(account(f"arn:aws:iam::{ID}:user/me"), text) == (f"arn:aws:iam::{ID}:user/me",)
    assert allowed(account(SESSION), text, "s3:PutObject", "arn:aws:s3:::b/k") == "yes"


def test_our_own_statement_lets_us_in_and_no_other_role() -> None:
    statement = allowing(account(SESSION), {"Action": "s3:PutObject", "Resource": "*"})
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert allowed(account(SESSION), text, "s3:PutObject", "arn:aws:s3:::b/k") == "yes"
    other = account(f"arn:aws:sts::{ID}:assumed-role/Other/s")
    assert allowed(other, text, "s3:PutObject", "arn:aws:s3:::b/k") == "no"


def test_without_a_policy_nobody_is_let_in_and_an_odd_one_is_unknown() -> None:
    assert allowed(account(SESSION), None, "s3:PutObject", "arn:aws:s3:::b/k") == "no"
    assert allowed(account(SESSION), "{", "s3:PutObject", "arn:aws:s3:::b/k") == "unknown"
