"""The way `air-gapped-vault`: a logically air-gapped vault of the source, the backup into it, the restore out of it.

What lies in such a vault can be deleted by nobody until its days are over, so a person must consent before. AWS RAM
shares it with the target account (`ddbtui.methods.backup.sharing`): no common organization is needed.
https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/lag-vault-primary-backup.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Done, Json, Progress, Resource, Step, StepContext, StepFailed
from ddbtui.methods import prices
from ddbtui.methods.backup.jobs import BackupStep
from ddbtui.methods.backup.options import LEAST_AIR_GAPPED_DAYS, BackupOptions, Vaults
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.backup.sharing import CleanUpSharingStep, ShareStep
from ddbtui.methods.backup.way import Way
from ddbtui.methods.base import RUN_TAG, CostLine
from ddbtui.methods.steps.declared import DeclaredStep
from ddbtui.methods.steps.live_proof import reading_steps
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.prerequisites.air_gapped import AirGappedRegion, AirGappedVault, SharingAnswers
from ddbtui.prerequisites.backup import DynamoDbBackup
from ddbtui.prerequisites.backup_roles import BackupRole
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.organization import Organization
from ddbtui.prerequisites.vault import VaultExists, find_vault
from ddbtui.prerequisites.vault_key import AirGappedVaultKey
from ddbtui.text import plural, shown

GATE = "compliance-locked-vault"


class AirGappedVaultStep(DeclaredStep):
    """Makes the vault, with consent, unless it is there. It is locked in compliance mode from birth."""

    name = "make-air-gapped-vault"
    title = "Make the logically air-gapped vault"
    gates = (GATE,)
    poll_seconds = 5

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self._vaults = Vaults(move)
        self._name = self._vaults.options.air_gapped_vault

    def access(self) -> Sequence[Access]:
        """Look, make, mark."""
        arn, why = self._vaults.air_gapped_arn, "make the logically air-gapped vault"
        return [
            Access("source", "backup:ListBackupVaults", "*", "see whether the vault exists"),
            Access("source", "backup:CreateLogicallyAirGappedBackupVault", arn, why, changes=True),
            Access("source", "backup:TagResource", arn, "mark the vault as this run's"),
            Access("source", "backup-storage:MountCapsule", "*", why),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Make it with consent; one that is there is taken with consent, too: what is put into it is locked as well."""
        there = find_vault(self.move.source, self._name)
        ctx.consent(GATE, self._question())
        if there is None:
            self._make(ctx)
        return {"arn": self._vaults.air_gapped_arn}

    def _question(self) -> str:
        days, source = self._vaults.options.retention_days, self.move.source
        tables = [moving.table for moving in self.move.tables]
        storage = prices.by_size("", tables, air_gapped_price(days))
        return (
            f"Back {plural(len(tables), 'table')} ({storage.quantity}) up into the logically air-gapped vault "
            f"'{self._name}' of account {source.account_id} in {source.region}, and make it if it is not there? Such a "
            f"vault is locked in compliance mode from birth: for {days} days nobody can delete the backups in it, not "
            f"even the account's owner or AWS. They are billed that long (about ${storage.dollars:,.2f}), and the "
            f"vault can't be deleted before they are gone. AWS RAM shares it with account "
            f"{self.move.target.account_id} until the end of the run."
        )

    def _make(self, ctx: StepContext) -> None:
        creator = f"ddbtui-{ctx.run_id}"
        resource = self._resource(creator)
        ctx.record(resource)
        try:
            self.move.source.client("backup").create_logically_air_gapped_backup_vault(
                BackupVaultName=self._name,
                MinRetentionDays=LEAST_AIR_GAPPED_DAYS,
                MaxRetentionDays=self._vaults.options.retention_days,
                CreatorRequestId=creator,
                BackupVaultTags={RUN_TAG: ctx.run_id},
            )
        except Exception as error:
            if code(error) != "AlreadyExistsException":
                raise
            found = find_vault(self.move.source, self._name) or {}
            if found.get("CreatorRequestId") != creator:  # somebody made it just now: it is theirs
                ctx.removed(resource)

    def _resource(self, creator: str) -> Resource:
        days = plural(self._vaults.options.retention_days, "day")
        stays = f"locked as long as a backup is in it, {days} from its making; `ddbtui clean-up` removes it afterwards"
        data = {"vault": self._name, "creator": creator, "stays": stays}
        return Resource("air-gapped-vault", "source", self._vaults.air_gapped_arn, "remove", data)

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait until it is AVAILABLE."""
        found = find_vault(self.move.source, self._name)
        if found is None:
            raise StepFailed(f"vault '{self._name}' is not there", "Somebody may have deleted it. Resume to make it.")
        state = str(found.get("VaultState", "AVAILABLE"))
        if state == "CREATING":
            return Progress(state)
        if state != "AVAILABLE":
            hint = "Delete it in AWS Backup, then `ddbtui resume` makes a new one."
            raise StepFailed(f"vault '{self._name}' is {shown(state, 60)}", hint)
        return Done(handle)


def air_gapped_price(days: int) -> float:
    """Return the US dollars that a GiB costs until its days in a logically air-gapped vault are over.

    That such vaults cost what ordinary ones do is inferred.
    """
    return prices.BACKUP_GIB_MONTH * days / 30


class AirGappedBackupStep(BackupStep):
    """Backs the table up into the vault. Nobody can delete that backup before its days are over."""

    title = "Back up the table into the logically air-gapped vault"

    def access(self) -> Sequence[Access]:
        """The call is checked for both vaults: AWS wants an ordinary one named, too, though nothing goes into it."""
        call = "backup:StartBackupJob"
        ordinary = [replace(one, changes=False) if one.action == call else one for one in super().access()]
        why = "back up the table into the logically air-gapped vault"
        return [Access("source", call, self.vaults.air_gapped_arn, why, changes=True), *ordinary]

    @property
    def destination(self) -> dict[str, str]:
        """Both vaults."""
        return {**super().destination, "LogicallyAirGappedBackupVaultArn": self.vaults.air_gapped_arn}

    def point(self, ctx: StepContext, arn: str | None = None) -> Resource:
        """It stays."""
        made, vault = super().point(ctx, arn), self.vaults.options.air_gapped_vault
        days = plural(self.vaults.options.retention_days, "day")
        stays = f"locked and billed for {days} from its making, then it goes by itself"
        name = f"{vault}/{self.moving.name}#{ctx.token[:8]}"
        return replace(made, name=name, fate="keep", data={**made.data, "vault": vault, "stays": stays})


class RestoreSharedStep(RestoreStep):
    """Makes the target table from the backup in the source's vault."""

    kept_by = "source"

    def restored_from(self, ctx: StepContext) -> str:
        """The backup itself; there is no copy."""
        return str(ctx.result("backup")["arn"])


