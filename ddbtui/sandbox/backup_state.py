"""What the simulated AWS Backup holds: vaults, recovery points and switches. Wiped with the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DEFAULT = "Default"
Place = tuple[str, str]


@dataclass
class Vault:
    """A backup vault; its access policy is kept with the world's other policies, by its ARN."""

    account: str
    region: str
    name: str
    key: str
    created: float
    request: str | None = None
    points: dict[str, RecoveryPoint] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The vault's ARN."""
        return f"arn:aws:backup:{self.region}:{self.account}:backup-vault:{self.name}"


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
    """A backup in a vault."""

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
    """

    vaults: dict[tuple[str, str, str], Vault] = field(default_factory=dict)
    global_settings: dict[str, dict[str, str]] = field(default_factory=dict)
    opt_in: dict[Place, dict[str, bool]] = field(default_factory=dict)
    management: dict[Place, dict[str, bool]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

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

    def is_advanced(self, account: str, region: str) -> bool:
        """Whether advanced DynamoDB features are on."""
        return self.management.get((account, region), {}).get("DynamoDB", False)

    def is_opted_in(self, account: str, region: str) -> bool:
        """Whether AWS Backup may back up DynamoDB at all."""
        return self.opt_in.get((account, region), {}).get("DynamoDB", False)
