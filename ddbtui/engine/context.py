"""What the engine gives a step: the `StepContext` of the contract."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime
from typing import Protocol

from ddbtui.engine.board import Board
from ddbtui.engine.journal import Journal
from ddbtui.engine.records import StepRecord
from ddbtui.engine.step import GateClosed, Json, Level, Progress, Resource

CREDENTIALS = "credentials"
"""The gate of a step whose credentials expired. Consent to it is good for one more try, and never kept."""


def token_of(run_id: str, subject: str, step: str, attempt: int) -> str:
    """Return the idempotency token of one attempt: 32 hex digits."""
    return hashlib.sha256("\0".join((run_id, subject, step, str(attempt))).encode()).hexdigest()[:32]


class Run(Protocol):
    """What a context asks of the run that it belongs to."""

    journal: Journal
    board: Board
    plan_digest: str
    stopping: bool

    def consented(self, gate: str, subject: str) -> bool:
        """Whether a person consented."""

    def result_of(self, subject: str, step: str) -> Json:
        """What a finished step returned; KeyError if it isn't done."""

    def changed(self) -> None:
        """Tell whoever watches that something changed."""


class Context:
    """The context of one step. Its record is the newest truth about the step; the journal has it first.

    Args:
        run: the run it belongs to.
        record: the step as the journal has it.
        gates: where it may ask a person.
    """

    def __init__(self, run: Run, record: StepRecord, gates: tuple[str, ...]) -> None:
        self._run = run
        self._gates = gates
        self._lock = threading.Lock()
        self.record_now = record

    @property
    def run_id(self) -> str:
        """The run."""
        return self.record_now.run_id

    @property
    def subject(self) -> str:
        """What the step works on."""
        return self.record_now.subject

    @property
    def attempt(self) -> int:
        """Which attempt this is."""
        return self.record_now.attempt

    @property
    def token(self) -> str:
        """The token of this attempt."""
        return self.record_now.token

    @property
    def intent_at(self) -> datetime:
        """When this attempt's intent was written."""
        assert self.record_now.intent_at is not None
        return self.record_now.intent_at

    def now(self) -> datetime:
        """The engine's clock."""
        return self._run.journal.clock.now()

    def result(self, step: str, subject: str | None = None) -> Json:
        """What a finished step returned."""
        return self._run.result_of(self.subject if subject is None else subject, step)

    def record(self, resource: Resource) -> None:
        """Make a resource durable."""
        where = self.record_now
        self._run.journal.record(
            resource,
            plan_digest=self._run.plan_digest,
            run_id=where.run_id,
            subject=where.subject,
            step=where.name,
        )

    def resources(self) -> tuple[Resource, ...]:
        """What was recorded for this subject and not removed yet."""
        records = self._run.journal.resources(self.run_id, self.subject, live=True)
        return tuple(record.resource for record in records)

    def removed(self, resource: Resource) -> None:
        """Note that a resource is gone."""
        self._run.journal.removed(resource, plan_digest=self._run.plan_digest, run_id=self.run_id)

    def log(self, text: str, level: Level = "info") -> None:
        """Tell whoever watches."""
        self._run.board.add(self._run.journal.event(self.run_id, self.subject, self.record_now.name, text, level))
        self._run.changed()

    def consent(self, gate: str, question: str) -> None:
        """Return if the user consented, else raise GateClosed."""
        if gate not in self._gates:  # whoever wants to consent beforehand would be told that there is no such gate
            raise ValueError(f"step {self.record_now.name!r} does not declare the gate {gate!r}")
        if not self._run.consented(gate, self.subject):
            raise GateClosed(gate, question)

    def progress(self, progress: Progress) -> None:
        """Show how far the step is."""
        with self._lock:
            if progress == self.record_now.progress:
                return
            self.record_now = self._run.journal.progress(self.record_now, progress)
            self._run.board.put(self.record_now)
        self._run.changed()

    def should_stop(self) -> bool:
        """Whether the run was asked to stop."""
        return self._run.stopping
