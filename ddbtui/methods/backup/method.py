"""AWS Backup: back up in the source account, copy to a vault of the target account, restore there.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, cast

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Index, Table
from ddbtui.engine.step import Step
from ddbtui.methods import prices
from ddbtui.methods.attributes import matrix
from ddbtui.methods.backup.chosen import wanted_point
from ddbtui.methods.backup.jobs import COPY_SLOTS
from ddbtui.methods.backup.options import SIDES, BackupOptions, Vaults
from ddbtui.methods.backup.restore import RESTORE_SLOTS
from ddbtui.methods.backup.schedule_options import BackupSchedule
from ddbtui.methods.backup.shared_vault import locked_price
from ddbtui.methods.backup.ways import clean_up_run, clean_up_table, shared_steps, steps_to_table
from ddbtui.methods.base import Estimate, Verdict, left_behind
from ddbtui.methods.steps.exports import READ_SLOTS
from ddbtui.methods.steps.live_proof import live_proof_steps
from ddbtui.methods.steps.settings import carry_over_steps
from ddbtui.methods.steps.structure import MAXIMUMS, StructureStep
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.air_gapped import SharedVault, SharedVaultRegion, SharingAnswers
from ddbtui.prerequisites.backup import CrossAccountBackup, DynamoDbBackup, RestoredBilling
from ddbtui.prerequisites.backup_roles import BackupRole, ServiceLinkedRole
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.organization import Organization
from ddbtui.prerequisites.quotas import TableQuota
from ddbtui.prerequisites.recovery_point import RecoveryPointThere
from ddbtui.prerequisites.table import TableActive, TableSettings, TargetNameFree
from ddbtui.prerequisites.table_tag import TableTagged
from ddbtui.prerequisites.vault import VaultExists
from ddbtui.prerequisites.vault_key import SharedVaultKey, VaultKey
from ddbtui.prerequisites.vault_policy import VaultPolicy
from ddbtui.text import plural, size

_RESTORED_AT_A_TIME = 25 * 1024**4
_LOST = {MAXIMUMS: "AWS Backup does not keep them"}
_LOCKED = "Nobody can delete the backups in the locked vault before those days are over: they are billed in any case."
_CHOSEN = "Nothing is backed up: the recovery point is there already, and stays."


class Backup(TableMethod):
    """AWS Backup copy into a vault of the target account."""

    id = "backup"
    title = "AWS Backup copy and restore"
    summary = (
        "AWS Backup makes a backup, copies it into a vault of the target account and restores it there into a new "
        "table, at once or by the schedule of a backup plan. Keeps local secondary indexes, and uses no capacity but "
        "for the proof. Both accounts must be in one organization, with cross-account backup switched on by its "
        "management account; accounts of different organizations share a locked vault instead, which is billed for a "
        "week at least."
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
        notes += left_behind(table)
        limited: tuple[Table | Index, ...] = (table, *table.global_indexes)
        if any(one.max_read_units or one.max_write_units for one in limited):
            notes.append("has on-demand maximums, which a restore does not keep: set them afterwards")
        return Verdict(True, tuple(notes))

    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Cost by size; backup, copy and restore take minutes to hours each, and a schedule what it says."""
        chosen = cast(BackupOptions, options) if options else BackupOptions()
        lines = [
            prices.by_size("Restore", tables, prices.RESTORE_GIB),
            prices.strong_reads("Read the source once (proof)", tables),
            prices.strong_reads("Read the copy once (proof)", tables),
        ]
        if chosen.restores_only:
            return Estimate(tuple(lines), _seconds(tables, restores_only=True), (prices.NOTE, _CHOSEN))
        if chosen.is_shared:
            what = f"Backup in the locked vault, for {plural(chosen.retention_days, 'day')}"
            lines.insert(0, prices.by_size(what, tables, locked_price(chosen.retention_days)))
            return Estimate(tuple(lines), _seconds(tables), (prices.NOTE, _LOCKED))
        lines.insert(0, prices.by_size("Backup and its copy, for a day", tables, prices.BACKUP_GIB_MONTH * 2 / 30))
        notes = [prices.NOTE, "Backups are billed until they are removed."]
        notes += [_scheduled(chosen.schedule)] if chosen.schedule else []
        return Estimate(tuple(lines), _seconds(tables), tuple(notes))

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The run's, from the accounts to the roles; then each table's."""
        vaults = Vaults(move)
        found: list[Prerequisite] = [Accounts(move)]
        found += [] if vaults.options.restores_only else _to_the_vault(move, vaults)
        found.append(BackupRole(move, "target", vaults.role("target")))
        if key := move.plan.target_table.key_arn:
            found.append(TableKey(move, key))
        found.append(TableQuota(move))
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += _of_the_backup(move, moving, vaults)
            found += [RestoredBilling(move, moving), TargetNameFree(move, moving)]
        return found

    def shared_steps(self, move: Move) -> Iterable[Step]:
        """Make the backup plan, or the vault that is shared, if there is to be one."""
        return shared_steps(move)

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Read the source, since nothing else of it stands still; back up, copy, restore; compare."""
        yield from steps_to_table(move, moving)
        yield from live_proof_steps(move, moving)
        yield from carry_over_steps(move, moving)
        yield StructureStep(move, moving, _LOST)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the backup and its copy."""
        return clean_up_table(move, moving)

    def clean_up_shared(self, move: Move) -> Step:
        """Remove the backup plan, or end the share, if there is one."""
        return clean_up_run(move)


def _to_the_vault(move: Move, vaults: Vaults) -> list[Prerequisite]:
    """What must hold so that a backup can be made, and copied into the target's vault, or shared with the target."""
    if vaults.options.is_shared:
        return _to_the_shared_vault(move, vaults)
    found: list[Prerequisite] = [Organization(move, required=True), CrossAccountBackup(move)]
    found += [DynamoDbBackup(move, side) for side in SIDES]
    days = vaults.options.retention_days
    found += [VaultExists(move, side, vaults.name(side), days, vaults.key(side)) for side in SIDES]
    found.append(VaultPolicy(move, vaults.name("target"), vaults.options.vault_policy, vaults.role("source")))
    found += [VaultKey(move, side, vaults.name(side), vaults.key(side)) for side in SIDES]
    found.append(BackupRole(move, "source", vaults.role("source")))
    return [*found, *(ServiceLinkedRole(move, side) for side in SIDES)]


