"""The one front door to the engine room. Wizard, prompts and commands call nothing below it.

Every method blocks and may be called from any thread; front ends that must not block use worker threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ddbtui.aws.account import Account, Identity, identify
from ddbtui.aws.errors import explain
from ddbtui.aws.inventory import inventory_access, read_table, table_arn, table_names
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.profiles import Profile, profiles
from ddbtui.aws.table import Table
from ddbtui.clean_up import CleanUpResult
from ddbtui.engine.clock import Clock
from ddbtui.engine.lock import hold, plan_lock
from ddbtui.engine.step import Resource
from ddbtui.errors import Exit, UserError
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.base import Estimate, Method
from ddbtui.methods.catalog import METHODS, method, option_models
from ddbtui.methods.permissions import policy_documents
from ddbtui.methods.resources import undoing
from ddbtui.plan.model import AccountRef, Plan, Side
from ddbtui.plan.reader import load_plan
from ddbtui.plan.writer import plan_digest, save_plan
from ddbtui.prerequisites.base import Change, Finding, Prerequisite
from ddbtui.prerequisites.recovery_point import RecoveryPoint, recovery_points
from ddbtui.run_book import RunBook, RunInfo
from ddbtui.text import did_you_mean, shown

__all__ = ["CleanUpResult", "RunInfo", "Service"]

_READERS = 8
"""Inventories read side by side: within DynamoDB's rate for describe calls."""
_PROPAGATION_SECONDS = 60.0


