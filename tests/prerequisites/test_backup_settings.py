"""AWS Backup itself: the organization's switch and each account's settings; and what a restore can't change."""

from __future__ import annotations

from typing import Literal

import pytest

from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side, TargetTable, side_named
from ddbtui.prerequisites.backup import CrossAccountBackup, DynamoDbBackup, RestoredBilling
from tests.aws.live import IDS, MANAGEMENT, TARGET, Live
from tests.prerequisites.vaults import looked, mended


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


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("off", ["ResourceTypeOptInPreference", "ResourceTypeManagementPreference"])
def test_each_of_both_settings_must_be_on(live: Live, side: Side, off: str) -> None:
    backup, both = live.admin(side, "backup"), {"DynamoDB": True}
    backup.update_region_settings(ResourceTypeOptInPreference=both, ResourceTypeManagementPreference=both)
    assert looked(live, DynamoDbBackup(live.move(), side)).outcome == "pass"
    backup.update_region_settings(**{off: {"DynamoDB": False}})
    before, (resource,) = mended(live, DynamoDbBackup(live.move(), side))
    assert f"{off}[DynamoDB] is false" in before.evidence
    assert before.evidence.count("is true") == 1
    assert resource.data["before"][off] is False


def test_settings_that_may_not_be_seen_are_no_verdict(live: Live) -> None:
    finding = DynamoDbBackup(live.move(target=live.limited("target")), "target").check()
    assert finding.outcome == "unknown"
    assert "backup:DescribeRegionSettings" in finding.evidence


@pytest.mark.parametrize(
    ("mode", "wanted", "outcome"),
    [
        ("PAY_PER_REQUEST", "on-demand", "pass"),
        ("PAY_PER_REQUEST", "as-source", "pass"),
        ("PROVISIONED", "as-source", "pass"),
        ("PROVISIONED", "on-demand", "fail"),
    ],
)
def test_a_restore_can_not_change_the_billing_mode(
    live: Live, mode: str, wanted: Literal["on-demand", "as-source"], outcome: str
) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    live.admin("source", "dynamodb").create_table(
        TableName="billed",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode=mode,
        **({"ProvisionedThroughput": units} if mode == "PROVISIONED" else {}),
    )
    move = live.move("billed", target_table=TargetTable(encryption="aws-owned", billing=wanted))
    finding = looked(live, RestoredBilling(move, move.tables[0]))
    assert (finding.outcome, finding.remedy) == (outcome, None)
    assert f"The table is {mode}" in finding.evidence
    assert ("target_table.billing" in finding.advice) == (outcome == "fail")


def test_a_switch_that_may_not_be_seen_is_no_verdict(live: Live) -> None:
    finding = CrossAccountBackup(live.move(source=live.limited("source"))).check()
    assert finding.outcome == "unknown"
    assert "backup:DescribeGlobalSettings" in finding.evidence
