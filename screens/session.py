"""What the wizard knows: answers, what AWS said, the run. Shared by all screens; no Textual."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ddbtui.draft import UNPINNED, Draft, Reason, SideDraft, matching
from ddbtui.errors import UserError
from ddbtui.flow import Facts, Flow, reasons
from ddbtui.screens.background import Loader

if TYPE_CHECKING:
    from ddbtui.active_run import ActiveRun
    from ddbtui.aws.account import Identity
    from ddbtui.aws.move import Move
    from ddbtui.aws.profiles import Profile
    from ddbtui.aws.table import Table
    from ddbtui.engine.snapshot import RunState
    from ddbtui.methods.base import Estimate, Method
    from ddbtui.plan.model import AccountRef, MethodOptions, Plan, Side
    from ddbtui.prerequisites.base import Change, Finding
    from ddbtui.service import Service

Key = tuple[str, str]


class NameList:
    """The names of the source's tables as their pages come in. Written by a thread, read by the screen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: list[str] = []
        self.complete = False
        self.error: Exception | None = None

    def extend(self, names: list[str]) -> None:
        """Add a page."""
        with self._lock:
            self._names.extend(names)

    def all(self) -> list[str]:
        """The names so far."""
        with self._lock:
            return list(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass
class Checks:
    """The prerequisites of one plan and what was found. `running` are the keys under way."""

    plan: Plan
    move: Move
    expected: dict[Key, str] = field(default_factory=dict)
    findings: dict[Key, Finding] = field(default_factory=dict)
    running: set[Key] = field(default_factory=set)
    complete: bool = False

    @property
    def failing(self) -> int:
        """How many fail."""
        return sum(finding.outcome == "fail" for finding in self.findings.values())


class Session:
    """The wizard's memory.

    Args:
        service: the front door to the engine room.
        draft: the answers to start with.
        plan_path: where the plan was read from, and will be saved to.
    """

    def __init__(self, service: Service, draft: Draft | None = None, plan_path: Path | None = None) -> None:
        self.service = service
        self.draft = draft or Draft()
        self.saved: Draft | None = draft
        self.plan_path = plan_path
        self.flow = Flow()
        self.profile_list: list[Profile] | None = None
        self.identities: dict[Side, Identity] = {}
        self.endpoints: dict[Side, str] = {}
        self.account_errors: dict[Side, Exception] = {}
        self.names = NameList()
        self.inventory: Loader[str, Table] = Loader(self._read_table)
        self._inventory_of: AccountRef | None = None
        self.checks: Checks | None = None
        self.estimate: Estimate | None = None
        self.changes: list[Change] | None = None
        self.run: ActiveRun | None = None
        self.told = ""

    def identify(self, side: Side, draft: SideDraft) -> tuple[Identity, str | None]:
        """Ask AWS who is behind a side, and where AWS is, if not at its own place; blocks, so call it in a thread.

        Raises:
            UserError: nobody answers, or it is another account than the plan says.
        """
        reference = draft.reference()
        identity = self.service.identify(side, reference)
        if draft.pin not in ("", UNPINNED, identity.account_id):
            raise UserError(
                f"these credentials belong to account {identity.account_id}, but the plan says {draft.pin}",
                "Choose the profile of the right account.",
            )
        return identity, self.service.account(side, reference).endpoint

    def identified(self, side: Side, identity: Identity, endpoint: str | None) -> None:
        """Take in who is behind a side."""
        self.account_errors.pop(side, None)
        self.identities[side] = identity
        if endpoint:
            self.endpoints[side] = endpoint
        checked = replace(self.draft.side(side), pin=identity.account_id, verified=True)
        self.draft = self.draft.with_side(side, checked)

    def _read_table(self, name: str) -> Table:
        return self.service.inventory("source", self.draft.source.reference(), name)

    @property
    def methods(self) -> tuple[Method, ...]:
        """All methods."""
        return self.service.methods()

    @property
    def models(self) -> Mapping[str, type[MethodOptions]]:
        """The option models of all methods that can be planned."""
        return {method.id: method.options for method in self.methods if method.available}

    def method(self, method_id: str) -> Method | None:
        """The method of that id."""
        return next((method for method in self.methods if method.id == method_id), None)

    def update(self, draft: Draft) -> bool:
        """Take other answers; returns whether anything changed. Later steps must then be passed again."""
        if draft == self.draft:
            return False
        self.draft = draft
        self.flow = self.flow.changed()
        return True

    def enter_source(self) -> bool:
        """Start afresh with names and inventories if the source is another one; returns whether it is."""
        reference = self.draft.source.reference()
        if reference == self._inventory_of:
            return False
        self._inventory_of = reference
        self.names = NameList()
        self.inventory = Loader(self._read_table)
        return True

    def read_names(self, names: NameList) -> None:
        """List the source's tables into `names`; blocks, so call it in a thread. Errors go into `names.error`."""
        names.error = None
        try:
            for page in self.service.table_names("source", self.draft.source.reference()):
                known = set(names.all())
                names.extend([name for name in page if name not in known])
            names.complete = True
        except Exception as error:
            names.error = error

    def chosen_names(self) -> tuple[str, ...]:
        """The tables that the choices stand for, as far as the names are known."""
        return matching(self.draft.tables, self.names.all())

    def chosen_tables(self) -> list[Table]:
        """The inventories of the chosen tables that are there already."""
        found = self.inventory.found
        return [found[name] for name in self.chosen_names() if name in found]

    def plan(self) -> Plan:
        """The plan of the present answers. Raises pydantic's ValidationError."""
        return self.draft.plan(self.models)

    def valid_checks(self) -> Checks | None:
        """The findings, if they are about the present answers."""
        try:
            return self.checks if self.checks and self.checks.plan == self.plan() else None
        except ValueError:
            return None

    @property
    def run_state(self) -> RunState | None:
        """The state of the run of this wizard."""
        return self.run.snapshot().state if self.run else None

    @property
    def run_going(self) -> bool:
        """Whether a run is at work in this process."""
        return self.run is not None and not self.run.ended

    def facts(self) -> Facts:
        """What decides, beside the answers, whether a step can be left."""
        method, chosen = self.method(self.draft.method), self.chosen_names()
        tables = self.chosen_tables()
        checks = self.valid_checks()
        return Facts(
            matched=len(chosen),
            unread=len(chosen) - len(tables),
            unsuited=sum(not method.suits(table).suits for table in tables) if method else 0,
            available=bool(method and method.available),
            checked=bool(checks and checks.complete),
            failing=checks.failing if checks else 0,
            run_state=self.run_state,
            run_going=self.run_going,
        )

    def reasons(self) -> tuple[Reason, ...]:
        """Why the present step can't be left forward."""
        return reasons(self.flow.current, self.draft, self.facts(), self.models)

    @property
    def dirty(self) -> bool:
        """Whether answers would be lost by leaving now."""
        answered = self.draft.source.verified or self.draft.target.verified or bool(self.draft.tables)
        return answered and self.run is None and self.saved_form(self.draft) != self.saved_form(self.saved)

    @staticmethod
    def saved_form(draft: Draft | None) -> Draft | None:
        """The answers without what a plan file doesn't hold."""
        if draft is None:
            return None
        return replace(
            draft,
            source=replace(draft.source, verified=False),
            target=replace(draft.target, verified=False),
            management=replace(draft.management, verified=False),
        )
