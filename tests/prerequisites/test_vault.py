"""AWS Backup's vaults, keys, settings and roles: each fails for its own reason, and its remedy mends it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ddbtui.aws.access import Access
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side, TargetTable, side_named
from ddbtui.prerequisites.backup import CrossAccountBackup, DynamoDbBackup, RestoredBilling
from ddbtui.prerequisites.backup_roles import BackupRole, ServiceLinkedRole, default_role
from ddbtui.prerequisites.base import Finding, Prerequisite
from ddbtui.prerequisites.vault import VaultExists, vault_arn
from ddbtui.prerequisites.vault_key import VaultKey
from ddbtui.prerequisites.vault_policy import VaultPolicy
from tests.aws.live import IDS, MANAGEMENT, REGION, SOURCE, TARGET, Live

VAULT = "ddbtui"
ARN = f"arn:aws:backup:{REGION}:{TARGET}:backup-vault:{VAULT}"


def covered(live: Live, declared: Sequence[Access]) -> None:
    """Every call since was declared."""
    for side, action, resource in live.used():
        hits = [one for one in declared if (one.side, one.action) == (side, action)]
        assert any(fnmatchcase(resource, one.resource) for one in hits), (side, action, resource)


def looked(live: Live, prerequisite: Prerequisite) -> Finding:
    """Check; every call was declared."""
    live.forget()
    finding = prerequisite.check()
    covered(live, prerequisite.access())
    return finding


def mended(live: Live, prerequisite: Prerequisite) -> tuple[Finding, list[Resource]]:
    """It fails, its remedy makes what it shows, and then it holds; a repetition changes nothing."""
    before = looked(live, prerequisite)
    assert (before.outcome, bool(before.remedy)) == ("fail", True), before
    assert before.remedy
    live.forget()
    recorded: list[Resource] = []
    prerequisite.apply(recorded.append)
    covered(live, [*prerequisite.access(), *prerequisite.remedy_access()])
    used = {(side, action) for side, action, _ in live.used()}
    assert {(change.side, change.action) for change in before.remedy.changes} <= used
    after = looked(live, prerequisite)
    assert (after.outcome, after.remedy) == ("pass", None), after
    again: list[Resource] = []
    prerequisite.apply(again.append)
    assert again == []
    return before, recorded


def make_vault(live: Live, side: Side = "target", **more: Any) -> None:
    live.admin(side, "backup").create_backup_vault(BackupVaultName=VAULT, **more)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_vault_is_made_and_will_be_removed(live: Live, side: Side) -> None:
    prerequisite = VaultExists(live.move(), side, VAULT, 7)
    before, (resource,) = mended(live, prerequisite)
    assert before.prerequisite == f"{side}-vault"
    assert "No vault 'ddbtui' is in account" in before.evidence
    assert (resource.kind, resource.side, resource.fate) == ("vault", side, "remove")
    assert resource.name == vault_arn(prerequisite.account, VAULT)


def test_a_vault_gets_the_key_of_the_plan(live: Live) -> None:
    key = live.admin("target", "kms").create_key()["KeyMetadata"]["Arn"]
    mended(live, VaultExists(live.move(), "target", VAULT, 7, key))
    assert live.admin("target", "backup").describe_backup_vault(BackupVaultName=VAULT)["EncryptionKeyArn"] == key


def test_the_source_account_is_let_in(live: Live) -> None:
    prerequisite = VaultPolicy(live.move(), VAULT, "account")
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
    backup = live.admin("target", "backup")
    deny = {"Sid": "Keep", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "backup:DeleteRecoveryPoint"}
    policy = {"Version": "2012-10-17", "Statement": [{**deny, "Resource": "*"}]}
    backup.put_backup_vault_access_policy(BackupVaultName=VAULT, Policy=json.dumps(policy))
    before, _ = mended(live, VaultPolicy(live.move(), VAULT, "organization"))
    assert f"does not allow backup:CopyIntoBackupVault to account {SOURCE}" in before.evidence
    first, own = json.loads(backup.get_backup_vault_access_policy(BackupVaultName=VAULT)["Policy"])["Statement"]
    assert first["Sid"] == "Keep"
    assert own["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ["o-sandbox0001"]}}


def test_aws_backups_own_key_needs_no_sharing(live: Live) -> None:
    prerequisite = VaultKey(live.move(), VAULT, None)
    assert "will have AWS Backup's own key" in looked(live, prerequisite).evidence
    make_vault(live, "source")
    finding = looked(live, prerequisite)
    assert finding.outcome == "pass"
    assert "has AWS Backup's own key" in finding.evidence


def test_the_vaults_key_is_shared(live: Live) -> None:
    kms = live.admin("source", "kms")
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    make_vault(live, "source", EncryptionKeyArn=key)
    before, (resource,) = mended(live, VaultKey(live.move(), VAULT, None))
    assert f"does not let account {TARGET} do kms:CreateGrant" in before.evidence
    assert (resource.kind, resource.side, resource.data["key_arn"]) == ("key-policy-statement", "source", key)
    kms.disable_key(KeyId=key)
    finding = looked(live, VaultKey(live.move(), VAULT, None))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "is Disabled" in finding.evidence


def test_only_the_management_account_switches_cross_account_backup_on(live: Live) -> None:
    prerequisite = CrossAccountBackup(live.move())
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "aws backup update-global-settings --global-settings isCrossAccountBackupEnabled=true" in finding.advice
    switch_on(live)
    assert looked(live, prerequisite).outcome == "pass"
    live.sandbox.control("organization", same=None)
    assert "knows no organization" in looked(live, prerequisite).evidence


def switch_on(live: Live) -> None:
    """As the management account."""
    manager = live.admin("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def test_the_management_account_of_the_plan_switches_it_on_and_it_stays(live: Live) -> None:
    prerequisite = CrossAccountBackup(live.move(management=live.account("management")))
    before, (resource,) = mended(live, prerequisite)
    assert before.remedy
    (change,) = before.remedy.changes
    assert (change.side, change.account_id) == ("management", MANAGEMENT)
    assert "for all accounts of the organization (it stays on)" in before.remedy.title
    assert '"isCrossAccountBackupEnabled": "true"' in change.after
    assert (resource.side, resource.fate, resource.data["before"]) == ("management", "keep", "false")
    settings = live.admin("target", "backup").describe_global_settings()["GlobalSettings"]
    assert settings == {**settings, "isCrossAccountBackupEnabled": "true", "isMpaEnabled": "false"}


@pytest.mark.parametrize("profile", ["source", "target"])
def test_another_account_than_the_organizations_own_switches_nothing(live: Live, profile: str) -> None:
    other = live.account("management", profile=profile, account_id=IDS[side_named(profile)])
    prerequisite = CrossAccountBackup(live.move(management=other))
    finding = looked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"the organization's is {MANAGEMENT}" in finding.evidence
    assert "aws backup update-global-settings" in finding.advice
    recorded: list[Resource] = []
    with pytest.raises(UserError, match="does not manage organization o-sandbox0001"):
        prerequisite.apply(recorded.append)
    assert recorded == []


def test_a_target_may_manage_the_organization_itself(live: Live) -> None:
    live.sandbox.control("organization", same=True, manager=TARGET)
    manager = live.account("management", profile="target", account_id=TARGET)
    prerequisite = CrossAccountBackup(live.move(management=manager))
    assert prerequisite.check().remedy
    prerequisite.apply(lambda _: None)
    assert prerequisite.check().outcome == "pass"


@pytest.mark.parametrize("side", ["source", "target"])
def test_dynamodbs_features_are_switched_on_and_stay(live: Live, side: Side) -> None:
    backup = live.admin(side, "backup")
    others = backup.describe_region_settings()["ResourceTypeOptInPreference"]
    before, (resource,) = mended(live, DynamoDbBackup(live.move(), side))
    assert "ResourceTypeManagementPreference[DynamoDB] is false" in before.evidence
    assert resource.fate == "keep"
    assert backup.describe_region_settings()["ResourceTypeOptInPreference"] == {**others, "DynamoDB": True}


def test_the_default_role_is_made_as_the_console_makes_it(live: Live) -> None:
    move = live.move()
    arn = default_role(move, "source")
    before, (resource,) = mended(live, BackupRole(move, "source", arn))
    assert before.evidence == f"Role {arn} does not exist."
    assert (resource.kind, resource.name, resource.fate) == ("role", arn, "keep")
    attached = live.admin("source", "iam").list_attached_role_policies(RoleName="AWSBackupDefaultServiceRole")
    names = {one["PolicyName"]: one["PolicyArn"] for one in attached["AttachedPolicies"]}
    assert set(names) == {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"}
    lost = "AWSBackupServiceRolePolicyForRestores"
    live.admin("source", "iam").detach_role_policy(RoleName="AWSBackupDefaultServiceRole", PolicyArn=names[lost])
    before, _ = mended(live, BackupRole(move, "source", arn))
    assert f"has no policy {lost}" in before.evidence


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
    foreign = BackupRole(live.move(), "target", arn).check()
    assert "is not one of account 222222222222" in foreign.evidence


def test_the_service_linked_role_is_made(live: Live) -> None:
    _, (resource,) = mended(live, ServiceLinkedRole(live.move()))
    assert resource.name == f"arn:aws:iam::{TARGET}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"


def test_a_restore_can_not_change_the_billing_mode(live: Live) -> None:
    on_demand = TargetTable(encryption="aws-owned", billing="on-demand")
    for names, wanted in ((("orders",), on_demand), (("sessions",), on_demand)):
        move = live.move(*names, target_table=wanted)
        (moving,) = move.tables
        outcome = "fail" if moving.table.billing == "PROVISIONED" else "pass"
        assert RestoredBilling(move, moving).check().outcome == outcome
