"""The runs of this user: begin one, go on with one, look at one, give one up, clean up after one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from ddbtui import state_folder
from ddbtui.active_run import ActiveRun
from ddbtui.aws.move import Move
from ddbtui.clean_up import CleanUpResult, remove_left
from ddbtui.engine.board import snapshot_of
from ddbtui.engine.cancelling import begun, named, stop_jobs
from ddbtui.engine.clock import Clock, SystemClock
from ddbtui.engine.gates import refuse_unknown
from ddbtui.engine.journal import Journal
from ddbtui.engine.lock import Held, Holder, hold, holder_of, plan_lock, run_lock
from ddbtui.engine.outcome import exit_code
from ddbtui.engine.records import CallRecord, ResourceRecord, RunRecord, new_run_id
from ddbtui.engine.runner import Runner
from ddbtui.engine.snapshot import UNFINISHED, RunState, Snapshot
from ddbtui.engine.step import Resource
from ddbtui.errors import Exit, UserError
from ddbtui.methods.catalog import method, option_models
from ddbtui.plan.model import Plan
from ddbtui.plan.reader import parse_plan
from ddbtui.plan.writer import dump_plan, plan_digest
from ddbtui.recorded_move import recorded_move, summary_of
from ddbtui.step_errors import StepErrors
from ddbtui.text import plural, shown


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


class RunBook:
    """The journal of all runs, and those that this process carries out.

    Args:
        state_dir: where journal and locks live; the user's state folder (or $DDBTUI_STATE_DIR) if None.
        clock: for the engine; the system's if None.
    """

    def __init__(self, state_dir: Path | None = None, clock: Clock | None = None) -> None:
        self.state_dir = state_dir or state_folder.state_dir()
        self.clock: Clock = clock or SystemClock()
        self._errors = StepErrors(self.state_dir)

    @cached_property
    def journal(self) -> Journal:
        """The journal, opened when it is first needed."""
        return Journal(self.state_dir / "journal.sqlite3", self.clock)

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

        def make_runner() -> Runner:
            self.journal.create_run(run_id, dump_plan(plan), digest, summary_of(move), _with_plans(consents, plan))
            return self._runner(run_id, plan, interactive, retry=True)

        return ActiveRun(run_id, self.state_dir, digest, make_runner)

    def refuse_unknown_gates(self, move: Move, gates: Iterable[str]) -> None:
        """Return if a run of the move's plan has all these gates.

        Raises:
            UserError: it has not; the hint lists those that it has.
        """
        refuse_unknown(method(move.plan.method.type).work(move), gates)

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

        Raises:
            Held: another process carries it out.
            UserError: there is nothing to go on with, or it has no gate of such a name.
        """
        record = self.journal.run(run_id)
        if record.state not in UNFINISHED:
            raise UserError(f"run {run_id} is {record.state}, there is nothing to go on with", "", Exit.USAGE)
        plan, given = self.plan_of(run_id), list(consents)

        def make_runner() -> Runner:
            runner = self._runner(run_id, plan, interactive, retry)
            refuse_unknown(runner.work, [gate for gate, _ in given])
            for gate, subject in given:
                runner.grant(gate, subject)
            return runner

        return ActiveRun(run_id, self.state_dir, record.plan_digest, make_runner)

    def _runner(self, run_id: str, plan: Plan, interactive: bool, retry: bool) -> Runner:
        move = recorded_move(self.journal, self.clock, run_id, plan)
        for account in move.accounts:
            account.verify()
        return Runner(
            self.journal,
            run_id,
            method(plan.method.type).work(move),
            verdict=self._errors.verdict,
            explain=self._errors.explain,
            renew=move.renew,
            clock=self.clock,
            interactive=interactive,
            retry=retry,
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
        """Give a run up for good: AWS is asked to stop its jobs, and `clean_up` then removes what is left.

        Returns:
            What became of jobs that were at work in AWS; empty if there were none.
        """
        record = self.journal.run(run_id)
        if record.state not in UNFINISHED:
            raise UserError(f"run {run_id} is {record.state}, there is nothing to cancel", "", Exit.USAGE)
        with hold(self.state_dir, (run_lock(run_id), plan_lock(record.plan_digest)), run_id):
            said = self._stop_jobs(run_id)  # first: a run that was cancelled can't be asked for again
            self.journal.cancel(run_id)
        return said

    def _stop_jobs(self, run_id: str) -> str:
        at_work = begun(self.journal.steps(run_id))
        if not at_work:
            return ""
        try:
            jobs = self._runner(run_id, self.plan_of(run_id), interactive=False, retry=False).jobs
        except Exception as error:  # whatever it is, a person may give the run up
            message, _ = self._errors.explain(error)
            return f"AWS was not asked to stop {plural(len(at_work), 'job')} ({named(at_work)}): {shown(message, 1000)}"
        return stop_jobs([jobs[step.subject, step.name] for step in at_work], self._errors.explain)

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
        record, plan = self.journal.run(run_id), self.plan_of(run_id)
        with hold(self.state_dir, (run_lock(run_id), plan_lock(record.plan_digest)), run_id):
            move = recorded_move(self.journal, self.clock, run_id, plan)
            return remove_left(self.journal, record, move, self.leavings(run_id), set(consents), self._errors.explain)


def _with_plans(consents: Iterable[tuple[str, str]], plan: Plan) -> list[tuple[str, str]]:
    return [*consents, *((gate, "*") for gate in plan.acknowledge)]
