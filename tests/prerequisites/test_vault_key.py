"""The keys of both vaults: AWS Backup in the target account reads with one and writes with the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.backup_roles import linked_role
from ddbtui.prerequisites.vault_key import AirGappedVaultKey, VaultKey
from tests.aws.live import IDS, MANAGEMENT, SOURCE, TARGET, Live
from tests.prerequisites.vaults import VAULT, looked, make_vault, mended

SIDES: tuple[Side, ...] = ("source", "target")


def make_key(live: Live, side: Side, *statements: dict[str, Any], root: str = "root") -> str:
    """A key of a side that its own root (or user) may use, and for whom the statements say."""
    first = {"Principal": {"AWS": f"arn:aws:iam::{IDS[side]}:{root}"}}
    full = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", **one} for one in (first, *statements)]
    policy = json.dumps({"Version": "2012-10-17", "Statement": full})
    return str(live.admin(side, "kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])


def sealed(live: Live, side: Side, key: str) -> VaultKey:
    """The prerequisite for a vault with that key."""
    make_vault(live, side, EncryptionKeyArn=key)
    return VaultKey(live.move(), side, VAULT, None)


@pytest.mark.parametrize("side", SIDES)
def test_aws_backups_own_key_needs_no_sharing(live: Live, side: Side) -> None:
    prerequisite = VaultKey(live.move(), side, VAULT, None)
    assert "will have AWS Backup's own key" in looked(live, prerequisite).evidence
    make_vault(live, side)
    finding = looked(live, prerequisite)
    assert finding.outcome == "pass"
    assert "has AWS Backup's own key" in finding.evidence


def test_the_sources_key_is_shared(live: Live) -> None:
    key = make_key(live, "source")
    before, (resource,) = mended(live, sealed(live, "source", key))
    assert f"does not let AWS Backup of account {TARGET} do kms:CreateGrant" in before.evidence
    assert (resource.kind, resource.side, resource.data["key_arn"]) == ("key-policy-statement", "source", key)
    first, own = json.loads(live.admin("source", "kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])[
        "Statement"
    ]
    assert first["Principal"] == {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    assert own["Principal"] == {"AWS": f"arn:aws:iam::{TARGET}:root"}
    assert own["Condition"] == {"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}


def test_a_key_of_the_target_lets_its_own_account_in(live: Live) -> None:
    assert looked(live, sealed(live, "target", make_key(live, "target"))).outcome == "pass"


def test_a_key_of_the_target_that_lets_in_one_user_only_is_mended(live: Live) -> None:
    key = make_key(live, "target", root="user/target-admin")
    before, (resource,) = mended(live, sealed(live, "target", key))
    assert before.remedy
    (change,) = before.remedy.changes
    assert (change.side, change.account_id, change.action) == ("target", TARGET, "kms:PutKeyPolicy")
    assert (resource.side, resource.data["key_arn"]) == ("target", key)


def test_to_let_the_caller_of_the_target_in_is_not_enough(live: Live) -> None:
    caller = {"Principal": {"AWS": f"arn:aws:iam::{TARGET}:user/target-admin"}}
    mended(live, sealed(live, "source", make_key(live, "source", caller)))


def test_to_let_aws_backups_own_role_in_is_enough(live: Live) -> None:
    live.admin("target", "iam").create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    role = {"Principal": {"AWS": linked_role(live.move(), "target")}}
    assert looked(live, sealed(live, "source", make_key(live, "source", role))).outcome == "pass"


def test_the_key_of_a_vault_that_is_not_there_yet_is_shared_before(live: Live) -> None:
    mended(live, VaultKey(live.move(), "source", VAULT, make_key(live, "source")))


@pytest.mark.parametrize("side", SIDES)
def test_a_disabled_key_is_told(live: Live, side: Side) -> None:
    key = make_key(live, side)
    prerequisite = sealed(live, side, key)
    live.admin(side, "kms").disable_key(KeyId=key)
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"Key {key} is Disabled" in finding.evidence


@pytest.mark.parametrize("side", SIDES)
def test_a_key_that_is_to_go_is_told(live: Live, side: Side) -> None:
    key = make_key(live, side)
    prerequisite = sealed(live, side, key)
    live.admin(side, "kms").schedule_key_deletion(KeyId=key)
    assert "is PendingDeletion" in looked(live, prerequisite).evidence


@pytest.mark.parametrize("side", SIDES)
def test_a_key_that_is_not_there_is_told(live: Live, side: Side) -> None:
    key = f"arn:aws:kms:eu-west-1:{IDS[side]}:key/00000000-0000-4000-8000-000000000000"
    finding = looked(live, VaultKey(live.move(), side, VAULT, key))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"There is no key {key}" in finding.evidence


@pytest.mark.parametrize("owner", [MANAGEMENT, TARGET])
def test_a_key_of_another_account_can_not_be_judged(live: Live, owner: str) -> None:
    key = f"arn:aws:kms:eu-west-1:{owner}:key/00000000-0000-4000-8000-000000000000"
    finding = looked(live, VaultKey(live.move(), "source", VAULT, key))
    assert (finding.outcome, finding.remedy) == ("warn", None)
    assert f"belongs to account {owner}" in finding.evidence


def test_a_deny_is_told_and_not_written_against(live: Live) -> None:
    deny = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "kms:CreateGrant"}
    finding = looked(live, sealed(live, "source", make_key(live, "source", deny)))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "A statement denies it" in finding.advice


def test_conditions_that_can_not_be_judged_are_a_warning(live: Live) -> None:
    then = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    allow = {"Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Condition": then}
    finding = looked(live, sealed(live, "source", make_key(live, "source", allow)))
    assert (finding.outcome, finding.remedy) == ("warn", None)
    assert "can't be judged from here" in finding.evidence


def test_a_policy_that_would_be_too_large_is_left_alone(live: Live) -> None:
    long = {"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": [f"kms:Action{n}" for n in range(2400)]}
    prerequisite = sealed(live, "source", make_key(live, "source", long))
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "the policy is not edited" in finding.evidence
    with pytest.raises(UserError, match="the policy is not edited"):
        prerequisite.apply(lambda _: None)


@pytest.mark.parametrize("side", SIDES)
def test_a_key_that_may_not_be_seen_is_no_verdict(live: Live, side: Side) -> None:
    key = make_key(live, side)
    make_vault(live, side, EncryptionKeyArn=key)
    limited = live.limited(side, ("backup:ListBackupVaults", "*"))
    move = live.move(source=limited) if side == "source" else live.move(target=limited)
    finding = VaultKey(move, side, VAULT, None).check()
    assert finding.outcome == "unknown"
    assert f"kms:DescribeKey on {key}" in finding.evidence


ROLE = f"arn:aws:iam::{TARGET}:role/restores"


def air_gapped(live: Live, key: str = "") -> AirGappedVaultKey:
    """The prerequisite for a logically air-gapped vault, with that key or the one that AWS owns."""
    live.admin("source", "backup").create_logically_air_gapped_backup_vault(
        BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=30, **({"EncryptionKeyArn": key} if key else {})
    )
    return AirGappedVaultKey(live.move(), VAULT, ROLE)


def test_an_air_gapped_vault_with_the_key_that_aws_owns_needs_nothing(live: Live) -> None:
    made_later = looked(live, AirGappedVaultKey(live.move(), VAULT, ROLE))
    there = looked(live, air_gapped(live))
    assert (made_later.outcome, there.outcome) == ("pass", "pass")
    assert ("will have AWS Backup's own" in made_later.evidence, "has AWS Backup's own" in there.evidence) == (
        True,
        True,
    )


def test_the_key_of_an_air_gapped_vault_is_shared_too(live: Live) -> None:
    before, (resource,) = mended(live, air_gapped(live, make_key(live, "source")))
    assert f"does not let AWS Backup of account {TARGET} and its role {ROLE} do kms:CreateGrant" in before.evidence
    assert (resource.kind, resource.side) == ("key-policy-statement", "source")


def test_both_roles_of_the_target_use_the_key_of_an_air_gapped_vault(live: Live) -> None:
    iam = live.admin("target", "iam")
    iam.create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="restores", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    one, other = ({"Principal": {"AWS": role}} for role in (linked_role(live.move(), "target"), ROLE))
    kms, key = live.admin("source", "kms"), make_key(live, "source", one)
    prerequisite = air_gapped(live, key)
    assert looked(live, prerequisite).outcome == "fail"
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    policy["Statement"].append({"Effect": "Allow", "Action": "kms:*", "Resource": "*", **other})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    assert looked(live, prerequisite).outcome == "pass"
