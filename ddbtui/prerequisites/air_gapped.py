"""What a logically air-gapped vault needs: a region that has it, a lock that takes the backups, AWS RAM on both sides.

https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.prerequisites.vault import VaultPrerequisite, find_vault
from ddbtui.text import shown

TYPE = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
_WITHOUT = frozenset(
    {"ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "mx-central-1"},
)
_PARTITIONS_WITHOUT = ("cn-", "us-gov-")
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html"""
_INVITATIONS = "resourceShareInvitations"
_OTHER = "Choose a method that crosses organizations and regions, e.g. s3-import."


class AirGappedRegion(Prerequisite):
    """Both accounts are used in one region, and it has logically air-gapped vaults: a restore is made where they are.

    Args:
        move: the plan with its accounts.
    """

    id = "air-gapped-region"
    title = "The region has logically air-gapped vaults"

    def check(self) -> Finding:
        """Compare the regions; asks nobody."""
        source, target = self.move.source.region, self.move.target.region
        if source != target:
            evidence = f"The source is in {source}, the target in {target}; such a vault is restored where it is."
            return self.finding("fail", evidence, _OTHER)
        if source in _WITHOUT or source.startswith(_PARTITIONS_WITHOUT):
            return self.finding("fail", f"AWS Backup has no logically air-gapped vaults in {source}.", _OTHER)
        return self.finding("pass", f"{source} is not among the regions without logically air-gapped vaults.")

    def access(self) -> Sequence[Access]:
        """Nothing."""
        return ()


class AirGappedVault(VaultPrerequisite):
    """The vault is there and takes backups of that retention, or can be made. Either way it is warned of.

    Args:
        move: the plan with its accounts.
        vault: the vault's name.
        retention_days: for how many days the backups are kept.
    """

    id = "air-gapped-vault"
    title = "The logically air-gapped vault takes the backups"

    def __init__(self, move: Move, vault: str, retention_days: int) -> None:
        super().__init__(move, "source", vault)
        self._days = retention_days

    @answering
    def check(self) -> Finding:
        """Look for the vault in the list: its type, its state and its lock."""
        found = find_vault(self.account, self.vault)
        where = f"account {self.account.account_id}, {self.account.region}"
        if found is None:
            evidence = f"No vault '{self.vault}' is in {where}: the run makes it, and asks before."
            return self._warned(evidence)
        kind, state = str(found.get("VaultType", "BACKUP_VAULT")), str(found.get("VaultState", "AVAILABLE"))
        if kind != TYPE:
            advice = "Name another vault under air_gapped_vault, or one that does not exist yet."
            return self.finding("fail", f"Vault '{self.vault}' in {where} is of type {shown(kind, 60)}.", advice)
        if state not in ("AVAILABLE", "CREATING"):
            advice = "Delete it, or name another vault under air_gapped_vault."
            return self.finding("fail", f"Vault '{self.vault}' in {where} is {shown(state, 60)}.", advice)
        return self._judge(found, f"Vault '{self.vault}' is in {where}.")

    def _judge(self, found: dict[str, Any], evidence: str) -> Finding:
        least, most = int(found.get("MinRetentionDays") or 0), found.get("MaxRetentionDays")
        if self._days < least or (most and self._days > int(most)):
            limits = f"{least} to {most or 'any number of'} days"
            advice = "Set retention_days within that, or name another vault under air_gapped_vault."
            return self.finding("fail", f"{evidence} Its lock takes backups of {limits} only.", advice)
        return self._warned(evidence)

    def _warned(self, evidence: str) -> Finding:
        lock = f"Nobody can delete the backups in it for {self._days} days; they are billed that long."
        return self.finding("warn", f"{evidence} {lock}", "With a common organization `way: copy` does without a lock.")

    def access(self) -> Sequence[Access]:
        """One list."""
        return [self.list_access()]


class SharingAnswers(Prerequisite):
    """AWS RAM answers in both accounts, so that one can share and the other accept.

    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html
    """

    id = "resource-sharing"
    title = "AWS RAM answers in both accounts"

    @answering
    def check(self) -> Finding:
        """Ask for shares and for invitations."""
        shares = self.move.source.client("ram").get_resource_shares(resourceOwner="SELF", maxResults=1)
        invitations = self.move.target.client("ram").get_resource_share_invitations(maxResults=1)
        told = ["some" if found else "none" for found in (shares["resourceShares"], invitations[_INVITATIONS])]
        evidence = f"Shares of the source account: {told[0]}; invitations of the target account: {told[1]}."
        return self.finding("pass", f"{evidence} Whether an organization forbids sharing shows only when it is done.")

    def access(self) -> Sequence[Access]:
        """One read a side."""
        return [
            Access("source", "ram:GetResourceShares", "*", "see whether AWS RAM answers"),
            Access("target", "ram:GetResourceShareInvitations", "*", "see whether AWS RAM answers"),
        ]
