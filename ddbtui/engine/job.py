"""One step of a run, carried out call by call: the order of its durable writes is the contract of `engine.step`."""

from __future__ import annotations

import json
from collections.abc import Callable

from ddbtui.engine.context import Context, Run, token_of
from ddbtui.engine.records import StepRecord
from ddbtui.engine.rows import text_of
from ddbtui.engine.snapshot import Event
from ddbtui.engine.step import Done, Json, Progress, Step, StepFailed


class Job:
    """A step with its context. Its methods block and belong on the pool, one at a time.

    Args:
        run: the run it belongs to.
        step: what the method wrote.
        record: the step as the journal has it.
    """

    def __init__(self, run: Run, step: Step, record: StepRecord) -> None:
        self._run = run
        self.step = step
        self.context = Context(run, record, step.gates)
        # An intent from an earlier process: whether its start went through is not known.
        self._unsure = record.intent_at is not None and record.handle is None

    @property
    def record(self) -> StepRecord:
        """The step as it stands."""
        return self.context.record_now

    @property
    def intended(self) -> bool:
        """Whether this attempt's intent is durable."""
        return self.record.state in ("running", "waiting")

    def advance(self) -> Progress | Done | None:
        """Make the next call: find or start, or poll. None means that it can be polled at once."""
        if self.record.handle is None or not self.intended:
            self._begin()
            return None
        assert self.record.handle is not None
        outcome = self.step.poll(self.context, self.record.handle)
        if isinstance(outcome, Done):
            self._show(self._run.journal.done(self.record, _plain(outcome.result)))
        else:
            self.context.progress(outcome)
        return outcome

    def cancel(self) -> bool:
        """Ask AWS to stop what `start` began; whether it takes such a request."""
        return self.record.handle is not None and self.step.cancel(self.context, self.record.handle)

    def fail(self, failure: StepFailed) -> None:
        """Make the failure durable."""
        self._show(self._run.journal.failed(self.record, failure))

    def wait_for(self, gate: str, question: str) -> None:
        """Make it durable that the step waits for a person."""
        self._show(self._run.journal.waiting(self.record, gate, question))

    def go_on(self) -> None:
        """Make it durable that the step goes on after it waited."""
        self._show(self._run.journal.running(self.record))

    def _begin(self) -> None:
        if not self.intended:
            attempt = self.record.attempt + (self.record.state == "failed")
            token = token_of(self.record.run_id, self.record.subject, self.record.name, attempt)
            self._show(self._run.journal.intent(self.record, attempt, token))
            self._unsure = False
        handle = self.step.find(self.context) if self._unsure else None
        if handle is None:
            self._unsure = True
            handle = self.step.start(self.context)
        self.context.record_now = self._run.journal.handle(self.record, _plain(handle))
        self._run.board.put(self.record)

    def _show(self, written: tuple[StepRecord, Event]) -> None:
        self.context.record_now = written[0]
        self._run.board.put(*written)
        self._run.changed()


class Raised:
    """An exception as a value: futures can't carry every kind (StopIteration would hang the loop)."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def guarded(call: Callable[[], Progress | Done | None]) -> Progress | Done | Raised | None:
    """Make a call; what it raises is returned, save what must end the process."""
    try:
        return call()
    except Exception as error:  # the runner judges it
        return Raised(error)


def _plain(value: Json) -> Json:
    """What a later process will read: so that no step depends on more than JSON holds."""
    plain: Json = json.loads(text_of(value))
    return plain