class AirGapped(Way):
    """Back up into the logically air-gapped vault, restore out of it."""

    def shared_steps(self, move: Move) -> Sequence[Step]:
        """The vault is there and shared before the first table."""
        return [AirGappedVaultStep(move), ShareStep(move)]

    def steps(self, move: Move, moving: MovingTable) -> Iterator[Step]:
        """Nothing is copied."""
        yield WritesStoppedStep(move, moving)
        yield from reading_steps(move, moving)
        yield from (AirGappedBackupStep(move, moving), RestoreSharedStep(move, moving))

    def clean_up_shared(self, move: Move) -> Step:
        """The share; the backups stay, and with them the vault."""
        return CleanUpSharingStep(move)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """No common organization, and nothing of the target's AWS Backup."""
        vaults = Vaults(move)
        options = vaults.options
        return [
            Organization(move),
            AirGappedRegion(move),
            DynamoDbBackup(move, "source"),
            VaultExists(move, "source", vaults.name("source"), options.retention_days, vaults.key("source")),
            AirGappedVault(move, options.air_gapped_vault, options.retention_days),
            AirGappedVaultKey(move, options.air_gapped_vault, vaults.role("target")),
            SharingAnswers(move),
            BackupRole(move, "source", vaults.role("source")),
        ]

    def storage(self, tables: Sequence[Table], options: BackupOptions) -> Sequence[CostLine]:
        """One backup, for as long as it is locked."""
        what = f"Backup in the logically air-gapped vault, for {plural(options.retention_days, 'day')}"
        return [prices.by_size(what, tables, air_gapped_price(options.retention_days))]

    def notes(self, options: BackupOptions) -> Sequence[str]:
        """That the lock costs in any case, and how much is not certain."""
        return [
            "Nobody can delete the backups in the logically air-gapped vault before those days are over: they are "
            "billed in any case.",
            "Their cost is about that: it is reckoned at the price of backups in an ordinary vault.",
        ]
