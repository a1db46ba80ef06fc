"""Whether an existing policy suffices."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.aws.evaluation import Answer, matches, policy_allows, statement_allows

ROLE = "arn:aws:iam::111111111111:role/Migration"
OBJECT = "arn:aws:s3:::staging/ddbtui/x"


def ask(**changed: Any) -> Answer:
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:PutObject", "Resource": OBJECT, **changed}
    kept = {name: value for name, value in statement.items() if value is not None}
    return statement_allows(kept, ROLE, "111111111111", "s3:PutObject", OBJECT)


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "yes"),
        ({"Effect": "Deny"}, "no"),
        ({"Principal": "*"}, "yes"),
        ({"Principal": {"AWS": "*"}}, "yes"),
        ({"Principal": {"AWS": "111111111111"}}, "yes"),
        ({"Principal": {"AWS": ["222222222222", "arn:aws:iam::111111111111:root"]}}, "yes"),
        ({"Principal": {"AWS": "arn:aws:iam::222222222222:root"}}, "no"),
        ({"Principal": {"AWS": "222222222222"}}, "no"),
        ({"Principal": {"AWS": ROLE + "2"}}, "no"),
        ({"Principal": {"AWS": "AROAEXAMPLEID"}}, "unknown"),
        ({"Principal": {"CanonicalUser": "79a5"}}, "unknown"),
        ({"Principal": {"Service": "glue.amazonaws.com"}}, "no"),
        ({"Principal": None}, "no"),
        ({"Principal": None, "NotPrincipal": {"AWS": ROLE}}, "no"),
        ({"Principal": None, "NotPrincipal": {"AWS": "222222222222"}}, "yes"),
        ({"Principal": None, "NotPrincipal": {"AWS": "AROAEXAMPLEID"}}, "unknown"),
        ({"Action": ["s3:Get*", "S3:putobject"]}, "yes"),
        ({"Action": "*"}, "yes"),
        ({"Action": "s3:PutObjectAcl"}, "no"),
        ({"Action": None}, "no"),
        ({"Action": None, "NotAction": "s3:Delete*"}, "yes"),
        ({"Action": None, "NotAction": "s3:Put*"}, "no"),
        ({"Resource": "arn:aws:s3:::staging/*"}, "yes"),
        ({"Resource": "arn:aws:s3:::STAGING/*"}, "no"),
        ({"Resource": "arn:aws:s3:::staging"}, "no"),
        ({"Resource": "arn:aws:s3:::staging/${aws:username}/*"}, "unknown"),
        ({"Resource": None, "NotResource": "arn:aws:s3:::other/*"}, "yes"),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, "no"),
        ({"Condition": {"Bool": {"AWS:securetransport": "TRUE"}}}, "yes"),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": ["1", "111111111111"]}}}, "yes"),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}}, "no"),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Mig*"}}}, "yes"),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Mig*"}}}, "no"),
        ({"Condition": {"StringEqualsIgnoreCase": {"aws:PrincipalArn": ROLE.upper()}}}, "yes"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "unknown"),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, "unknown"),
        ({"Condition": {"StringEquals": "odd"}}, "unknown"),
        ({"Condition": ["odd"]}, "unknown"),
        ({"Condition": {}}, "yes"),
    ],
)
def test_one_statement(changed: dict[str, Any], answer: Answer) -> None:
    assert ask(**changed) == answer


def test_known_context_settles_a_condition() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
    }
    for service, answer in (("s3", "yes"), ("dynamodb", "no")):
        context = {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}
        assert statement_allows(statement, ROLE, "111111111111", "kms:Decrypt", "arn:x", context) == answer


def test_a_deny_wins_and_a_doubt_remains_a_doubt() -> None:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    maybe = {**allow, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}

    def whole(*statements: dict[str, Any]) -> Answer:
        return policy_allows(statements, ROLE, "111111111111", "s3:PutObject", OBJECT)

    tls_only = {**allow, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert whole() == "no"
    assert whole(allow) == whole(maybe, allow, tls_only) == "yes"
    assert whole(allow, {**allow, "Effect": "Deny"}) == "no"
    assert whole(maybe) == whole(allow, {**maybe, "Effect": "Deny"}) == "unknown"


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_wildcards_match_like_a_regular_expression(pattern: str, text: str) -> None:
    words = {"*": ".*", "?": "."}
    expected = re.fullmatch("".join(words.get(char, char) for char in pattern), text) is not None
    assert matches(pattern, text) == expected
    assert matches(pattern.upper(), text, ignore_case=True) == expected


def test_hostile_wildcards_cost_little() -> None:
    assert not matches("*a" * 500 + "b", "a" * 2000)
