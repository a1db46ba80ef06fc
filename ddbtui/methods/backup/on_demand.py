"""The way `copy`: a backup at once, copied into the vault of the target, both in one organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Step
from ddbtui.methods import prices
from ddbtui.methods.backup.jobs import BackupStep, CopyStep
from ddbtui.methods.backup.options import SIDES, BackupOptions, Vaults
from ddbtui.methods.backup.restore import RestoreStep
from ddbtui.methods.backup.way import Way
from ddbtui.methods.base import CostLine
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.live_proof import reading_steps
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.prerequisites.backup import CrossAccountBackup, DynamoDbBackup
from ddbtui.prerequisites.backup_roles import BackupRole, ServiceLinkedRole
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.organization import Organization
from ddbtui.prerequisites.vault import VaultExists
from ddbtui.prerequisites.vault_key import VaultKey
from ddbtui.prerequisites.vault_policy import VaultPolicy


class OnDemand(Way):
    """Back up, copy, restore."""

    def steps(self, move: Move, moving: MovingTable) -> Iterator[Step]:
        """One job after the other."""
        yield WritesStoppedStep(move, moving)
        yield from reading_steps(move, moving)
        yield from (BackupStep(move, moving), CopyStep(move, moving), RestoreStep(move, moving))

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Both backups."""
        return CleanUpBackupStep(move)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """One organization that lets backups go across, a vault and its key a side, the role that backs up."""
        vaults = Vaults(move)
        found: list[Prerequisite] = [Organization(move, required=True), CrossAccountBackup(move)]
        found += [DynamoDbBackup(move, side) for side in SIDES]
        days = vaults.options.retention_days
        found += [VaultExists(move, side, vaults.name(side), days, vaults.key(side)) for side in SIDES]
        found.append(VaultPolicy(move, vaults.name("target"), vaults.options.vault_policy, vaults.role("source")))
        found += [VaultKey(move, side, vaults.name(side), vaults.key(side)) for side in SIDES]
        found.append(BackupRole(move, "source", vaults.role("source")))
        return [*found, *(ServiceLinkedRole(move, side) for side in SIDES)]

    def storage(self, tables: Sequence[Table], options: BackupOptions) -> Sequence[CostLine]:
        """The backup and its copy."""
        return [prices.by_size("Backup and its copy, for a day", tables, prices.BACKUP_GIB_MONTH * 2 / 30)]

    def notes(self, options: BackupOptions) -> Sequence[str]:
        """What a run that does not clean up costs, and one between regions, which an estimate does not know."""
        transfer = (
            f"Between two regions, the transfer of the copy comes on top: about ${prices.TRANSFER_GIB:.2f} a GiB."
        )
        return ["Backups are billed until they are removed.", transfer]


class CleanUpBackupStep(CleanUpStep):
    """Removes a table's backup and its copy."""

    def access(self) -> Sequence[Access]:
        """Delete on both sides, and see whether AWS has done so."""
        vaults, why = Vaults(self.move), "remove the backups of this run"
        found = []
        for side in SIDES:
            points = vaults.points_arn(side)
            found.append(Access(side, "backup:DeleteRecoveryPoint", points, why, changes=True))
            found.append(Access(side, "backup:DescribeRecoveryPoint", points, "see whether the backups are gone"))
        return found