class Service(RunBook):
    """Everything that a front end can ask for: accounts, tables, plans and checks here, runs in the run book.

    Args:
        state_dir: where journal and locks live; the user's state folder (or $DDBTUI_STATE_DIR) if None.
        clock: for the engine; the system's if None.
    """

    def __init__(self, state_dir: Path | None = None, clock: Clock | None = None) -> None:
        super().__init__(state_dir, clock)
        self._lock = threading.RLock()
        self._accounts: dict[tuple[Side, AccountRef], Account] = {}
        self._tables: dict[tuple[str, str, str], Table] = {}

    # ---- accounts and tables

    def profiles(self) -> list[Profile]:
        """The profiles of the AWS config; asks nobody."""
        return profiles()

    def identify(self, side: Side, ref: AccountRef) -> Identity:
        """Say who the credentials belong to, whatever account `ref` pins.

        Raises:
            UserError: they can't be used; the hint says what to do.
        """
        return identify(Account(side, ref))

    def account(self, side: Side, ref: AccountRef) -> Account:
        """An opened account, shared by all who ask for the same one."""
        with self._lock:
            key = side, ref
            if key not in self._accounts:
                self._accounts[key] = Account(side, ref)
            return self._accounts[key]

    def table_names(self, side: Side, ref: AccountRef) -> Iterator[list[str]]:
        """Yield the account's table names, a page at a time."""
        return table_names(self.account(side, ref))

    def inventory(self, side: Side, ref: AccountRef, name: str, fresh: bool = False) -> Table:
        """Read the full inventory of one table, once unless a fresh one is asked for."""
        key = ref.account_id, ref.region, name
        with self._lock:
            known = self._tables.get(key)
        if known and not fresh:
            return known
        table = read_table(self.account(side, ref), name)
        with self._lock:
            self._tables[key] = table
        return table

    # ---- methods and plans

    def methods(self) -> tuple[Method, ...]:
        """All methods, also those that are not available yet."""
        return METHODS

    def load_plan(self, path: Path) -> Plan:
        """Read a plan; errors name file, line, column and field."""
        return load_plan(path, option_models())

    def save_plan(self, plan: Plan, path: Path) -> None:
        """Write a plan, whole or not at all."""
        save_plan(plan, path)

    def resolve(self, plan: Plan) -> Move:
        """Open the accounts, expand patterns and read the inventory of every table.

        Raises:
            UserError: an account can't be used, or a name or pattern finds no table.
        """
        source, target = self.account("source", plan.source), self.account("target", plan.target)
        management = self.account("management", plan.management) if plan.management else None
        for account in (source, target, management):
            if account:
                account.verify()
        targets = self._target_names(plan)
        with ThreadPoolExecutor(_READERS, thread_name_prefix="ddbtui-inventory") as pool:
            tables = list(pool.map(lambda name: self.inventory("source", plan.source, name, fresh=True), targets))
        made = [record.resource for record in self.journal.plan_resources(plan_digest(plan))]
        ours = {one.name for one in made if one.kind == "pitr" and one.fate == "remove"}
        moving = tuple(MovingTable(as_it_was(table, ours), targets[table.name]) for table in tables)
        return Move(plan, source, target, moving, management)

    def _target_names(self, plan: Plan) -> dict[str, str]:
        """Source table name → target table name, in the plan's order."""
        known: list[str] = []
        if any(choice.is_pattern for choice in plan.tables):
            known = [name for page in self.table_names("source", plan.source) for name in page]
        found: dict[str, str] = {}
        for choice in plan.tables:
            names = [name for name in known if choice.matches(name)] if choice.is_pattern else [choice.name]
            if not names:
                raise UserError(
                    f"no table in {plan.source.account_id} {plan.source.region} matches '{choice.name}'"
                    + did_you_mean(choice.name, known),
                    "Correct the pattern under `tables`.",
                    Exit.USAGE,
                )
            for name in names:
                if choice.target_name or name not in found:
                    found[name] = choice.target_name or name
        twice = sorted({name for name in found.values() if list(found.values()).count(name) > 1})
        if twice:
            raise UserError(
                f"two source tables would become '{twice[0]}'", "Give them different target names.", Exit.USAGE
            )
        return found

    def recovery_points(self, plan: Plan) -> list[RecoveryPoint]:
        """The recovery points of a plan's tables in the target's vault, table by table, the newest first.

        Raises:
            UserError: the plan's method is not `backup`, or an account can't be used.
        """
        if not isinstance(plan.method, BackupOptions):
            raise UserError(
                f"the plan's method is {plan.method.type}; recovery points are what the method backup restores from",
                "",
                Exit.USAGE,
            )
        source, target = self.account("source", plan.source), self.account("target", plan.target)
        target.verify()
        arns, vault = [table_arn(source, name) for name in self._target_names(plan)], plan.method.target_vault
        try:
            return [point for arn in arns for point in recovery_points(target, vault, arn)]
        except Exception as error:
            raise explain(error, f"target: list what is in vault {vault}", plan.target.profile) from error

    # ---- before a run

    def check(self, move: Move, on_finding: Callable[[Finding], None] | None = None) -> list[Finding]:
        """Check every prerequisite, in order; `on_finding` hears of each as it is found."""
        findings = []
        for prerequisite in self._prerequisites(move):
            finding = prerequisite.check()
            findings.append(finding)
            if on_finding:
                on_finding(finding)
        return findings

    def recheck(self, move: Move, key: tuple[str, str]) -> Finding:
        """Check one prerequisite again. `key` is that of its finding."""
        return self._prerequisite(move, key).check()

    def apply_remedy(self, move: Move, key: tuple[str, str]) -> Finding:
        """Make a prerequisite hold, wait until AWS has taken it in, and check it again.

        What it makes is recorded under the plan, so that the plan's run can remove it.

        Raises:
            UserError: AWS refused the change.
        """
        prerequisite = self._prerequisite(move, key)
        digest = plan_digest(move.plan)

        def record(resource: Resource) -> None:
            self.journal.record(resource, plan_digest=digest, subject=prerequisite.subject, step=prerequisite.id)

        with hold(self.state_dir, (plan_lock(digest),), ""):
            try:
                prerequisite.apply(record)
            except UserError:
                raise
            except Exception as error:
                raise explain(error, f"{prerequisite.title}") from error
        return self._settled(prerequisite)

    def _settled(self, prerequisite: Prerequisite) -> Finding:
        """Re-check until it holds, for as long as a change may take to spread."""
        import time

        deadline, pause = self.clock.monotonic() + _PROPAGATION_SECONDS, 0.2
        finding = prerequisite.check()
        while finding.outcome in ("fail", "unknown") and self.clock.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.6, 5.0)
            finding = prerequisite.check()
        return finding

    def _prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        return method(move.plan.method.type).prerequisites(move)

    def _prerequisite(self, move: Move, key: tuple[str, str]) -> Prerequisite:
        for prerequisite in self._prerequisites(move):
            if (prerequisite.id, prerequisite.subject) == key:
                return prerequisite
        raise UserError(f"this plan has no prerequisite '{shown(key[0])}' for {shown(key[1])}", "", Exit.USAGE)

    def estimate(self, move: Move) -> Estimate:
        """What the move will cost and how long it may take."""
        chosen = method(move.plan.method.type)
        return chosen.estimate([moving.table for moving in move.tables], move.plan.method)

    def changes(self, move: Move, findings: Iterable[Finding] = ()) -> list[Change]:
        """Every changing call that a run would make: the remedies of `findings`, the steps, the remedies' undoing.

        Remedies that were applied for this plan already are undone by its run, too.
        """
        remedies = [f.remedy for f in findings if f.outcome == "fail" and f.remedy]
        steps = method(move.plan.method.type).changes(move)
        made: list[Resource] = []
        if move.plan.clean_up == "staging":
            made += [one for remedy in reversed(remedies) for one in remedy.leaves]
            applied = self.journal.plan_resources(plan_digest(move.plan))
            made += [record.resource for record in reversed(applied)]
        return [*(change for remedy in remedies for change in remedy.changes), *steps, *undoing(move, made)]

    def permissions(self, move: Move, remedies: bool = False) -> Mapping[Side, Mapping[str, Any]]:
        """The exact IAM policy for each account.

        Args:
            move: the plan made concrete.
            remedies: whether the remedies may be applied, too.
        """
        wanted = list(inventory_access(move.source, "source", [m.table for m in move.tables], self._lists(move.plan)))
        for prerequisite in self._prerequisites(move):
            wanted += prerequisite.access()
            if remedies:
                wanted += [*prerequisite.remedy_access(), *prerequisite.undo_access()]
        wanted += method(move.plan.method.type).access(move)
        return policy_documents(wanted)

    @staticmethod
    def _lists(plan: Plan) -> bool:
        return any(choice.is_pattern for choice in plan.tables)


def as_it_was(table: Table, switched_on: set[str]) -> Table:
    """The inventory without what a remedy of this plan has switched on in the source."""
    return table.model_copy(update={"pitr": False, "pitr_days": None}) if table.arn in switched_on else table