def _to_the_shared_vault(move: Move, vaults: Vaults) -> list[Prerequisite]:
    """The same for a vault that is shared: no common organization, and nothing of the target's AWS Backup."""
    options, source = vaults.options, vaults.name("source")
    return [
        Organization(move),
        SharedVaultRegion(move),
        DynamoDbBackup(move, "source"),
        VaultExists(move, "source", source, options.retention_days, vaults.key("source")),
        SharedVault(move, options.shared_vault, options.retention_days),
        SharedVaultKey(move, options.shared_vault, vaults.role("target")),
        SharingAnswers(move),
        BackupRole(move, "source", vaults.role("source")),
    ]


def _of_the_backup(move: Move, moving: MovingTable, vaults: Vaults) -> list[Prerequisite]:
    """What must hold for a table to get, or to have, its recovery point."""
    options = vaults.options
    if options.restores_only:
        return [RecoveryPointThere(move, moving, vaults.name("target"), wanted_point(vaults))]
    tag = options.schedule.tag if options.schedule else None
    return [TableTagged(move, moving, tag.key, tag.value)] if tag else []


def _scheduled(schedule: BackupSchedule) -> str:
    return (
        f"Nothing begins before the backup plan runs ({schedule.cron}, {schedule.timezone}), up to "
        f"{plural(schedule.start_window_minutes, 'minute')} after its time: the times count from then on. Writes must "
        "stay away all that while."
    )


def _seconds(tables: Sequence[Table], restores_only: bool = False) -> tuple[int, int]:
    """Work that AWS does by partition: minutes for small tables, hours for terabytes; then both are read."""
    largest = max((table.size_bytes for table in tables), default=0) / prices.GIB
    items = sum(table.item_count for table in tables)
    low = 1800 + largest * 4 + items * 2 / 25_000
    high = 4800 + largest * 28 + items * 2 / 8_000
    if restores_only:  # about a half of it: nothing is backed up and copied
        return round(low / 2), round(high / 2)
    return round(low), round(high)
