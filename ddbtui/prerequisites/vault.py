"""Backup vaults: the one that takes the backup, and the one that takes its copy.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.arns import Arn
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.text import shown

KEY_ACTIONS = ("kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt", "kms:RetireGrant", "kms:DescribeKey")
"""What making a vault with a customer managed key needs of the caller.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
"""


def vault_arn(account: Account, name: str) -> str:
    """Return the ARN of a vault of an account, in its region."""
    return str(Arn(account.partition, "backup", account.region, account.account_id, f"backup-vault:{name}"))


def find_vault(account: Account, name: str) -> dict[str, Any] | None:
    """Return what the list of vaults says of one, None if it isn't there.

    `DescribeBackupVault` answers AccessDenied for a vault that does not exist, as for one that may not be seen.
    """
    return next((vault for vault in _vaults(account) if vault["BackupVaultName"] == name), None)


def _vaults(account: Account) -> Iterator[dict[str, Any]]:
    for page in account.client("backup").get_paginator("list_backup_vaults").paginate():
        yield from page["BackupVaultList"]


class VaultPrerequisite(Prerequisite):
    """A prerequisite about the vault of one side.

    Args:
        move: the plan with its accounts.
        side: whose vault.
        vault: the vault's name.
    """

    def __init__(self, move: Move, side: Side, vault: str) -> None:
        super().__init__(move)
        self.side: Side = side
        self.account = move.account(side)
        self.vault = vault

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return vault_arn(self.account, self.vault)

    def list_access(self) -> Access:
        """What `find_vault` needs."""
        return Access(self.side, "backup:ListBackupVaults", "*", "see whether the vault exists")


class VaultExists(VaultPrerequisite):
    """The vault exists, takes backups of that retention, and gives them back when they are to be removed.

    Args:
        move: the plan with its accounts.
        side: whose vault.
        vault: the vault's name.
        retention_days: after how many days the backups go by themselves.
        key_arn: KMS key of a vault that has to be made; AWS Backup's own key if None.
    """

    def __init__(self, move: Move, side: Side, vault: str, retention_days: int, key_arn: str | None = None) -> None:
        super().__init__(move, side, vault)
        self.id = f"{side}-vault"
        self.title = f"The vault of the {side} account exists"
        self._days = retention_days
        self._key_arn = key_arn

    @answering
    def check(self) -> Finding:
        """Look for the vault in the list, and at its lock."""
        found = find_vault(self.account, self.vault)
        where = f"account {self.account.account_id}, {self.account.region}"
        if found is None:
            advice = "Let ddbtui make it, or name a vault that exists."
            return self.finding("fail", f"No vault '{self.vault}' is in {where}.", advice, self._remedy())
        kind = str(found.get("VaultType", "BACKUP_VAULT"))
        if kind != "BACKUP_VAULT":
            advice = "Name an ordinary backup vault."
            return self.finding("fail", f"Vault '{self.vault}' in {where} is of type {shown(kind, 60)}.", advice)
        evidence = f"Vault '{self.vault}' is in {where}, its key is {shown(found.get('EncryptionKeyArn', 'unknown'))}."
        return self._locked(found, evidence) if found.get("Locked") else self.finding("pass", evidence)

    def _locked(self, found: dict[str, Any], evidence: str) -> Finding:
        """Say what a lock means. https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html."""
        least, most = int(found.get("MinRetentionDays") or 0), found.get("MaxRetentionDays")
        if self._days < least or (most and self._days > int(most)):
            limits = f"{least} to {most or 'any number of'} days"
            advice = "Set retention_days within that, or name another vault."
            return self.finding("fail", f"{evidence} Its lock takes backups of {limits} only.", advice)
        advice = f"What lies in it can't be removed before its {self._days} days are over, and is billed that long."
        return self.finding("warn", f"{evidence} It is locked.", advice)

    def _remedy(self) -> Remedy:
        key = self._key_arn or "AWS Backup's own key"
        told = f"a vault encrypted with {key}, removed when the run cleans up"
        change = Change(self.side, self.account.account_id, "backup:CreateBackupVault", self.arn, "", told)
        return Remedy(f"Make vault '{self.vault}' in {self.account.region}", (change,), (self._resource(),))

    def _resource(self, creator: str = "") -> Resource:
        """What is recorded; the creator, by which the vault is told from another's, is drawn when it is made."""
        return Resource("vault", self.side, self.arn, "remove", {"vault": self.vault, "creator": creator})

    @explaining
    def apply(self, record: Record) -> None:
        """Make the vault, unless it exists by now: what someone else made is not ours to remove."""
        if find_vault(self.account, self.vault) is not None:
            return
        creator = f"ddbtui-{uuid4()}"
        record(self._resource(creator))
        request = {"BackupVaultName": self.vault, "CreatorRequestId": creator}
        key = {"EncryptionKeyArn": self._key_arn} if self._key_arn else {}
        with suppress_codes("AlreadyExistsException"):
            self.account.client("backup").create_backup_vault(**request, **key)

    def access(self) -> Sequence[Access]:
        """One list."""
        return [self.list_access()]

    def remedy_access(self) -> Sequence[Access]:
        """The vault, and the storage and the key behind it."""
        why = "make the vault"
        found = [
            Access(self.side, "backup:CreateBackupVault", self.arn, why, changes=True),
            Access(self.side, "backup-storage:MountCapsule", "*", why),
        ]
        return found + [Access(self.side, action, self._key_arn, why) for action in KEY_ACTIONS if self._key_arn]

    def undo_access(self) -> Sequence[Access]:
        """One call, once it is empty."""
        why = "remove the vault that ddbtui made"
        return [
            Access(self.side, "backup:ListRecoveryPointsByBackupVault", self.arn, "see whether the vault is empty"),
            Access(self.side, "backup:DeleteBackupVault", self.arn, why, changes=True),
        ]
