"""Backup and restore by a vault that is shared: the backup goes into it directly, the target restores out of it.

https://docs.aws.amazon.com/aws-backup/latest/devguide/lag-vault-primary-backup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ddbtui.aws.access import Access
from ddbtui.engine.step import Resource, StepContext
from ddbtui.methods.backup.jobs import BackupStep
from ddbtui.methods.backup.options import Vaults
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.text import plural


class LockedBackupStep(BackupStep):
    """Backs the table up into the shared vault. Nobody can delete that backup before its days are over."""

    title = "Back up the table into the shared vault"

    def access(self) -> Sequence[Access]:
        """The call is checked for both vaults: AWS wants an ordinary one named, too, though nothing goes into it."""
        call = "backup:StartBackupJob"
        ordinary = [replace(one, changes=False) if one.action == call else one for one in super().access()]
        why = "back up the table into the locked vault"
        return [Access("source", call, self.vaults.shared_arn, why, changes=True), *ordinary]

    @property
    def destination(self) -> dict[str, str]:
        """Both vaults."""
        return {**super().destination, "LogicallyAirGappedBackupVaultArn": self.vaults.shared_arn}

    def point(self, ctx: StepContext, arn: str | None = None) -> Resource:
        """It stays."""
        made, vault = super().point(ctx, arn), self.vaults.options.shared_vault
        days = plural(self.vaults.options.retention_days, "day")
        stays = f"locked and billed for {days} from its making, then it goes by itself"
        name = f"{vault}/{self.moving.name}#{ctx.token[:8]}"
        return replace(made, name=name, fate="keep", data={**made.data, "vault": vault, "stays": stays})


class RestoreSharedStep(RestoreStep):
    """Makes the target table from the backup in the source's vault, which every read has to name as the source's."""

    kept_by = "source"

    def restored_from(self, ctx: StepContext) -> str:
        """The backup itself; there is no copy."""
        return str(ctx.result("backup")["arn"])

    @property
    def vault(self) -> dict[str, str]:
        """Without its account AWS looks among the target's own vaults, and denies."""
        name, owner = self.vaults.options.shared_vault, self.move.source.account_id
        return {"BackupVaultName": name, "BackupVaultAccountId": owner}


class CleanUpSharingStep(CleanUpStep):
    """Ends the share; removes the vault that the run made if no backup came into it."""

    def access(self) -> Sequence[Access]:
        """End the share; see what is in the vault."""
        vaults, source = Vaults(self.move), self.move.source
        share = f"arn:{source.partition}:ram:{source.region}:{source.account_id}:resource-share/*"
        vault, why = vaults.shared_arn, "end the share of the vault"
        return [
            Access("source", "ram:GetResourceShares", "*", "find the shares of this run"),
            Access("source", "ram:DeleteResourceShare", share, why, changes=True),
            # Done by AWS RAM in the caller's name.
            Access("source", "backup:DeleteBackupVaultSharingPolicy", vault, why),
            Access("source", "backup:ListBackupVaults", "*", "see whether the vault is there"),
            Access("source", "backup:ListRecoveryPointsByBackupVault", vault, "see whether the vault is empty"),
            # No line of the dry run: it takes a run that backed nothing up, or a clean-up after the days of the lock.
            Access("source", "backup:DeleteBackupVault", vault, "remove the vault once it is empty"),
        ]
