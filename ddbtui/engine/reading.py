"""What can be asked of the journal, while a run writes to it from this process or another."""

from __future__ import annotations

from ddbtui.engine import rows
from ddbtui.engine.records import CallRecord, ResourceRecord, RunRecord, StepRecord
from ddbtui.engine.snapshot import UNFINISHED, Event
from ddbtui.engine.store import Store
from ddbtui.errors import Exit, UserError
from ddbtui.text import did_you_mean, shown


class Reading(Store):
    """The journal's questions. All raise JournalError if the file can't be read."""

    def runs(self) -> tuple[RunRecord, ...]:
        """All runs, newest first."""
        return self._read(rows.to_run, f"SELECT {rows.RUN} FROM run ORDER BY created DESC, rowid DESC")  # noqa: S608

    def run(self, run_id: str) -> RunRecord:
        """One run.

        Raises:
            UserError: there is none of that id; the message offers the nearest.
        """
        found = self._read(rows.to_run, f"SELECT {rows.RUN} FROM run WHERE run_id = ?", run_id)  # noqa: S608
        if not found:
            known = self._read(lambda row: str(row[0]), "SELECT run_id FROM run")
            message = f"there is no run '{shown(run_id, 40)}'{did_you_mean(run_id, known)}"
            raise UserError(message, "`ddbtui runs` lists them.", Exit.USAGE)
        return found[0]

    def unfinished(self, plan_digest: str) -> RunRecord | None:
        """The newest run of a plan that can still be resumed, or None."""
        sql = f"SELECT {rows.RUN} FROM run WHERE plan_digest = ? ORDER BY created DESC, rowid DESC"  # noqa: S608
        return next((run for run in self._read(rows.to_run, sql, plan_digest) if run.state in UNFINISHED), None)

    def steps(self, run_id: str) -> tuple[StepRecord, ...]:
        """All steps of a run, by phase, chain and position."""
        sql = f"SELECT {rows.STEP} FROM step WHERE run_id = ? ORDER BY phase, chain, position"  # noqa: S608
        return self._read(rows.to_step, sql, run_id)

    def events(self, run_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[Event, ...]:
        """The next events after a sequence number, oldest first."""
        sql = f"SELECT {rows.EVENT} FROM event WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        return self._read(rows.to_event, sql, run_id, after_seq, limit)

    def newest_events(self, run_id: str, limit: int = 500) -> tuple[Event, ...]:
        """The newest events, oldest first."""
        sql = f"SELECT {rows.EVENT} FROM event WHERE run_id = ? ORDER BY seq DESC LIMIT ?"  # noqa: S608
        return self._read(rows.to_event, sql, run_id, limit)[::-1]

    def resources(self, run_id: str, subject: str | None = None, *, live: bool = False) -> tuple[ResourceRecord, ...]:
        """What a run recorded, oldest first.

        Args:
            run_id: the run.
            subject: only what was recorded for this subject.
            live: only what was not removed yet.
        """
        sql = (
            f"SELECT {rows.RESOURCE} FROM resource WHERE run_id = ?1 AND (?2 IS NULL OR subject = ?2) "  # noqa: S608
            "AND (NOT ?3 OR removed_at IS NULL) ORDER BY id"
        )
        return self._read(rows.to_resource, sql, run_id, subject, live)

    def plan_resources(self, plan_digest: str) -> tuple[ResourceRecord, ...]:
        """What was recorded for a plan that no run has taken up yet, oldest first."""
        sql = f"SELECT {rows.RESOURCE} FROM resource WHERE run_id IS NULL AND plan_digest = ? ORDER BY id"  # noqa: S608
        return self._read(rows.to_resource, sql, plan_digest)

    def audit(self, run_id: str) -> tuple[CallRecord, ...]:
        """The calls of a run, in order. Calls of the last second may still be on their way."""
        return self._read(rows.to_call, f"SELECT {rows.AUDIT} FROM audit WHERE run_id = ? ORDER BY id", run_id)  # noqa: S608

    def consents(self, run_id: str) -> frozenset[tuple[str, str]]:
        """Pairs of gate and subject that people consented to; the subject `*` stands for all."""
        sql = "SELECT gate, subject FROM consent WHERE run_id = ?"
        return frozenset(self._read(lambda row: (str(row[0]), str(row[1])), sql, run_id))
