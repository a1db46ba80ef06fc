"""The wizard shows how a remedy would change the policies of a vault and of its key, line by line, before it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ddbtui.engine.step import RUN
from ddbtui.screens.app import DdbtuiApp
from ddbtui.screens.widgets.plain import Plain
from ddbtui.screens.widgets.virtual_table import VirtualTable
from ddbtui.service import Service
from tests.e2e.hand import Hand, choose_method
from tests.e2e.support import plan_file
from tests.screens.driving import at_step
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document

VAULT = "ddbtui"
COPY = "backup:CopyIntoBackupVault"
KEEP = {
    "Sid": "KeepBackups",
    "Effect": "Deny",
    "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"},
    "Action": "backup:UpdateRecoveryPointLifecycle",
    "Resource": "*",
}
OWNER = {
    "Sid": "Owner",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
ADDED = {
    "account": (f'+        "AWS": "arn:aws:iam::{SOURCE}:root"',),
    "organization": ('+        "AWS": "*"', '+            "o-sandbox0001"'),
}


@pytest.fixture
def vaults(in_sandbox: TestSandbox) -> TestSandbox:
    """Both vaults are there: the source's with a key of its own, the target's with a policy that somebody wrote."""
    key = in_sandbox.client("source", "kms").create_key(Policy=document(OWNER))["KeyMetadata"]["Arn"]
    in_sandbox.client("source", "backup").create_backup_vault(BackupVaultName=VAULT, EncryptionKeyArn=key)
    target = in_sandbox.client("target", "backup")
    target.create_backup_vault(BackupVaultName=VAULT)
    target.put_backup_vault_access_policy(BackupVaultName=VAULT, Policy=document(KEEP))
    return in_sandbox


@pytest.fixture
def app(tmp_path: Path, vaults: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> DdbtuiApp:
    """The wizard at its question for the method, its accounts and one table chosen."""
    monkeypatch.chdir(tmp_path)
    service = Service(tmp_path / "state")
    plan = service.load_plan(plan_file(tmp_path, "threads", method={"type": "backup"}))
    return at_step(DdbtuiApp(service, plan), "method")


async def asked(hand: Hand, check: str) -> list[str]:
    """Press f on a check; return the lines of the question."""
    await hand.at("PrerequisitesScreen")
    hand.app.screen.query_one("#checks", VirtualTable).go_to(f"{check}\n{RUN}")
    await hand.press("f")
    await hand.at("Question")
    text = hand.app.screen.query_one(".dialog-text Plain", Plain)
    return [line.strip() for line in str(text.render()).splitlines()]


async def judge(hand: Hand, check: str, policy: Callable[[], str], added: tuple[str, ...], kept: str) -> list[str]:
    """The question shows what comes and what stays; No changes nothing, Yes makes it hold."""
    before = policy()
    lines = await asked(hand, check)
    squeezed = {line.replace(" ", "") for line in lines}
    assert {line.replace(" ", "") for line in added} <= squeezed, lines
    assert not [line for line in lines if line.startswith(("+", "-")) and kept in line], lines
    assert policy() == before
    await hand.press("enter")  # the focus is on No
    await hand.at("PrerequisitesScreen")
    assert policy() == before
    await asked(hand, check)
    await hand.press("right", "enter")
    await hand.at("PrerequisitesScreen")
    checks = hand.app.session.checks
    assert checks
    await hand.until(lambda: checks.findings[check, RUN].outcome == "pass", "the remedy")
    assert len(json.loads(policy())["Statement"]) == 2
    return lines


@pytest.mark.parametrize("whom", list(ADDED))
async def test_the_changes_of_both_policies_are_shown_first(app: DdbtuiApp, vaults: TestSandbox, whom: str) -> None:
    async with app.run_test(size=(110, 36)) as pilot:
        hand = Hand(app, pilot)
        await choose_method(hand, "backup", {"vault_policy": whom})
        await hand.at("PrerequisitesScreen")
        await hand.until(lambda: app.session.checks and app.session.checks.complete, "all checks")
        common = ('+"Effect": "Allow",', f'+"Action": "{COPY}",')
        await judge(hand, "vault-policy", lambda: vault_policy(vaults), (*common, *ADDED[whom]), "KeepBackups")
        key = (f'+"AWS": "arn:aws:iam::{TARGET}:root"', '+"kms:CreateGrant",', '+"kms:Decrypt",')
        lines = await judge(hand, "source-vault-key", lambda: key_policy(vaults), key, "Owner")
        assert any("kms:PutKeyPolicy" in line for line in lines)


def vault_policy(sandbox: TestSandbox) -> str:
    found: dict[str, Any] = sandbox.client("target", "backup").get_backup_vault_access_policy(BackupVaultName=VAULT)
    return str(found["Policy"])


def key_policy(sandbox: TestSandbox) -> str:
    vault = sandbox.client("source", "backup").describe_backup_vault(BackupVaultName=VAULT)
    assert f":{REGION}:{SOURCE}:key/" in vault["EncryptionKeyArn"]
    kms = sandbox.client("source", "kms")
    return str(kms.get_key_policy(KeyId=vault["EncryptionKeyArn"], PolicyName="default")["Policy"])
