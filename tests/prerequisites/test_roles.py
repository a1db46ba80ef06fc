"""Roles that jobs work in: made with exactly what they need, or looked at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.aws.arns import parse_arn
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.removal.glue import remove_role
from ddbtui.prerequisites.glue_roles import JobRole, SourceRole
from ddbtui.prerequisites.role_reading import Statement, fits
from ddbtui.prerequisites.roles import MARK
from tests.aws.live import REGION, SOURCE, TARGET, Live
from tests.prerequisites.vaults import looked, mended

ARN = f"arn:aws:iam::{TARGET}:role/ddbtui-glue-abc"
READER = f"arn:aws:iam::{SOURCE}:role/ddbtui-glue-source-abc"
TABLE = f"arn:aws:dynamodb:{REGION}:{TARGET}:table/orders"
WANTED: list[Statement] = [
    {"Effect": "Allow", "Action": ["dynamodb:BatchWriteItem", "dynamodb:DescribeTable"], "Resource": [TABLE]},
    {"Effect": "Allow", "Action": ["cloudwatch:PutMetricData"], "Resource": ["*"]},
]
GLUE = {"Service": "glue.amazonaws.com"}


def made(live: Live, statements: list[Statement] | None = None) -> JobRole:
    return JobRole(live.move(), ARN, True, statements or WANTED)


def named(live: Live, arn: str = ARN) -> JobRole:
    return JobRole(live.move(), arn, False, WANTED)


def make(live: Live, policy: Any = None, principal: Any = None, arn: str = ARN, **more: Any) -> None:
    """A role of somebody's."""
    side: Any = "target" if parse_arn(arn).account_id == TARGET else "source"
    trust = {"Effect": "Allow", "Principal": principal or GLUE, "Action": "sts:AssumeRole", **more}
    iam, name = live.admin(side, "iam"), arn.rsplit("/", 1)[-1]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="any", PolicyDocument=document(*policy))


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_role_is_made_shown_before_and_taken_away_again(live: Live) -> None:
    before, (resource,) = mended(live, made(live))
    assert before.evidence == f"Role {ARN} does not exist."
    assert before.remedy
    create, put = before.remedy.changes
    assert "glue.amazonaws.com" in create.after
    assert json.loads(put.after)["Statement"] == WANTED
    assert before.remedy.leaves == (resource,)
    assert (resource.kind, resource.side, resource.name, resource.fate) == ("role", "target", ARN, "remove")
    for _ in range(2):
        remove_role(live.account("target"), resource)
    assert looked(live, made(live)).outcome == "fail"


def test_a_role_that_was_made_but_not_completed_is_completed(live: Live) -> None:
    mended(live, made(live))
    live.admin("target", "iam").delete_role_policy(RoleName="ddbtui-glue-abc", PolicyName="ddbtui")
    before, (resource,) = mended(live, made(live))
    assert "has not, or no longer, the policy that ddbtui gives it" in before.evidence
    assert before.remedy
    assert [change.action for change in before.remedy.changes] == ["iam:PutRolePolicy"]
    assert resource.fate == "remove"


