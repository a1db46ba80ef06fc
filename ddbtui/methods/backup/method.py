"""AWS Backup: back up in the source account, copy to a vault of the target account, restore there. On demand only.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Index, Table
from ddbtui.engine.step import Step
from ddbtui.methods import prices
from ddbtui.methods.attributes import matrix
from ddbtui.methods.backup.jobs import COPY_SLOTS, BackupStep, CopyStep
from ddbtui.methods.backup.options import BackupOptions, Vaults
from ddbtui.methods.backup.restore import RESTORE_SLOTS, RestoreStep
from ddbtui.methods.base import Estimate, Verdict
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.exports import READ_SLOTS
from ddbtui.methods.steps.live_proof import CountsStep, LiveProofStep, ReadSourceStep
from ddbtui.methods.steps.prepare import WritesStoppedStep
from ddbtui.methods.steps.settings import carry_over_steps
from ddbtui.methods.steps.structure import MAXIMUMS, StructureStep
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.plan.model import MethodOptions, Side
from ddbtui.prerequisites.backup import CrossAccountBackup, DynamoDbBackup, RestoredBilling
from ddbtui.prerequisites.backup_roles import BackupRole, ServiceLinkedRole
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.organization import Organization
from ddbtui.prerequisites.quotas import TableQuota
from ddbtui.prerequisites.table import TableActive, TableSettings, TargetNameFree
from ddbtui.prerequisites.vault import VaultExists
from ddbtui.prerequisites.vault_key import VaultKey
from ddbtui.prerequisites.vault_policy import VaultPolicy
from ddbtui.text import plural, size

_RESTORED_AT_A_TIME = 25 * 1024**4
_SIDES: tuple[Side, ...] = ("source", "target")
_LOST = {MAXIMUMS: "AWS Backup does not keep them"}


class Backup(TableMethod):
    """AWS Backup copy into a vault of the target account."""

    id = "backup"
    title = "AWS Backup copy and restore"
    summary = (
        "AWS Backup makes a backup, copies it into a vault of the target account and restores it there into a new "
        "table. Keeps local secondary indexes, and uses no capacity but for the proof. Both accounts must be in one "
        "organization, with cross-account backup switched on by its management account."
    )
    url = "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html"
    management_helps = True
    options = BackupOptions
    slots: ClassVar = {"copy": COPY_SLOTS, "restore": RESTORE_SLOTS, "read": READ_SLOTS}
    keeps = matrix(
        "kept kept kept kept lost kept lost lost re-applied re-applied re-applied re-applied lost re-applied set "
        "re-applied re-applied re-applied re-applied lost lost lost lost"
    )

    def suits(self, table: Table) -> Verdict:
        """Any table; say what to know."""
        notes = []
        if table.size_bytes > _RESTORED_AT_A_TIME:
            notes.append(f"has {size(table.size_bytes)}: AWS restores 25 TiB at a time unless that quota is raised")
        if table.replicas:
            notes.append(f"is a global table ({plural(len(table.replicas), 'replica')}): add replicas afterwards")
        if table.kinesis_streams:
            notes.append("feeds a Kinesis stream: enable one of the target account afterwards")
        limited: tuple[Table | Index, ...] = (table, *table.global_indexes)
        if any(one.max_read_units or one.max_write_units for one in limited):
            notes.append("has on-demand maximums, which a restore does not keep: set them afterwards")
        return Verdict(True, tuple(notes))

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Cost by size; backup, copy and restore take minutes to hours each."""
        lines = (
            prices.by_size("Backup and its copy, for a day", tables, prices.BACKUP_GIB_MONTH * 2 / 30),
            prices.by_size("Restore", tables, prices.RESTORE_GIB),
            prices.strong_reads("Read the source once (proof)", tables),
            prices.strong_reads("Read the copy once (proof)", tables),
        )
        return Estimate(lines, _seconds(tables), (prices.NOTE, "Backups are billed until they are removed."))

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The run's, from the accounts to the roles; then each table's."""
        vaults = Vaults(move)
        found: list[Prerequisite] = [Accounts(move), Organization(move, required=True), CrossAccountBackup(move)]
        found += [DynamoDbBackup(move, side) for side in _SIDES]
        days = vaults.options.retention_days
        found += [VaultExists(move, side, vaults.name(side), days, vaults.key(side)) for side in _SIDES]
        found.append(VaultPolicy(move, vaults.name("target"), vaults.options.vault_policy))
        found.append(VaultKey(move, vaults.name("source"), vaults.key("source")))
        found += [BackupRole(move, side, vaults.role(side)) for side in _SIDES]
        found.append(ServiceLinkedRole(move))
        if move.plan.target_table.encryption.startswith("arn:"):
            found.append(TableKey(move, move.plan.target_table.encryption))
        found.append(TableQuota(move))
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += [RestoredBilling(move, moving), TargetNameFree(move, moving)]
        return found

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Read the source, since nothing else of it stands still; back up, copy, restore; compare."""
        proof = move.plan.proof
        yield WritesStoppedStep(move, moving)
        if proof != "off":
            yield ReadSourceStep(move, moving)
        yield from (BackupStep(move, moving), CopyStep(move, moving), RestoreStep(move, moving))
        if proof != "off":
            yield LiveProofStep(move, moving) if proof == "digest" else CountsStep(move, moving)
        yield from carry_over_steps(move, moving)
        yield StructureStep(move, moving, _LOST)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the backup and its copy."""
        return CleanUpBackupStep(move)


class CleanUpBackupStep(CleanUpStep):
    """Removes a table's backup and its copy."""

    def access(self) -> Sequence[Access]:
        """Delete on both sides."""
        vaults, why = Vaults(self.move), "remove the backups of this run"
        found = []
        for side in _SIDES:
            points = vaults.points_arn(side)
            found.append(Access(side, "backup:DeleteRecoveryPoint", points, why, changes=True))
        return found


def _seconds(tables: Sequence[Table]) -> tuple[int, int]:
    """Work that AWS does by partition: minutes for small tables, hours for terabytes; then both are read."""
    largest = max((table.size_bytes for table in tables), default=0) / prices.GIB
    items = sum(table.item_count for table in tables)
    low = 1800 + largest * 4 + items * 2 / 25_000
    high = 4800 + largest * 28 + items * 2 / 8_000
    return round(low), round(high)
