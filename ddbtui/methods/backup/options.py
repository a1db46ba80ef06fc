"""The options of the method `backup`, and what follows from them: vaults, roles, and the ARNs of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, Field, StringConstraints

from ddbtui.aws.move import Move
from ddbtui.methods.backup.schedule_options import CHOICE, WAIT, BackupSchedule, RecoveryPointChoice
from ddbtui.plan.misfits import Misfit, role_of
from ddbtui.plan.model import InWords, KeyArn, MethodOptions, Plan, RoleArn, Side
from ddbtui.prerequisites.backup_roles import default_role
from ddbtui.prerequisites.vault import vault_arn
from ddbtui.prerequisites.vault_policy import Whom


def _not_default(name: str) -> str:
    if name == "Default":
        raise ValueError("the vault Default has AWS's own key and can take part in no copy between accounts")
    return name


LEAST_AIR_GAPPED_DAYS = 7
"""Days for which AWS locks what lies in a logically air-gapped vault, at least.

https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
"""
SIDES: tuple[Side, ...] = ("source", "target")
"""Both have a vault."""
VaultName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-zA-Z0-9_-]{2,50}$"),
    AfterValidator(_not_default),
    InWords("the name of a vault, 2 to 50 characters out of a-z, A-Z, 0-9, '_' and '-'"),
]


class BackupOptions(MethodOptions):
    """Options of `backup`."""

    type: Literal["backup"] = Field("backup", description="Name of the method")
    way: Literal["copy", "air-gapped-vault"] = Field(
        "copy",
        description="How the target gets at the backup: a copy in its own vault (within one organization), or a "
        "logically air-gapped vault of the source that AWS RAM shares with it (any two accounts; billed for 7 days at "
        "least)",
    )
    source_vault: VaultName = Field("ddbtui", description="Vault of the source account, for the backups; not Default")
    target_vault: VaultName = Field("ddbtui", description="Vault of the target account, for the copies; not Default")
    source_vault_key: KeyArn | None = Field(
        None, description="KMS key of the source's vault if it has to be made; AWS Backup's own key if absent"
    )
    target_vault_key: KeyArn | None = Field(
        None, description="KMS key of the target's vault if it has to be made; AWS Backup's own key if absent"
    )
    backup_role: RoleArn | None = Field(
        None, description="Role that backs up and copies, of the source account; AWS Backup's default role if absent"
    )
    restore_role: RoleArn | None = Field(
        None, description="Role that restores, of the target account; AWS Backup's default role if absent"
    )
    vault_policy: Whom = Field(
        "account", description="Who may copy into the target's vault: the source account, or its organization"
    )
    retention_days: int = Field(
        7, ge=1, le=36500, description="Days after which backups and copies go by themselves, if nothing removes them"
    )
    air_gapped_vault: VaultName = Field(
        "ddbtui-air-gapped",
        description="With way air-gapped-vault the source's logically air-gapped vault; made if not there",
    )
    schedule: BackupSchedule | None = Field(
        None, description="A backup plan with a schedule and a copy action, instead of a backup at once"
    )
    recovery_point: RecoveryPointChoice = Field(
        WAIT,
        description="From what to restore: wait for the copy of this run, the newest in the target's vault, or an ARN",
        json_schema_extra={"choose": CHOICE},
    )

    def misfits(self) -> Iterator[Misfit]:
        """A new copy beside one that is there; what a logically air-gapped vault can't do."""
        yield from super().misfits()
        if self.is_air_gapped:
            given = {"schedule": self.schedule is not None, "recovery_point": self.restores_only}
            for name in (name for name, is_given in given.items() if is_given):
                yield (name,), "does not go with way: air-gapped-vault, which takes a backup at once; leave it out"
            if self.target_vault_key:
                yield ("target_vault_key",), "does not go with way: air-gapped-vault, which makes no copy; leave it out"
            if self.retention_days < LEAST_AIR_GAPPED_DAYS:
                yield ("retention_days",), f"must be at least {LEAST_AIR_GAPPED_DAYS} with way: air-gapped-vault"
        elif self.schedule and self.restores_only:
            yield ("schedule",), "makes a new copy, but recovery_point names one that is there already; leave one out"

    def misfits_in(self, plan: Plan) -> Iterator[Misfit]:
        """Another account's roles."""
        yield from super().misfits_in(plan)
        yield from role_of(("method", "backup_role"), self.backup_role, "source", plan.source.account_id)
        yield from role_of(("method", "restore_role"), self.restore_role, "target", plan.target.account_id)

    @property
    def is_air_gapped(self) -> bool:
        """Whether the target restores from a logically air-gapped vault of the source."""
        return self.way == "air-gapped-vault"

    @property
    def restores_only(self) -> bool:
        """Whether nothing is backed up: the recovery point is in the target's vault already."""
        return self.recovery_point != WAIT


class Vaults:
    """The vaults of one move, and who works with them."""

    def __init__(self, move: Move) -> None:
        self.options = cast(BackupOptions, move.plan.method)
        self._move = move

    def name(self, side: Side) -> str:
        """The vault's name."""
        return self.options.source_vault if side == "source" else self.options.target_vault

    def arn(self, side: Side) -> str:
        """The vault's ARN."""
        return vault_arn(self._move.account(side), self.name(side))

    @property
    def air_gapped_arn(self) -> str:
        """The ARN of the source's logically air-gapped vault."""
        return vault_arn(self._move.source, self.options.air_gapped_vault)

    def key(self, side: Side) -> str | None:
        """The key that a new vault gets."""
        return self.options.source_vault_key if side == "source" else self.options.target_vault_key

    def role(self, side: Side) -> str:
        """The role that AWS Backup takes in that account."""
        given = self.options.backup_role if side == "source" else self.options.restore_role
        return given or default_role(self._move, side)

    def points_arn(self, side: Side) -> str:
        """The ARN pattern of recovery points: theirs have no vault in them."""
        account = self._move.account(side)
        return f"arn:{account.partition}:backup:{account.region}:{account.account_id}:recovery-point:*"

    @property
    def lifecycle(self) -> dict[str, int]:
        """A net under the clean-up: what a lost run leaves behind goes by itself."""
        return {"DeleteAfterDays": self.options.retention_days}
