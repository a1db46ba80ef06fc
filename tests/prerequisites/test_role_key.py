"""Keys that the roles of jobs work with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.resources import remove
from ddbtui.prerequisites.glue_roles import JobRole
from ddbtui.prerequisites.role_key import RoleKey
from tests.aws.live import TARGET, Live
from tests.prerequisites.vaults import looked, mended

ROLE = f"arn:aws:iam::{TARGET}:role/ddbtui-glue-abc"
ADMIN = f"arn:aws:iam::{TARGET}:user/target-admin"
ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def key_of(live: Live, *statements: dict[str, Any]) -> str:
    """A key of the target account with a policy of its own."""
    kms = live.admin("target", "kms")
    if not statements:
        return str(kms.create_key()["KeyMetadata"]["Arn"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return str(kms.create_key(Policy=policy)["KeyMetadata"]["Arn"])


def only(principal: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*", **more}


def role_key(live: Live, arn: str) -> RoleKey:
    return RoleKey(live.move(), "target", ROLE, arn, ACTIONS, "s3")


def make_role(live: Live) -> None:
    mended(live, JobRole(live.move(), ROLE, True, [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]))


def test_a_key_that_leaves_it_to_iam_suffices(live: Live) -> None:
    finding = looked(live, role_key(live, key_of(live)))
    assert (finding.outcome, finding.remedy) == ("pass", None)


def test_a_key_that_names_only_people_gets_one_statement(live: Live) -> None:
    make_role(live)
    before, (resource,) = mended(live, role_key(live, key_of(live, only(ADMIN, "kms:*"))))
    assert f"does not let {ROLE} do kms:Decrypt and kms:GenerateDataKey" in before.evidence
    assert resource.data["statement"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    assert (resource.kind, resource.fate) == ("key-policy-statement", "remove")
    for _ in range(2):
        remove(live.account("target"), resource)
    assert looked(live, role_key(live, resource.data["key_arn"])).outcome == "fail"


def test_one_key_for_two_services_is_two_questions(live: Live) -> None:
    arn = key_of(live)
    both = [RoleKey(live.move(), "target", ROLE, arn, ACTIONS, service) for service in ("s3", "dynamodb")]
    assert len({one.id for one in both}) == 2
    assert [one.title for one in both] == ["The jobs may use the bucket's key", "The jobs may use the new tables' key"]


def test_the_role_comes_first(live: Live) -> None:
    recorded: list[Resource] = []
    with pytest.raises(UserError, match="does not exist yet"):
        role_key(live, key_of(live, only(ADMIN, "kms:*"))).apply(recorded.append)
    assert recorded == []


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (only(f"arn:aws:iam::{TARGET}:root", "kms:Decrypt"), "fail"),
        (only("*", *ACTIONS, Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}), "pass"),
        (only("*", *ACTIONS, Condition={"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}}), "fail"),
        (only("*", *ACTIONS, Condition={"StringEquals": {"kms:EncryptionContext:a": "b"}}), "warn"),
    ],
    ids=["one-action", "through-s3", "through-another", "not-known"],
)
def test_the_policy_is_weighed(live: Live, statement: dict[str, Any], outcome: str) -> None:
    finding = looked(live, role_key(live, key_of(live, only(ADMIN, "kms:*"), statement)))
    assert finding.outcome == outcome


def test_what_may_not_be_read_is_told(live: Live) -> None:
    arn = key_of(live)
    foreign = arn.replace(TARGET, "444444444444")
    assert "third account" in looked(live, role_key(live, foreign)).evidence
    target = live.limited("target", ("kms:DescribeKey", "*"))
    finding = RoleKey(live.move(target=target), "target", ROLE, arn, ACTIONS, "s3").check()
    assert (finding.outcome, ROLE in finding.advice) == ("warn", True)
