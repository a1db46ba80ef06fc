"""Recovery points that are in the target's vault already: what they are, and the one to restore a table from.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByBackupVault.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.move import Move, MovingTable
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Finding, answering
from ddbtui.prerequisites.table import TablePrerequisite
from ddbtui.prerequisites.vault import find_vault, vault_arn
from ddbtui.text import shown, size

COMPLETED = "COMPLETED"


@dataclass(frozen=True)
class RecoveryPoint:
    """One recovery point of a table.

    Args:
        arn: its own.
        table_arn: the table that was backed up.
        status: as AWS says; only one that is COMPLETED can be restored.
        created: the instant of which its content is (UTC).
        size_bytes: as AWS says, None if it does not.
        deleted_at: when it goes by itself (UTC), None if it stays.
        plan: name or id of the backup plan that made it, empty if it was made on demand.
    """

    arn: str
    table_arn: str
    status: str
    created: datetime
    size_bytes: int | None = None
    deleted_at: datetime | None = None
    plan: str = ""

    @property
    def table(self) -> str:
        """Name of the table that was backed up."""
        return self.table_arn.rsplit("/", 1)[-1]

    @property
    def restorable(self) -> bool:
        """Whether it can be restored."""
        return self.status == COMPLETED

    def __str__(self) -> str:
        told = [in_utc(self.created), self.status]
        told += [size(self.size_bytes)] if self.size_bytes is not None else []
        told += [f"plan {self.plan}"] if self.plan else []
        told += [f"until {in_utc(self.deleted_at)}"] if self.deleted_at else []
        return shown(", ".join(told))


def in_utc(time: datetime) -> str:
    """Return a time as people read it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def recovery_points(account: Account, vault: str, table_arn: str) -> list[RecoveryPoint]:
    """Return the recovery points of a table in a vault, the newest first; none if there is no such vault.

    Args:
        account: whose vault.
        vault: its name.
        table_arn: the table that was backed up, usually of another account.
    """
    if find_vault(account, vault) is None:
        return []
    listed = account.client("backup").get_paginator("list_recovery_points_by_backup_vault")
    found = [
        _read(one)
        for page in listed.paginate(BackupVaultName=vault, ByResourceArn=table_arn)
        for one in page["RecoveryPoints"]
    ]
    return sorted(found, key=lambda point: point.created, reverse=True)


def _read(data: dict[str, Any]) -> RecoveryPoint:
    creator = data.get("CreatedBy") or {}
    return RecoveryPoint(
        str(data["RecoveryPointArn"]),
        str(data["ResourceArn"]),
        str(data["Status"]),
        data["CreationDate"].astimezone(UTC),
        data.get("BackupSizeInBytes"),
        (data.get("CalculatedLifecycle") or {}).get("DeleteAt"),
        str(creator.get("BackupPlanName") or creator.get("BackupPlanId") or ""),
    )


def chosen_point(points: Sequence[RecoveryPoint], wanted: str | None, table: str, vault: str) -> RecoveryPoint:
    """Return the recovery point to restore from.

    Args:
        points: those of the table, the newest first.
        wanted: an exact ARN; the newest that can be restored if None.
        table: the table's name, for the message.
        vault: the vault's name, for the message.

    Raises:
        UserError: there is none, or it can't be restored.
    """
    hint = "`ddbtui recovery-points PLAN` lists what is there; without recovery_point a run makes its own."
    if wanted:
        found = next((point for point in points if point.arn == wanted), None)
        if found is None:
            raise UserError(f"vault '{vault}' has no recovery point {shown(wanted)} of table {shown(table)}", hint)
        if not found.restorable:
            raise UserError(f"recovery point {shown(wanted)} is {shown(found.status)}, so it can't be restored", hint)
        return found
    good = next((point for point in points if point.restorable), None)
    if good is None:
        states = f"; those that are there are {shown(', '.join(sorted({p.status for p in points})))}" if points else ""
        raise UserError(f"vault '{vault}' has no recovery point of table {shown(table)} to restore{states}", hint)
    return good


def points_access(account: Account, vault: str) -> list[Access]:
    """What listing the recovery points of the target's vault needs."""
    why = "see which recovery points there are"
    return [
        Access("target", "backup:ListBackupVaults", "*", "see whether the vault exists"),
        Access("target", "backup:ListRecoveryPointsByBackupVault", vault_arn(account, vault), why),
    ]


class RecoveryPointThere(TablePrerequisite):
    """The target's vault has the recovery point from which the plan wants to restore the table.

    Whatever was written since is not in it. The proof compares with the source as it is now: it holds only if nothing
    was, and that is for a person to say.

    Args:
        move: the plan with its accounts.
        moving: the table.
        vault: name of the target's vault.
        wanted: the ARN that the plan names; the newest if None.
    """

    id = "recovery-point"
    title = "A recovery point is there"

    def __init__(self, move: Move, moving: MovingTable, vault: str, wanted: str | None) -> None:
        super().__init__(move, moving)
        self._vault, self._wanted = vault, wanted

    @answering
    def check(self) -> Finding:
        """List them, and say of when the chosen one is."""
        points = recovery_points(self.move.target, self._vault, self.table.arn)
        try:
            point = chosen_point(points, self._wanted, self.table.name, self._vault)
        except UserError as error:
            return self.finding("fail", f"{error.message[0].upper()}{error.message[1:]}.", error.hint)
        evidence = f"{point.arn}: {point}."
        if self.move.plan.proof == "off":
            return self.finding("pass", evidence, "What was written to the source since is not in it.")
        advice = (
            "The proof compares the copy with the source as it is now, so it holds only if nothing was written since. "
            "If something was, set proof: off, or let the run make a copy of its own."
        )
        return self.finding("warn", evidence, advice)

    def access(self) -> Sequence[Access]:
        """Two lists."""
        return points_access(self.move.target, self._vault)
