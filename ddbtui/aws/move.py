"""A plan with its opened accounts and the inventory of its tables: what checks and methods stand on."""

from __future__ import annotations

from dataclasses import dataclass

from ddbtui.aws.account import Account
from ddbtui.aws.table import Table
from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import Plan, Side


@dataclass(frozen=True)
class MovingTable:
    """A source table and the name that its copy gets."""

    table: Table
    target_name: str

    @property
    def name(self) -> str:
        """Name of the source table: the subject of its steps and findings."""
        return self.table.name


@dataclass(frozen=True)
class Move:
    """A plan made concrete."""

    plan: Plan
    source: Account
    target: Account
    tables: tuple[MovingTable, ...]
    management: Account | None = None

    def account(self, side: Side) -> Account:
        """The account of that side.

        Raises:
            UserError: it is the management account, and the plan does not name one.
        """
        if side == "management":
            if self.management is None:
                raise UserError("the plan names no management account", "Name it under `management`.", Exit.USAGE)
            return self.management
        return self.source if side == "source" else self.target

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts: two, or three."""
        return (self.source, self.target, *([self.management] if self.management else ()))

    def renew(self) -> None:
        """Let all accounts take up new credentials, see `Account.renew`."""
        for account in self.accounts:
            account.renew()

    def target_arn(self, moving: MovingTable) -> str:
        """The ARN that the new table has or will have."""
        t = self.target
        return f"arn:{t.partition}:dynamodb:{t.region}:{t.account_id}:table/{moving.target_name}"
