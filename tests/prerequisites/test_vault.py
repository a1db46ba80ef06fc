"""Backup vaults: made, of the right type, and with a lock that fits."""

from __future__ import annotations

import pytest

from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.vault import VaultExists, vault_arn
from tests.aws.live import Live
from tests.prerequisites.vaults import VAULT, looked, make_vault, mended


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


def test_a_key_that_can_not_be_used_is_refused_by_aws(live: Live) -> None:
    kms = live.admin("target", "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    prerequisite = VaultExists(live.move(), "target", VAULT, 7, key)
    with pytest.raises(UserError, match="is disabled"):
        prerequisite.apply(lambda _: None)
    assert looked(live, prerequisite).outcome == "fail"


def test_a_vault_that_somebody_makes_at_the_same_moment_is_taken(live: Live) -> None:
    prerequisite = VaultExists(live.move(), "target", VAULT, 7)
    prerequisite.apply(lambda _: make_vault(live))
    assert looked(live, prerequisite).outcome == "pass"


def test_a_vault_of_another_type_will_not_do(live: Live) -> None:
    backup = live.admin("target", "backup")
    backup.create_logically_air_gapped_backup_vault(BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=30)
    finding = looked(live, VaultExists(live.move(), "target", VAULT, 7))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "of type LOGICALLY_AIR_GAPPED_BACKUP_VAULT" in finding.evidence
    assert "ordinary" in finding.advice


@pytest.mark.parametrize(
    ("days", "outcome"), [(6, "fail"), (7, "warn"), (30, "warn"), (31, "fail")], ids=["less", "least", "most", "more"]
)
def test_a_lock_must_fit_the_retention_and_is_told(live: Live, days: int, outcome: str) -> None:
    make_vault(live)
    backup = live.admin("target", "backup")
    backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=30)
    finding = looked(live, VaultExists(live.move(), "target", VAULT, days))
    assert (finding.outcome, finding.remedy) == (outcome, None)
    if outcome == "fail":
        assert "Its lock takes backups of 7 to 30 days only" in finding.evidence
        assert "retention_days" in finding.advice
    else:
        assert "It is locked" in finding.evidence
        assert f"before its {days} days are over" in finding.advice


def test_a_list_that_may_not_be_seen_is_no_verdict(live: Live) -> None:
    finding = VaultExists(live.move(target=live.limited("target")), "target", VAULT, 7).check()
    assert finding.outcome == "unknown"
    assert "backup:ListBackupVaults" in finding.evidence
