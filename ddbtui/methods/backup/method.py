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
from ddbtui.methods.backup.jobs import COPY_SLOTS
from ddbtui.methods.backup.options import BackupOptions, Vaults
from ddbtui.methods.backup.restore import RESTORE_SLOTS
from ddbtui.methods.backup.ways import way_of
from ddbtui.methods.base import Estimate, Verdict, left_behind
from ddbtui.methods.steps.exports import READ_SLOTS
from ddbtui.methods.steps.live_proof import live_proof_steps
from ddbtui.methods.steps.settings import carry_over_steps
from ddbtui.methods.steps.structure import MAXIMUMS, StructureStep
from ddbtui.methods.suits import MethodSuits
from ddbtui.methods.table_method import TableMethod
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.backup import RestoredBilling
from ddbtui.prerequisites.backup_roles import BackupRole
from ddbtui.prerequisites.base import Prerequisite
from ddbtui.prerequisites.identity import Accounts
from ddbtui.prerequisites.kms import TableKey
from ddbtui.prerequisites.quotas import TableQuota
from ddbtui.prerequisites.table import TableActive, TableSettings, TargetNameFree
from ddbtui.text import size

_RESTORED_AT_A_TIME = 25 * 1024**4
_LOST = {MAXIMUMS: "AWS Backup does not keep them"}


class Backup(TableMethod):
    """AWS Backup copy into a vault of the target account."""

    id = "backup"
    title = "AWS Backup copy and restore"
    summary = (
        "AWS Backup makes a backup, copies it into a vault of the target account and restores it there into a new "
        "table, at once or by the schedule of a backup plan. Keeps local secondary indexes, and uses no capacity but "
        "for the proof. Both accounts must be in one organization, with cross-account backup switched on by its "
        "management account; accounts of different organizations share a logically air-gapped vault instead, which is "
        "billed for a week at least."
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
        way = way_of(chosen)
        lines = (
            *way.storage(tables, chosen),
            prices.by_size("Restore", tables, prices.RESTORE_GIB),
            prices.strong_reads("Read the source once (proof)", tables),
            prices.strong_reads("Read the copy once (proof)", tables),
        )
        return Estimate(lines, _seconds(tables, way.backs_up), (prices.NOTE, *way.notes(chosen)))

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The run's, from the accounts to the roles; then each table's."""
        vaults = Vaults(move)
        way = way_of(vaults.options)
        found: list[Prerequisite] = [Accounts(move), *way.prerequisites(move)]
        found.append(BackupRole(move, "target", Vaults(move).role("target")))
        if key := move.plan.target_table.key_arn:
            found.append(TableKey(move, key))
        found.append(TableQuota(move))
        for moving in move.tables:
            found += [MethodSuits(move, moving, self), TableActive(move, moving), TableSettings(move, moving)]
            found += way.table_prerequisites(move, moving)
            found += [RestoredBilling(move, moving), TargetNameFree(move, moving)]
        return found

    def shared_steps(self, move: Move) -> Iterable[Step]:
        """Make the backup plan, or the logically air-gapped vault, if there is to be one."""
        return way_of(move.plan.method).shared_steps(move)

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Read the source, since nothing else of it stands still; back up, copy, restore; compare."""
        yield from way_of(move.plan.method).steps(move, moving)
        yield from live_proof_steps(move, moving)
        yield from carry_over_steps(move, moving)
        yield StructureStep(move, moving, _LOST)

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Remove the backup and its copy."""
        return way_of(move.plan.method).clean_up(move, moving)

    def clean_up_shared(self, move: Move) -> Step:
        """Remove the backup plan, or end the share, if there is one."""
        return way_of(move.plan.method).clean_up_shared(move)


def _seconds(tables: Sequence[Table], backs_up: bool) -> tuple[int, int]:
    """Work that AWS does by partition: minutes for small tables, hours for terabytes; then both are read."""
    largest = max((table.size_bytes for table in tables), default=0) / prices.GIB
    items = sum(table.item_count for table in tables)
    low = 1800 + largest * 4 + items * 2 / 25_000
    high = 4800 + largest * 28 + items * 2 / 8_000
    if not backs_up:  # about a half of it: nothing is backed up and copied
        return round(low / 2), round(high / 2)
    return round(low), round(high)
