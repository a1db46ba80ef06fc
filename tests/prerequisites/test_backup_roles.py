"""The roles that AWS Backup works with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.backup_roles import BackupRole, ServiceLinkedRole, default_role
from ddbtui.prerequisites.base import Prerequisite
from tests.aws.live import SOURCE, TARGET, Live
from tests.prerequisites.vaults import looked, mended

POLICIES = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")


def test_the_default_role_is_made_as_the_console_makes_it(live: Live) -> None:
    move = live.move()
    arn = default_role(move, "source")
    before, (resource,) = mended(live, BackupRole(move, "source", arn))
    assert before.evidence == f"Role {arn} does not exist."
    assert (resource.kind, resource.name, resource.fate) == ("role", arn, "keep")
    attached = live.admin("source", "iam").list_attached_role_policies(RoleName="AWSBackupDefaultServiceRole")
    names = {one["PolicyName"] for one in attached["AttachedPolicies"]}
    assert names == set(POLICIES)


@pytest.mark.parametrize(("side", "needed", "other"), [("source", *POLICIES), ("target", *reversed(POLICIES))])
def test_a_default_role_is_only_given_what_its_side_needs(live: Live, side: Side, needed: str, other: str) -> None:
    """A source's role may well be without the right to write tables: it reads and copies."""
    move = live.move()
    prerequisite = BackupRole(move, side, default_role(move, side))
    prerequisite.apply(lambda _: None)
    named = {"RoleName": "AWSBackupDefaultServiceRole"}
    iam, arn = live.admin(side, "iam"), "arn:aws:iam::aws:policy/service-role/"
    iam.detach_role_policy(**named, PolicyArn=f"{arn}{other}")
    assert looked(live, prerequisite).outcome == "pass"
    iam.detach_role_policy(**named, PolicyArn=f"{arn}{needed}")
    before, _ = mended(live, prerequisite)
    assert f"has no policy {needed}" in before.evidence
    attached = iam.list_attached_role_policies(**named)["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == [needed]


def test_a_named_role_must_be_there_and_trust_aws_backup(live: Live) -> None:
    arn = f"arn:aws:iam::{SOURCE}:role/backups"
    prerequisite = BackupRole(live.move(), "source", arn)
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = live.admin("source", "iam")
    for service, outcome in (("ec2.amazonaws.com", "fail"), ("backup.amazonaws.com", "pass")):
        document = {"Version": "2012-10-17", "Statement": [{**trust, "Principal": {"Service": service}}]}
        iam.create_role(RoleName="backups", AssumeRolePolicyDocument=json.dumps(document))
        assert prerequisite.check().outcome == outcome
        iam.delete_role(RoleName="backups")


@pytest.mark.parametrize(("side", "owner"), [("source", SOURCE), ("target", TARGET)])
def test_the_service_linked_role_is_made(live: Live, side: Side, owner: str) -> None:
    _, (resource,) = mended(live, ServiceLinkedRole(live.move(), side))
    assert resource.name == f"arn:aws:iam::{owner}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"


def trust(**statement: Any) -> str:
    """A trust policy that lets AWS Backup in, but for what is told."""
    whole = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**whole, **statement}]})


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_default_role_that_trusts_somebody_else_is_left_alone(live: Live, side: Side) -> None:
    other = trust(Principal={"Service": "ec2.amazonaws.com"})
    name = {"RoleName": "AWSBackupDefaultServiceRole", "Path": "/service-role/"}
    live.admin(side, "iam").create_role(**name, AssumeRolePolicyDocument=other)
    move = live.move()
    finding = looked(live, BackupRole(move, side, default_role(move, side)))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "its trust policy does not let backup.amazonaws.com in" in finding.evidence


def test_a_role_of_that_name_and_another_path_is_told(live: Live) -> None:
    live.admin("source", "iam").create_role(
        RoleName="AWSBackupDefaultServiceRole", Path="/ours/", AssumeRolePolicyDocument=trust()
    )
    move = live.move()
    finding = BackupRole(move, "source", default_role(move, "source")).check()
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"one of that name is arn:aws:iam::{SOURCE}:role/ours/AWSBackupDefaultServiceRole" in finding.evidence


def test_a_trust_that_hangs_on_a_condition_is_taken(live: Live) -> None:
    only = {"StringEquals": {"aws:SourceAccount": SOURCE}}
    live.admin("source", "iam").create_role(RoleName="backups", AssumeRolePolicyDocument=trust(Condition=only))
    assert looked(live, BackupRole(live.move(), "source", f"arn:aws:iam::{SOURCE}:role/backups")).outcome == "pass"


def test_a_named_role_is_never_made(live: Live) -> None:
    prerequisite = BackupRole(live.move(), "source", f"arn:aws:iam::{SOURCE}:role/backups")
    recorded: list[Resource] = []
    prerequisite.apply(recorded.append)
    assert recorded == []
    assert prerequisite.remedy_access() == ()


@pytest.mark.parametrize("kind", ["role", "linked"])
def test_a_role_that_may_not_be_seen_is_no_verdict(live: Live, kind: str) -> None:
    move = live.move(target=live.limited("target"))
    prerequisites: dict[str, Prerequisite] = {
        "role": BackupRole(move, "target", default_role(move, "target")),
        "linked": ServiceLinkedRole(move, "target"),
    }
    finding = prerequisites[kind].check()
    assert finding.outcome == "unknown"
    assert "iam:GetRole" in finding.evidence


def test_a_role_that_may_not_be_made_is_told_with_action(live: Live) -> None:
    move = live.move(target=live.limited("target", ("iam:GetRole", "*")))
    for prerequisite in (BackupRole(move, "target", default_role(move, "target")), ServiceLinkedRole(move, "target")):
        with pytest.raises(UserError, match="iam:Create"):
            prerequisite.apply(lambda _: None)
