"""What the simulated AWS Backup holds: vaults, recovery points and switches. Wiped with the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ddbtui.sandbox.ram.state import RamState

DEFAULT = "Default"
ORDINARY, AIR_GAPPED = "BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
DAY = 86400
Place = tuple[str, str]


@dataclass
class Vault:
    """A backup vault; its access policy is kept with the world's other policies, by its ARN.

    Args:
        key: ARN of its KMS key; empty for the key that AWS owns.
        kind: its VaultType.
        days: the least and the most days that its lock makes backups stay; None without a lock.
        due: when it is AVAILABLE.
        lock_date: when its lock is for good; None for a lock that can be taken away.
    """

    account: str
    region: str
    name: str
    key: str
    created: float
    request: str | None = None
    kind: str = ORDINARY
    days: tuple[int, int] | None = None
    due: float = 0.0
    lock_date: float | None = None
    points: dict[str, RecoveryPoint] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return f"arn:aws:backup:{self.region}:{self.account}:backup-vault:{self.name}"

    def refuses(self, lifecycle: dict[str, Any]) -> str:
        """Why its lock takes no backup of that lifecycle, or an empty text."""
        days = int(lifecycle.get("DeleteAfterDays") or 0)
        least, most = self.days or (0, days)
        return "" if least <= days <= most else f"the vault's lock takes backups of {least} to {most} days only"

    def is_locked_for_good(self, now: float) -> bool:
        """Whether nobody can take its lock away any more."""
        return self.lock_date is not None and self.lock_date <= now


@dataclass(frozen=True)
class TableCopy:
    """All that a backup of a table holds.

    Args:
        creation: arguments for moto's `create_table` but name and encryption.
        encryption: the SSESpecification that the table had.
        tags: its tags, kept by advanced backups.
        lines: its items, one `{"Item": ...}` in JSON each.
        size: bytes.
    """

    name: str
    account: str
    creation: dict[str, Any]
    encryption: dict[str, Any] | None
    tags: list[dict[str, str]]
    lines: list[str]
    size: int


@dataclass
class RecoveryPoint:
    """A backup in a vault.

    Args:
        gone: when its deletion will be done.
        undeletable: why it then is EXPIRED instead, or empty.
    """

    arn: str
    vault: Vault
    table: TableCopy
    resource: str
    role: str
    created: float
    completed: float | None = None
    status: str = "COMPLETED"
    message: str | None = None
    lifecycle: dict[str, Any] = field(default_factory=dict)
    source_vault: str | None = None
    plan: dict[str, str] | None = None
    gone: float = float("inf")
    undeletable: str = ""

    @property
    def ends(self) -> float | None:
        """When it goes by itself."""
        days = self.lifecycle.get("DeleteAfterDays")
        return self.created + days * DAY if days and days > 0 else None

    @property
    def advanced(self) -> bool:
        """Whether it was made with advanced DynamoDB features on: only then it can be copied."""
        return self.arn.startswith("arn:aws:backup:")


@dataclass
class BackupState:
    """Everything.

    Args:
        vaults: by account, region and name.
        global_settings: by organization.
        opt_in: resource types that are backed up, by account and region.
        management: resource types with advanced features, likewise.
        tags: by ARN.
        ram: what AWS RAM shares; vaults are all that it can share here.
    """

    vaults: dict[tuple[str, str, str], Vault] = field(default_factory=dict)
    global_settings: dict[str, dict[str, str]] = field(default_factory=dict)
    opt_in: dict[Place, dict[str, bool]] = field(default_factory=dict)
    management: dict[Place, dict[str, bool]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    ram: RamState = field(default_factory=RamState)

    def vault_of(self, arn: str) -> Vault | None:
        """The vault behind an ARN, whoever owns it."""
        return next((vault for vault in self.vaults.values() if vault.arn == arn), None)

    def own_vaults(self, account: str, region: str) -> list[Vault]:
        """The vaults of one account and region."""
        return [vault for vault in self.vaults.values() if (vault.account, vault.region) == (account, region)]

    def points(self, account: str, region: str) -> Iterator[RecoveryPoint]:
        """The recovery points of one account and region."""
        for vault in self.own_vaults(account, region):
            yield from vault.points.values()

    def find_point(self, arn: str, account: str, region: str) -> RecoveryPoint | None:
        """One recovery point of an account."""
        return next((point for point in self.points(account, region) if point.arn == arn), None)

    def find_shared_point(self, arn: str, account: str, region: str, now: float) -> RecoveryPoint | None:
        """One recovery point in a vault that is shared with an account."""
        for vault in self.vaults.values():
            if arn in vault.points and vault.region == region and self.ram.is_shared(vault.arn, account, now):
                return vault.points[arn]
        return None

    def expire(self, now: float) -> None:
        """Let recovery points go whose days are over, or whose deletion is done."""
        for vault in self.vaults.values():
            for point in list(vault.points.values()):
                if point.gone <= now and point.undeletable:
                    point.status, point.message, point.gone = "EXPIRED", point.undeletable, float("inf")
                elif min(point.gone, point.ends or point.gone) <= now:
                    del vault.points[point.arn]
                    self.tags.pop(point.arn, None)

    def is_advanced(self, account: str, region: str) -> bool:
        """Whether advanced DynamoDB features are on."""
        return self.management.get((account, region), {}).get("DynamoDB", False)

    def is_opted_in(self, account: str, region: str) -> bool:
        """Whether AWS Backup may back up DynamoDB at all."""
        return self.opt_in.get((account, region), {}).get("DynamoDB", False)
