"""Rows of the journal's tables into records and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast, get_args

from ddbtui.engine.records import CallRecord, ResourceRecord, RunRecord, StepRecord
from ddbtui.engine.snapshot import Event, RunState, StepState
from ddbtui.engine.step import RUN as WHOLE_RUN
from ddbtui.engine.step import FailureKind, Json, Level, Progress, Resource
from ddbtui.engine.store import Row

RUN = "run_id, created, plan_text, plan_digest, state, ended, summary, cancelled"
STEP = (
    "run_id, phase, chain, position, subject, name, title, state, attempt, token, intent_at, handle, result, "
    "error, hint, kind, gate, question, started, ended, progress"
)
RESOURCE = "kind, side, name, fate, data, run_id, plan_digest, subject, step, recorded_at, removed_at"
EVENT = "seq, at, level, subject, step, text"
AUDIT = "at, side, account, region, service, operation, outcome, request_id"


def text_of(value: Any) -> str:
    """JSON text; what JSON doesn't know (a datetime in an answer of AWS) becomes a string."""
    return json.dumps(value, default=str, separators=(",", ":"), ensure_ascii=False)


def time_text(at: datetime | None) -> str | None:
    """A moment as text that sorts."""
    return at.isoformat(timespec="microseconds") if at else None


def progress_text(progress: Progress) -> str:
    """Progress as JSON text."""
    return text_of({"note": progress.note, "done": progress.done, "total": progress.total, "unit": progress.unit})


def step_values(step: StepRecord) -> Row:
    """A step's columns, in the order of `STEP`."""
    return (
        *(step.run_id, step.phase, step.chain, step.position, step.subject, step.name, step.title, step.state),
        *(step.attempt, step.token, time_text(step.intent_at), _json_text(step.handle), _json_text(step.result)),
        *(step.error, step.hint, step.kind, step.gate, step.question),
        *(time_text(step.started), time_text(step.ended), progress_text(step.progress)),
    )


def to_run(row: Row) -> RunRecord:
    """A row of `RUN`."""
    run_id, created, plan_text, digest, state, ended, summary, cancelled = row
    known = _one_of(state, get_args(RunState))
    return RunRecord(
        *(run_id, _moment(created), plan_text, digest, cast(RunState, known)),
        ended=_time(ended),
        summary=_object(summary),
        cancelled=bool(cancelled),
    )


def to_step(row: Row) -> StepRecord:
    """A row of `STEP`."""
    run_id, phase, chain, position, subject, name, title = row[:7]
    return StepRecord(
        run_id=run_id,
        phase=phase,
        chain=chain,
        position=position,
        subject=subject,
        name=name,
        title=title,
        state=cast(StepState, _one_of(row[7], get_args(StepState))),
        attempt=row[8],
        token=row[9],
        intent_at=_time(row[10]),
        handle=_maybe_object(row[11]),
        result=_maybe_object(row[12]),
        error=row[13],
        hint=row[14],
        kind=cast(FailureKind, _one_of(row[15], get_args(FailureKind))) if row[15] is not None else None,
        gate=row[16],
        question=row[17],
        started=_time(row[18]),
        ended=_time(row[19]),
        progress=Progress(**_object(row[20])),
    )


def to_resource(row: Row) -> ResourceRecord:
    """A row of `RESOURCE`."""
    kind, side, name, fate, data, run_id, digest, subject, step, recorded_at, removed_at = row
    resource = Resource(kind, side, name, cast(Any, _one_of(fate, ("keep", "remove", "ask"))), _object(data))
    return ResourceRecord(resource, run_id, digest, subject, step, _moment(recorded_at), _time(removed_at))


def to_event(row: Row) -> Event:
    """A row of `EVENT`."""
    seq, at, level, subject, step, text = row
    if (subject, step) == ("run", ""):
        subject = WHOLE_RUN  # as it was written once; a table of this name speaks through its steps
    return Event(seq, _moment(at), cast(Level, _one_of(level, get_args(Level))), subject, step, text)


def to_call(row: Row) -> CallRecord:
    """A row of `AUDIT`."""
    return CallRecord(_moment(row[0]), *row[1:])


def _json_text(value: Json | None) -> str | None:
    return None if value is None else text_of(value)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)


def _object(text: str) -> Json:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _maybe_object(text: str | None) -> Json | None:
    return None if text is None else _object(text)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"unknown word {value!r}")
    return value
