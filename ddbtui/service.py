"""The one front door to the engine room. Wizard, prompts and commands call nothing below it.

Every method blocks and may be called from any thread; front ends that must not block use worker threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ddbtui.active_run import ActiveRun
from ddbtui.aws.account import Account, Call, Identity, identify
from ddbtui.aws.errors import explain, verdict
from ddbtui.aws.inventory import inventory_access, read_table, table_names
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.profiles import Profile, profiles
from ddbtui.aws.table import Table
from ddbtui.engine.board import snapshot_of
from ddbtui.engine.clock import Clock, SystemClock
from ddbtui.engine.journal import Journal
from ddbtui.engine.lock import Held, Holder, hold, holder_of, plan_lock, run_lock
from ddbtui.engine.outcome import exit_code
from ddbtui.engine.records import CallRecord, ResourceRecord, RunRecord, new_run_id
from ddbtui.engine.runner import Runner
from ddbtui.engine.snapshot import UNFINISHED, RunState, Snapshot
from ddbtui.engine.step import Resource
from ddbtui.errors import Exit, UserError
from ddbtui.methods.base import RUN, Estimate, Method
from ddbtui.methods.catalog import METHODS, method, option_models
from ddbtui.methods.permissions import policy_documents
from ddbtui.methods.resources import remove
from ddbtui.methods.undoing import undoing
from ddbtui.plan.model import AccountRef, Plan, Side
from ddbtui.plan.reader import load_plan, parse_plan
from ddbtui.plan.writer import dump_plan, plan_digest, save_plan
from ddbtui.prerequisites.base import Change, Finding, Prerequisite
from ddbtui.text import did_you_mean, plural, shown

_READERS = 8
"""Inventories read side by side: within DynamoDB's rate for describe calls."""
_PROPAGATION_SECONDS = 60.0


@dataclass(frozen=True)
class RunInfo:
    """One run as a list shows it. `holder` is the process that carries it out now."""

    run_id: str
    state: RunState
    started: datetime
    ended: datetime | None
    source: str
    target: str
    method: str
    tables: tuple[str, ...]
    holder: Holder | None


