"""A logically air-gapped vault: where it can be, what its lock takes, whether AWS RAM answers."""

from __future__ import annotations

import pytest

from ddbtui.prerequisites.air_gapped import AirGappedRegion, AirGappedVault, SharingAnswers
from ddbtui.prerequisites.organization import Organization
from tests.aws.live import Live, declared
from tests.prerequisites.holding import checked

VAULT = "ddbtui-air-gapped"


def make(live: Live, least: int = 7, most: int = 30) -> None:
    live.admin("source", "backup").create_logically_air_gapped_backup_vault(
        BackupVaultName=VAULT, MinRetentionDays=least, MaxRetentionDays=most
    )


def test_a_vault_that_will_be_made_is_warned_of(live: Live) -> None:
    finding = checked(live, AirGappedVault(live.move(), VAULT, 7))
    assert (finding.outcome, finding.remedy) == ("warn", None)
    assert "the run makes it, and asks before" in finding.evidence
    assert "Nobody can delete the backups in it for 7 days; they are billed that long." in finding.evidence
    assert "way: copy" in finding.advice


def test_a_vault_that_is_there_is_warned_of_too(live: Live) -> None:
    make(live)
    finding = checked(live, AirGappedVault(live.move(), VAULT, 7))
    assert finding.outcome == "warn"
    assert f"Vault '{VAULT}' is in account" in finding.evidence


def test_an_ordinary_vault_of_that_name_can_not_be_shared(live: Live) -> None:
    live.admin("source", "backup").create_backup_vault(BackupVaultName=VAULT)
    finding = checked(live, AirGappedVault(live.move(), VAULT, 7))
    assert (finding.outcome, "of type BACKUP_VAULT" in finding.evidence) == ("fail", True)
    assert "air_gapped_vault" in finding.advice


@pytest.mark.parametrize(("days", "outcome"), [(7, "fail"), (8, "warn"), (30, "warn"), (31, "fail")])
def test_the_lock_must_take_the_retention(live: Live, days: int, outcome: str) -> None:
    make(live, least=8, most=30)
    finding = checked(live, AirGappedVault(live.move(), VAULT, days))
    assert finding.outcome == outcome
    assert outcome == "warn" or "takes backups of 8 to 30 days only" in finding.evidence


@pytest.mark.parametrize("region", ["ca-west-1", "ap-southeast-7", "us-gov-west-1", "cn-north-1"])
def test_regions_without_such_vaults_are_refused(live: Live, region: str) -> None:
    move = live.move(source=live.account("source", region=region), target=live.account("target", region=region))
    finding = AirGappedRegion(move).check()
    assert (finding.outcome, region in finding.evidence) == ("fail", True)
    assert "s3-import" in finding.advice


def test_the_restore_is_made_where_the_vault_is(live: Live) -> None:
    assert checked(live, AirGappedRegion(live.move())).outcome == "pass"
    finding = AirGappedRegion(live.move(target=live.account("target", region="eu-central-1"))).check()
    assert finding.outcome == "fail"
    assert "The source is in eu-west-1, the target in eu-central-1" in finding.evidence


def test_aws_ram_answers_in_both_accounts(live: Live) -> None:
    prerequisite = SharingAnswers(live.move())
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert "Shares of the source account: none; invitations of the target account: none." in finding.evidence
    assert live.used() == declared(prerequisite.access())


@pytest.mark.parametrize(
    ("side", "action"), [("source", "GetResourceShares"), ("target", "GetResourceShareInvitations")]
)
def test_who_may_not_ask_aws_ram_is_told(live: Live, side: str, action: str) -> None:
    limited = {side: live.limited(side)}  # type: ignore[arg-type]
    finding = SharingAnswers(live.move(**limited)).check()  # type: ignore[arg-type]
    assert finding.outcome == "unknown"
    assert "AccessDeniedException" in finding.evidence
    assert f"ram:{action}" in finding.evidence


@pytest.mark.parametrize("same", [False, None], ids=["two organizations", "no organization"])
def test_accounts_of_no_common_organization_are_advised_to_share(live: Live, same: bool | None) -> None:
    live.sandbox.control("organization", same=same)
    finding = Organization(live.move(), required=True).check()
    assert finding.outcome == "fail"
    assert "way: air-gapped-vault" in finding.advice
    assert "billed for 7 days" in finding.advice