def test_a_role_with_more_than_it_needs_is_put_right(live: Live) -> None:
    mended(live, made(live, [*WANTED, {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]))
    before, _ = mended(live, made(live))
    assert before.remedy
    assert "s3:GetObject" in before.remedy.changes[0].before
    assert "s3:GetObject" not in before.remedy.changes[0].after


def test_a_namesake_that_ddbtui_did_not_make_is_left_alone(live: Live) -> None:
    make(live)
    finding = looked(live, made(live))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "was not made by ddbtui" in finding.evidence
    with pytest.raises(UserError, match="made by somebody else"):
        made(live).apply(lambda _: None)
    resource = Resource("role", "target", ARN, "remove", {"role": "ddbtui-glue-abc"})
    with pytest.raises(UserError, match="was not made by ddbtui"):
        remove_role(live.account("target"), resource)


def test_a_role_that_somebody_gave_more_is_not_removed(live: Live) -> None:
    _, (resource,) = mended(live, made(live))
    iam = live.admin("target", "iam")
    iam.put_role_policy(RoleName="ddbtui-glue-abc", PolicyName="other", PolicyDocument=document(WANTED[1]))
    with pytest.raises(UserError, match="could not be removed: DeleteConflict"):
        remove_role(live.account("target"), resource)


@pytest.mark.parametrize(
    ("policy", "outcome", "words"),
    [
        (WANTED, "pass", "may do what it is for"),
        ([{"Effect": "Allow", "Action": "*", "Resource": "*"}], "pass", "may do what it is for"),
        ([{"Effect": "Allow", "Action": "dynamodb:*", "Resource": TABLE}], "fail", "may not do cloudwatch:PutMetric"),
        (WANTED[:1], "fail", "may not do cloudwatch:PutMetricData on *"),
        ([*WANTED, {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}], "fail", "dynamodb:BatchWriteItem on"),
        ([WANTED[1], {**WANTED[0], "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}], "warn", "conditions"),
        (None, "fail", "dynamodb:BatchWriteItem on"),
    ],
    ids=["exact", "all", "too-few", "one-lacks", "denied", "condition", "none"],
)
def test_a_named_role_is_weighed(live: Live, policy: Any, outcome: str, words: str) -> None:
    make(live, policy)
    finding = looked(live, named(live))
    assert (finding.outcome, finding.remedy) == (outcome, None)
    assert words in finding.evidence
    if outcome == "fail":
        assert "dynamodb:BatchWriteItem" in finding.advice


def test_attached_policies_count(live: Live) -> None:
    make(live)
    iam = live.admin("target", "iam")
    arn = iam.create_policy(PolicyName="mine", PolicyDocument=document(*WANTED))["Policy"]["Arn"]
    assert looked(live, named(live)).outcome == "fail"
    iam.attach_role_policy(RoleName="ddbtui-glue-abc", PolicyArn=arn)
    assert looked(live, named(live)).outcome == "pass"


def test_what_may_not_be_read_is_told(live: Live) -> None:
    make(live, WANTED)
    target = live.limited("target", ("iam:GetRole", "*"))
    finding = JobRole(live.move(target=target), ARN, False, WANTED).check()
    assert finding.outcome == "warn"
    assert "can't be read (AccessDenied)" in finding.evidence
    assert "dynamodb:BatchWriteItem" in finding.advice


@pytest.mark.parametrize(
    ("principal", "more", "outcome", "words"),
    [
        ({"Service": "ec2.amazonaws.com"}, {}, "fail", "does not let Glue in"),
        ({"Service": ["ec2.amazonaws.com", "glue.amazonaws.com"]}, {}, "pass", "is trusted"),
        (GLUE, {"Condition": {"StringEquals": {"aws:SourceAccount": TARGET}}}, "warn", "hangs on a condition"),
        (GLUE, {"Effect": "Deny"}, "fail", "does not let Glue in"),
        (GLUE, {"Action": "sts:TagSession"}, "fail", "does not let Glue in"),
    ],
    ids=["other", "among-others", "condition", "denied", "other-action"],
)
def test_a_named_role_must_trust_glue(live: Live, principal: Any, more: Any, outcome: str, words: str) -> None:
    make(live, WANTED, principal, **more)
    finding = looked(live, named(live))
    assert (finding.outcome, words in finding.evidence) == (outcome, True), finding


def test_a_role_must_be_there_under_its_path(live: Live) -> None:
    finding = looked(live, named(live))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "does not exist" in finding.evidence
    live.admin("target", "iam").create_role(
        RoleName="ddbtui-glue-abc", Path="/deep/", AssumeRolePolicyDocument=document({**_trust(), "Effect": "Allow"})
    )
    assert "one of that name is arn:aws:iam::222222222222:role/deep/ddbtui-glue-abc" in named(live).check().evidence


def _trust() -> dict[str, Any]:
    return {"Principal": GLUE, "Action": "sts:AssumeRole"}


def test_the_reading_role_trusts_exactly_the_jobs_role(live: Live) -> None:
    mended(live, made(live))
    reading: list[Statement] = [{"Effect": "Allow", "Action": ["dynamodb:Scan"], "Resource": [TABLE]}]
    reader = SourceRole(live.move(), READER, True, reading, ARN)
    _, (resource,) = mended(live, reader)
    role = live.admin("source", "iam").get_role(RoleName="ddbtui-glue-source-abc")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {"Effect": "Allow", "Principal": {"AWS": ARN}, "Action": "sts:AssumeRole"}
    assert [tag["Key"] for tag in role["Tags"]] == [MARK]
    assert resource.side == "source"


def test_a_reading_role_of_an_earlier_namesake_is_told(live: Live) -> None:
    """IAM shows the id of a role that is gone instead of its ARN, and takes no policy that says so."""
    gone = {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID"}, "Action": "sts:AssumeRole"}

    class Reader(SourceRole):
        def trusts(self, role: Any) -> Any:
            return super().trusts({**role, "AssumeRolePolicyDocument": {"Statement": [gone]}})

    mended(live, made(live))
    mended(live, SourceRole(live.move(), READER, True, WANTED, ARN))
    finding = looked(live, Reader(live.move(), READER, True, WANTED, ARN))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "trusts a principal that is gone" in finding.evidence


def test_many_that_lack_are_counted(live: Live) -> None:
    make(live)
    many = [{"Effect": "Allow", "Action": [f"s3:Get{n}" for n in range(7)], "Resource": ["*"]}]
    assert "s3:Get3 on * and 3 more." in JobRole(live.move(), ARN, False, many).check().evidence


def test_the_reading_role_comes_after_the_one_that_it_trusts(live: Live) -> None:
    reader = SourceRole(live.move(), READER, True, WANTED, ARN)
    recorded: list[Resource] = []
    with pytest.raises(UserError, match=f"role {ARN}, which this one trusts, does not exist yet"):
        reader.apply(recorded.append)
    assert recorded == []


@pytest.mark.parametrize(
    ("principal", "outcome"),
    [
        ({"AWS": ARN}, "pass"),
        ({"AWS": f"arn:aws:iam::{TARGET}:root"}, "pass"),
        ({"AWS": f"arn:aws:iam::{SOURCE}:root"}, "fail"),
        (GLUE, "fail"),
    ],
    ids=["exact", "whole-account", "other-account", "a-service"],
)
def test_a_named_reading_role_must_let_the_jobs_in(live: Live, principal: Any, outcome: str) -> None:
    mended(live, made(live))
    make(live, WANTED, principal, READER)
    finding = looked(live, SourceRole(live.move(), READER, False, WANTED, ARN))
    assert finding.outcome == outcome
    assert (ARN in finding.advice) == (outcome == "fail")


def test_a_policy_that_iam_does_not_take_is_known_before() -> None:
    many = [f"{TABLE}-{number}" for number in range(200)]
    assert fits(WANTED)
    assert not fits([{"Effect": "Allow", "Action": ["dynamodb:Scan"], "Resource": many}])
