"""The policy of the target's vault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.errors import UserError
from ddbtui.prerequisites.vault_policy import COPY, VaultPolicy, Whom
from tests.aws.live import SOURCE, TARGET, Live
from tests.prerequisites.vaults import ARN, VAULT, looked, make_vault, mended

ROLE = f"arn:aws:iam::{SOURCE}:role/service-role/AWSBackupDefaultServiceRole"
ROOT = {"AWS": f"arn:aws:iam::{SOURCE}:root"}
WHOM: tuple[Whom, ...] = ("account", "organization")


def policy_of(live: Live, whom: Whom = "account", **move: Any) -> VaultPolicy:
    return VaultPolicy(live.move(**move), VAULT, whom, ROLE)


def put(live: Live, *statements: dict[str, Any]) -> None:
    """Give the vault a policy."""
    full = [{"Effect": "Allow", "Principal": ROOT, "Action": COPY, "Resource": "*", **one} for one in statements]
    text = json.dumps({"Version": "2012-10-17", "Statement": full})
    live.admin("target", "backup").put_backup_vault_access_policy(BackupVaultName=VAULT, Policy=text)


def test_the_source_account_is_let_in(live: Live) -> None:
    prerequisite = policy_of(live)
    assert "has no policy" in looked(live, prerequisite).evidence  # not made yet: shown, too
    make_vault(live)
    before, (resource,) = mended(live, prerequisite)
    assert before.remedy
    (change,) = before.remedy.changes
    assert (change.action, change.resource, change.before) == ("backup:PutBackupVaultAccessPolicy", ARN, "")
    assert f"arn:aws:iam::{SOURCE}:root" in change.after
    assert (resource.kind, resource.fate, resource.data["before"]) == ("vault-policy-statement", "remove", None)


def test_the_organization_is_let_in_and_other_statements_stay(live: Live) -> None:
    make_vault(live)
    put(live, {"Sid": "Keep", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "backup:DeleteRecoveryPoint"})
    before, _ = mended(live, policy_of(live, "organization"))
    assert f"does not allow backup:CopyIntoBackupVault to {ROLE}" in before.evidence
    backup = live.admin("target", "backup")
    first, own = json.loads(backup.get_backup_vault_access_policy(BackupVaultName=VAULT)["Policy"])["Statement"]
    assert first["Sid"] == "Keep"
    assert own["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ["o-sandbox0001"]}}


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Principal": {"AWS": ROLE}},
        {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalAccount": SOURCE}}},
    ],
    ids=["the account", "the role", "anybody of the account"],
)
def test_who_is_let_in_already_is_not_let_in_twice(live: Live, statement: dict[str, Any]) -> None:
    live.admin("source", "iam").create_role(
        RoleName="AWSBackupDefaultServiceRole", Path="/service-role/", AssumeRolePolicyDocument=TRUST
    )
    make_vault(live)
    put(live, statement)
    finding = looked(live, policy_of(live))
    assert (finding.outcome, finding.remedy) == ("pass", None)
    assert ROLE in finding.evidence


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def test_to_let_the_caller_in_is_not_enough(live: Live) -> None:
    make_vault(live)
    put(live, {"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:user/source-admin"}})
    mended(live, policy_of(live))


@pytest.mark.parametrize("whom", WHOM)
def test_a_deny_is_told_and_not_written_against(live: Live, whom: Whom) -> None:
    make_vault(live)
    put(live, {}, {"Effect": "Deny"})
    finding = looked(live, policy_of(live, whom))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "does not allow" in finding.evidence
    assert "A statement denies it" in finding.advice


def test_conditions_that_can_not_be_judged_are_a_warning(live: Live) -> None:
    make_vault(live)
    put(live, {"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}})
    finding = looked(live, policy_of(live))
    assert (finding.outcome, finding.remedy) == ("warn", None)
    assert "can't be judged from here" in finding.evidence


def test_a_policy_that_ddbtui_does_not_understand_is_left_alone(live: Live) -> None:
    make_vault(live)
    deny = f'{{"Effect": "Deny", "Principal": "*", "Action": "{COPY}", "Resource": "*", "Resource": "*"}}'
    text = f'{{"Version": "2012-10-17", "Statement": [{deny}]}}'
    backup = live.admin("target", "backup")
    backup.put_backup_vault_access_policy(BackupVaultName=VAULT, Policy=text)
    prerequisite = policy_of(live)
    assert looked(live, prerequisite).outcome == "warn"
    with pytest.raises(UserError, match="the policy is not edited"):
        prerequisite.apply(lambda _: None)
    assert backup.get_backup_vault_access_policy(BackupVaultName=VAULT)["Policy"] == text


def test_without_an_organization_it_can_not_be_let_in(live: Live) -> None:
    make_vault(live)
    live.sandbox.control("organization", same=None)
    finding = policy_of(live, "organization").check()
    assert finding.outcome == "unknown"
    assert "AWSOrganizationsNotInUseException" in finding.evidence


def test_a_policy_that_may_not_be_seen_is_no_verdict(live: Live) -> None:
    make_vault(live)
    target = live.limited("target", ("backup:ListBackupVaults", "*"))
    finding = policy_of(live, target=target).check()
    assert finding.outcome == "unknown"
    assert "backup:GetBackupVaultAccessPolicy" in finding.evidence


def test_a_statement_of_ddbtuis_name_that_was_changed_is_left_alone(live: Live) -> None:
    make_vault(live)
    prerequisite, backup = policy_of(live), live.admin("target", "backup")
    prerequisite.apply(lambda _: None)
    policy = json.loads(backup.get_backup_vault_access_policy(BackupVaultName=VAULT)["Policy"])
    (own,) = policy["Statement"]
    put(live, {"Sid": own["Sid"], "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}})
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"it has another statement called '{own['Sid']}'" in finding.evidence
