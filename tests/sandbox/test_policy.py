from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.sandbox.iam.policy import decide, decide_resource, like

ACTION, RESOURCE = "s3:PutObject", "arn:aws:s3:::bucket/key"


def one(**more: Any) -> list[dict[str, Any]]:
    statement = {"Effect": "Allow", "Action": ACTION, "Resource": RESOURCE, **more}
    return [{"Statement": [{name: value for name, value in statement.items() if value is not None}]}]


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        ({}, "allow"),
        ({"Action": "S3:putobject"}, "allow"),
        ({"Action": ["s3:Get*", "s3:Put*"]}, "allow"),
        ({"Resource": "arn:aws:s3:::bucket/*"}, "allow"),
        ({"Resource": "arn:aws:s3:::BUCKET/*"}, None),
        ({"Resource": "arn:aws:s3:::bucket/k?y"}, "allow"),
        ({"Action": None, "NotAction": "s3:Get*"}, "allow"),
        ({"Action": None, "NotAction": "s3:*"}, None),
        ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"}, None),
        ({"Effect": "Deny"}, "deny"),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "1"}}}, "allow"),
        ({"Condition": {"StringEquals": {"AWS:principalaccount": ["2", "1"]}}}, "allow"),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}}}, None),
        ({"Condition": {"StringNotEquals": {"aws:absent": "1"}}}, "allow"),
        ({"Condition": {"StringEqualsIfExists": {"aws:absent": "1"}}}, "allow"),
        ({"Condition": {"StringEquals": {"aws:absent": "1"}}}, None),
        ({"Condition": {"Null": {"aws:absent": "true"}}}, "allow"),
        ({"Condition": {"Bool": {"aws:SecureTransport": True}}}, "allow"),
        ({"Condition": {"NumericLessThan": {"aws:absent": "1"}}}, None),
        ({"Effect": "Deny", "Condition": {"NumericLessThan": {"aws:absent": "1"}}}, "deny"),
    ],
)
def test_statements(statement: dict[str, Any], decision: str | None) -> None:
    context = {"aws:PrincipalAccount": "1", "aws:SecureTransport": "true"}
    assert decide(one(**statement), ACTION, RESOURCE, context) == decision


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", ("allow", True)),
        ({"AWS": "*"}, ("allow", True)),
        ({"AWS": "1"}, ("allow", False)),
        ({"AWS": ["9", "arn:aws:iam::1:root"]}, ("allow", False)),
        ({"AWS": "arn:aws:iam::1:role/r"}, ("allow", True)),
        ({"AWS": "arn:aws:iam::1:role/other"}, (None, False)),
        ({"Service": "dynamodb.amazonaws.com"}, (None, False)),
    ],
)
def test_principals(principal: Any, expected: tuple[str | None, bool]) -> None:
    document = one(Principal=principal)[0]
    arns = ("arn:aws:sts::1:assumed-role/r/s", "arn:aws:iam::1:role/r")
    assert decide_resource(document, arns, "1", (ACTION, RESOURCE), {}) == expected


@given(st.text())
def test_a_text_is_like_itself_and_like_a_star(text: str) -> None:
    assert like("*", text)
    if not set(text) & set("*?"):
        assert like(text, text)


@given(st.lists(st.sampled_from(["allow", "deny", "other"])))
def test_deny_wins_whatever_the_order(kinds: list[str]) -> None:
    statements = [
        {"Effect": "Deny" if kind == "deny" else "Allow", "Action": "x:*" if kind == "other" else "*", "Resource": "*"}
        for kind in kinds
    ]
    expected = "deny" if "deny" in kinds else "allow" if "allow" in kinds else None
    assert decide([{"Statement": statements}], ACTION, RESOURCE, {}) == expected
