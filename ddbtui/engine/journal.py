"""The journal: what a run means to do and has done, durable before anything is sent to an account.

SQLite with WAL and synchronous=FULL: an acknowledged write survives the loss of power. Every method is safe from any
thread and raises JournalError when the write did not reach the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ddbtui.engine import rows
from ddbtui.engine.reading import Reading
from ddbtui.engine.records import CallRecord, RunRecord, StepRecord
from ddbtui.engine.schema import JournalError
from ddbtui.engine.snapshot import Event, RunState
from ddbtui.engine.step import RUN, Json, Level, Progress, Resource, StepFailed
from ddbtui.engine.store import Statement

__all__ = ["Journal", "JournalError"]

_EVENT = (
    "INSERT INTO event (run_id, seq, at, level, subject, step, text) SELECT ?1, "
    "(SELECT coalesce(max(seq), 0) + 1 FROM event WHERE run_id = ?1), ?2, ?3, ?4, ?5, ?6 RETURNING seq"
)
_STEP_MARKS = ", ".join("?" * len(rows.STEP.split(", ")))
_SAVE_STEP = f"INSERT OR REPLACE INTO step ({rows.STEP}) VALUES ({_STEP_MARKS})"  # noqa: S608
_RECORD = (
    f"INSERT INTO resource ({rows.RESOURCE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) "  # noqa: S608
    "ON CONFLICT (ifnull(run_id, ''), plan_digest, kind, side, name) DO UPDATE SET "
    "fate = excluded.fate, data = excluded.data, removed_at = NULL"
)
_REMOVED = (
    "UPDATE resource SET removed_at = ? WHERE run_id IS ? AND plan_digest = ? AND kind = ? AND side = ? AND name = ?"
)
_ADOPT = "UPDATE OR REPLACE resource SET run_id = ? WHERE run_id IS NULL AND plan_digest = ?"
_STATE_LEVEL: dict[str, Level] = {"failed": "error", "different": "error", "waiting": "warn", "stopped": "warn"}


class Journal(Reading):
    """The journal of all runs of this user. `_write` is the only way to the disk."""

    # ---- runs

    def create_run(
        self,
        run_id: str,
        plan_text: str,
        plan_digest: str,
        summary: Json,
        consents: Iterable[tuple[str, str]] = (),
    ) -> RunRecord:
        """Begin a run, in one write: its consents, and what was recorded for its plan before it existed, are its own.

        Args:
            run_id: from `new_run_id`.
            plan_text: the plan as YAML.
            plan_digest: SHA-256 of the plan, in hex.
            summary: what lists show: `source`, `target`, `method`, `tables`.
            consents: pairs of gate and subject, as for `grant`.
        """
        created = self.clock.now()
        values = (run_id, rows.time_text(created), plan_text, plan_digest, "running", rows.text_of(summary))
        columns = "run_id, created, plan_text, plan_digest, state, summary"
        self._write(
            (f"INSERT INTO run ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values),  # noqa: S608
            *(self._granting(run_id, gate, subject) for gate, subject in consents),
            (_ADOPT, (run_id, plan_digest)),
        )
        return self.run(run_id)

    def set_state(self, run_id: str, state: RunState) -> tuple[RunState, Event]:
        """Set a run's state, with all that was put off. A cancelled run stays cancelled.

        Returns:
            The state that holds now, and the event that tells of it.
        """
        ended = None if state == "running" else rows.time_text(self.clock.now())
        sql = "UPDATE run SET state = CASE cancelled WHEN 1 THEN 'cancelled' ELSE ? END, ended = ? WHERE run_id = ?"
        level = _STATE_LEVEL.get(state, "info")
        event = self._write_event(run_id, (level, RUN, "", f"run {state}"), (sql, (state, ended, run_id)))
        return self.run(run_id).state, event

    def cancel(self, run_id: str) -> Event:
        """Give a run up for good: it can't be resumed any more, but cleaned up."""
        ended = rows.time_text(self.clock.now())
        change = ("UPDATE run SET cancelled = 1, state = 'cancelled', ended = ? WHERE run_id = ?", (ended, run_id))
        return self._write_event(run_id, ("warn", RUN, "", "run cancelled"), change)

    def lay_out(self, steps: Sequence[StepRecord]) -> None:
        """Write all steps of a new run in one go."""
        self._write(*((_SAVE_STEP, rows.step_values(step)) for step in steps))

    # ---- steps: each returns the step as it stands now, and most the event that tells of it

    def intent(self, step: StepRecord, attempt: int, token: str) -> tuple[StepRecord, Event]:
        """Before `start`: this attempt is about to make calls under this token."""
        now = self.clock.now()
        fresh = replace(
            step, state="running", attempt=attempt, token=token, intent_at=now, started=now, ended=None, handle=None,
            result=None, error="", hint="", kind=None, gate="", question="", progress=Progress(),
        )  # fmt: skip
        again = f", attempt {attempt}" if attempt > 1 else ""
        return self._save(fresh, "info", f"{step.title}: started{again}")

    def handle(self, step: StepRecord, handle: Json) -> StepRecord:
        """Right after `start`: what it can be polled by."""
        changed = replace(step, handle=handle)
        self._write(self._saving(changed))
        return changed

    def done(self, step: StepRecord, result: Json) -> tuple[StepRecord, Event]:
        """The step succeeded."""
        changed = replace(step, state="done", result=result, ended=self.clock.now(), gate="", question="")
        return self._save(changed, "info", f"{step.title}: done")

    def failed(self, step: StepRecord, failure: StepFailed) -> tuple[StepRecord, Event]:
        """The step failed; the kind is kept for the exit code."""
        changed = replace(
            step, state="failed", error=failure.message, hint=failure.hint, kind=failure.kind, ended=self.clock.now()
        )
        return self._save(changed, "error", f"{step.title}: {failure.message}")

    def waiting(self, step: StepRecord, gate: str, question: str) -> tuple[StepRecord, Event]:
        """The step waits for a person."""
        changed = replace(step, state="waiting", gate=gate, question=question)
        return self._save(changed, "warn", f"{step.title}: waits for consent to {gate}: {question}")

    def running(self, step: StepRecord) -> tuple[StepRecord, Event]:
        """The step goes on after it waited."""
        changed = replace(step, state="running", gate="", question="")
        return self._save(changed, "info", f"{step.title}: goes on")

    def progress(self, step: StepRecord, progress: Progress) -> StepRecord:
        """How far the step is. Not durable at once: it goes with the next write, or once a second."""
        key = (step.run_id, step.subject, step.name)
        sql = "UPDATE step SET progress = ? WHERE run_id = ? AND subject = ? AND name = ?"
        self._write_later(key, (sql, (rows.progress_text(progress), *key)))
        return replace(step, progress=progress)

    # ---- what else happens

    def event(self, run_id: str, subject: str, step: str, text: str, level: Level = "info") -> Event:
        """Tell whoever watches, now or later."""
        return self._write_event(run_id, (level, subject, step, text))

    def call(self, run_id: str, call: CallRecord) -> None:
        """Put a call into the audit log: durable with the next write, or within a second of further calls."""
        values = (call.side, call.account, call.region, call.service, call.operation, call.outcome, call.request_id)
        sql = f"INSERT INTO audit (run_id, {rows.AUDIT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        self._write_later(object(), (sql, (run_id, rows.time_text(call.at), *values)))

    def grant(self, run_id: str, gate: str, subject: str = "*") -> None:
        """Consent to a gate for one subject, or for all."""
        self._write(self._granting(run_id, gate, subject))

    # ---- resources

    def record(
        self,
        resource: Resource,
        *,
        plan_digest: str,
        run_id: str | None = None,
        subject: str = RUN,
        step: str = "",
    ) -> None:
        """Make a resource durable, before the call that makes it. A repetition updates its data and fate.

        Args:
            resource: what is about to be made or changed.
            plan_digest: the plan that it is for.
            run_id: the run that makes it, or None while there is none.
            subject: the table's name, or `RUN`.
            step: the step that makes it, or empty.
        """
        about = (resource.kind, resource.side, resource.name, resource.fate, rows.text_of(resource.data))
        at = rows.time_text(self.clock.now())
        self._write((_RECORD, (*about, run_id, plan_digest, subject, step, at)))

    def removed(self, resource: Resource, *, plan_digest: str, run_id: str | None = None) -> None:
        """Note that a recorded resource is gone."""
        key = (run_id, plan_digest, resource.kind, resource.side, resource.name)
        self._write((_REMOVED, (rows.time_text(self.clock.now()), *key)))

    # ---- how it gets there

    def _granting(self, run_id: str, gate: str, subject: str) -> Statement:
        sql = "INSERT OR IGNORE INTO consent (run_id, gate, subject, at) VALUES (?, ?, ?, ?)"
        return sql, (run_id, gate, subject, rows.time_text(self.clock.now()))

    def _save(self, step: StepRecord, level: Level, text: str) -> tuple[StepRecord, Event]:
        return step, self._write_event(step.run_id, (level, step.subject, step.name, text), self._saving(step))

    def _saving(self, step: StepRecord) -> Statement:
        self._drop_later((step.run_id, step.subject, step.name))
        return _SAVE_STEP, rows.step_values(step)

    def _write_event(self, run_id: str, what: tuple[Level, str, str, str], *before: Statement) -> Event:
        at: datetime = self.clock.now()
        row: Any = self._write(*before, (_EVENT, (run_id, rows.time_text(at), *what)))
        return Event(int(row[0]), at, *what)