@dataclass(frozen=True)
class CleanUpResult:
    """What a clean-up did: names of what went, of what stays by choice, and what could not be removed, with why."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


class Service:
    """Everything that a front end can ask for.

    Args:
        state_dir: where journal and locks live; the user's state folder (or $DDBTUI_STATE_DIR) if None.
        clock: for the engine; the system's if None.
    """

    def __init__(self, state_dir: Path | None = None, clock: Clock | None = None) -> None:
        self.state_dir = state_dir or default_state_dir()
        self.clock: Clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._accounts: dict[tuple[Side, AccountRef], Account] = {}
        self._tables: dict[tuple[str, str, str], Table] = {}

    @cached_property
    def journal(self) -> Journal:
        """The journal, opened when it is first needed."""
        return Journal(self.state_dir / "journal.sqlite3", self.clock)

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
        """Open both accounts, expand patterns and read the inventory of every table.

        Raises:
            UserError: an account can't be used, or a name or pattern finds no table.
        """
        source, target = self.account("source", plan.source), self.account("target", plan.target)
        for account in (source, target):
            account.verify()
        targets = self._target_names(plan)
        with ThreadPoolExecutor(_READERS, thread_name_prefix="ddbtui-inventory") as pool:
            tables = list(pool.map(lambda name: self.inventory("source", plan.source, name, fresh=True), targets))
        made = [record.resource for record in self.journal.plan_resources(plan_digest(plan))]
        ours = {one.name for one in made if one.kind == "pitr" and one.fate == "remove"}
        return Move(plan, source, target, tuple(MovingTable(as_it_was(t, ours), targets[t.name]) for t in tables))

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
        subject = prerequisite.moving.name if prerequisite.moving else RUN

        def record(resource: Resource) -> None:
            self.journal.record(resource, plan_digest=digest, subject=subject, step=prerequisite.id)

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
        undone: list[Change] = []
        if move.plan.clean_up == "staging":
            undone += [change for remedy in reversed(remedies) for change in remedy.undo]
            applied = self.journal.plan_resources(plan_digest(move.plan))
            undone += undoing(move, [record.resource for record in reversed(applied)])
        return [change for remedy in remedies for change in remedy.changes] + list(steps) + undone

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

    # ---- runs

    def start(
        self, move: Move, consents: Iterable[tuple[str, str]] = (), interactive: bool = False, new: bool = False
    ) -> ActiveRun:
        """Begin a run of the move's plan.

        Args:
            move: as `resolve` gave it; its inventory is what the run goes by to its end.
            consents: pairs of gate and subject (`*` for all) that a person consented to; the plan's own come on top.
            interactive: whether somebody watches who can answer gates.
            new: start although an unfinished run of this plan exists.

        Raises:
            Held: another process runs this plan.
            UserError: an unfinished run of this plan exists.
        """
        plan, digest = move.plan, plan_digest(move.plan)
        if not new:
            self.refuse_second(plan)
        run_id = new_run_id()
        summary = {
            "source": f"{plan.source.account_id} {plan.source.region}",
            "target": f"{plan.target.account_id} {plan.target.region}",
            "method": plan.method.type,
            "tables": [
                {"inventory": moving.table.model_dump_json(), "target_name": moving.target_name, "name": moving.name}
                for moving in move.tables
            ],
        }

        def make_runner() -> Runner:
            self.journal.create_run(run_id, dump_plan(plan), digest, summary, _with_plans(consents, plan))
            return self._runner(run_id, plan, interactive, retry=True)

        return ActiveRun(run_id, self.state_dir, digest, make_runner)

    def refuse_second(self, plan: Plan) -> None:
        """Return if the plan has no unfinished run.

        Raises:
            Held: another process carries one out.
            UserError: there is one that can be resumed.
        """
        digest = plan_digest(plan)
        known = self.journal.unfinished(digest)
        if known is None:
            return
        holder = holder_of(self.state_dir, plan_lock(digest))
        if holder:
            raise Held(holder)
        raise UserError(
            f"run {known.run_id} of this plan is not finished ({self._info(known).state})",
            f"Go on with `ddbtui resume {known.run_id}`, give it up with `ddbtui cancel {known.run_id}`, "
            "or start another with `--new`.",
            Exit.USAGE,
        )

    def resume(
        self, run_id: str, consents: Iterable[tuple[str, str]] = (), interactive: bool = False, retry: bool = True
    ) -> ActiveRun:
        """Go on with a run that stopped, was killed, waits or failed.

        Args:
            run_id: the run.
            consents: as for `start`.
            interactive: as for `start`.
            retry: whether failed steps are tried again.
        """
        record = self.journal.run(run_id)
        if record.state not in UNFINISHED:
            raise UserError(f"run {run_id} is {record.state}, there is nothing to go on with", "", Exit.USAGE)
        plan = self.plan_of(run_id)

        def make_runner() -> Runner:
            for gate, subject in consents:
                self.journal.grant(run_id, gate, subject)
            return self._runner(run_id, plan, interactive, retry)

        return ActiveRun(
            run_id,
            self.state_dir,
            record.plan_digest,
            make_runner,
        )

    def _runner(self, run_id: str, plan: Plan, interactive: bool, retry: bool) -> Runner:
        move = self._move_of(run_id, plan)
        for account in (move.source, move.target):
            account.verify()
        return Runner(
            self.journal,
            run_id,
            method(plan.method.type).work(move),
            verdict=verdict,
            explain=_explained,
            clock=self.clock,
            interactive=interactive,
            retry=retry,
        )

    def _move_of(self, run_id: str, plan: Plan) -> Move:
        """The move as it was when the run began, with accounts whose calls are audited."""

        def audit(call: Call) -> None:
            if not _only_reads(call.operation):
                self.journal.call(
                    run_id,
                    CallRecord(
                        self.clock.now(),
                        call.side,
                        call.account_id,
                        call.region,
                        call.service,
                        call.operation,
                        call.outcome,
                        call.request_id,
                    ),
                )

        tables = tuple(
            MovingTable(Table.model_validate_json(entry["inventory"]), entry["target_name"])
            for entry in self.journal.run(run_id).summary["tables"]
        )
        return Move(
            plan, Account("source", plan.source, audit, run_id), Account("target", plan.target, audit, run_id), tables
        )

    def runs(self) -> list[RunInfo]:
        """All runs, newest first."""
        return [self._info(record) for record in self.journal.runs()]

    def _info(self, record: RunRecord) -> RunInfo:
        holder = holder_of(self.state_dir, run_lock(record.run_id)) if record.state in UNFINISHED else None
        # A run that was killed still says `running` in the journal.
        state: RunState = "stopped" if record.state == "running" and holder is None else record.state
        summary = record.summary
        return RunInfo(
            record.run_id,
            state,
            record.created,
            record.ended,
            summary["source"],
            summary["target"],
            summary["method"],
            tuple(entry["name"] for entry in summary["tables"]),
            holder,
        )

    def run_info(self, run_id: str | None = None) -> RunInfo:
        """One run; the newest if no id is given.

        Raises:
            UserError: there is no such run, or none at all.
        """
        if run_id:
            return self._info(self.journal.run(run_id))
        records = self.journal.runs()
        if not records:
            raise UserError("there are no runs yet", "Start one with `ddbtui` or `ddbtui run PLAN`.", Exit.USAGE)
        return self._info(records[0])

    def snapshot(self, run_id: str) -> Snapshot:
        """A run as the journal has it, whoever carries it out."""
        return snapshot_of(self.journal, run_id)

    def plan_of(self, run_id: str) -> Plan:
        """The plan of a run."""
        return parse_plan(self.journal.run(run_id).plan_text, f"plan of run {run_id}", option_models())

    def exit_code(self, run_id: str) -> Exit:
        """What a command that carried out this run ends with."""
        return exit_code(self.journal, run_id)

    def resources(self, run_id: str) -> tuple[ResourceRecord, ...]:
        """What a run made and has not removed yet."""
        return self.journal.resources(run_id, live=True)

    def audit(self, run_id: str) -> tuple[CallRecord, ...]:
        """The changing calls that a run made."""
        return self.journal.audit(run_id)

    def cancel(self, run_id: str) -> str:
        """Give a run up for good. Jobs that AWS can't cancel go on there; `clean_up` then removes what is left.

        Returns:
            What to know about jobs that are still at work in AWS; empty if there are none.
        """
        record = self.journal.run(run_id)
        if record.state not in UNFINISHED:
            raise UserError(f"run {run_id} is {record.state}, there is nothing to cancel", "", Exit.USAGE)
        with hold(self.state_dir, (run_lock(run_id), plan_lock(record.plan_digest)), run_id):
            self.journal.cancel(run_id)
        jobs = [s for s in self.journal.steps(run_id) if s.handle and s.state in ("running", "waiting")]
        if not jobs:
            return ""
        named = ", ".join(f"{s.subject}: {s.title}" for s in jobs[:5])
        return f"AWS goes on with {plural(len(jobs), 'job')} that it can't cancel ({shown(named)})"

    def leavings(self, run_id: str) -> tuple[Resource, ...]:
        """What a clean-up would be about, newest first.

        Raises:
            UserError: the run is not finished, and needs what it has made.
        """
        record = self.journal.run(run_id)
        if record.state in UNFINISHED:
            raise UserError(
                f"run {run_id} is not finished ({self._info(record).state}), and needs what it has made",
                f"Finish it with `ddbtui resume {run_id}`, or give it up with `ddbtui cancel {run_id}`.",
                Exit.USAGE,
            )
        return tuple(entry.resource for entry in reversed(self.resources(run_id)))

    def clean_up(self, run_id: str, consents: Iterable[str] = ()) -> CleanUpResult:
        """Remove what a run left in the accounts.

        Args:
            run_id: a run that is over.
            consents: names of resources of fate `ask` that may go.

        Raises:
            UserError: the run is not finished, or the credentials are not those of its accounts.
        """
        record, agreed = self.journal.run(run_id), set(consents)
        plan = self.plan_of(run_id)
        removed, kept, failed = [], [], []
        with hold(self.state_dir, (run_lock(run_id), plan_lock(record.plan_digest)), run_id):
            move = self._move_of(run_id, plan)
            verified: set[Side] = set()
            for resource in self.leavings(run_id):
                if resource.fate == "keep" or (resource.fate == "ask" and resource.name not in agreed):
                    kept.append(resource.name)
                    continue
                side: Side = "source" if resource.side == "source" else "target"
                if side not in verified:  # a profile may have become another account's since the run
                    move.account(side).verify()
                    verified.add(side)
                try:
                    remove(move.account(side), resource)
                except Exception as error:
                    message, _ = _explained(error)
                    failed.append((resource.name, message))
                    continue
                self.journal.removed(resource, plan_digest=record.plan_digest, run_id=run_id)
                removed.append(resource.name)
        return CleanUpResult(tuple(removed), tuple(kept), tuple(failed))


def default_state_dir() -> Path:
    """$DDBTUI_STATE_DIR, else the platform's folder for the state of programs."""
    import platformdirs

    chosen = os.environ.get("DDBTUI_STATE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_state_dir("ddbtui", appauthor=False))


def as_it_was(table: Table, switched_on: set[str]) -> Table:
    """The inventory without what a remedy of this plan has switched on in the source."""
    return table.model_copy(update={"pitr": False, "pitr_days": None}) if table.arn in switched_on else table


def _with_plans(consents: Iterable[tuple[str, str]], plan: Plan) -> list[tuple[str, str]]:
    return [*consents, *((gate, "*") for gate in plan.acknowledge)]


def _explained(error: BaseException) -> tuple[str, str]:
    told = error if isinstance(error, UserError) else explain(error, "AWS")
    return told.message, told.hint


def _only_reads(operation: str) -> bool:
    return operation.startswith(("Describe", "List", "Get", "Head", "Scan", "Query", "BatchGet", "AssumeRole"))
