"""A run as JSON lines: one object a line, told apart by `type`. docs/cli.md describes them; fields are only added."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_args

from ddbtui.engine.snapshot import Event, Snapshot, StepView
from ddbtui.engine.step import Progress, Resource
from ddbtui.errors import Exit, UserError
from ddbtui.methods.base import Estimate
from ddbtui.prerequisites.base import Change, Finding, Outcome
from ddbtui.reporting.news import GateNews, Item, Missed, ProgressNews, StepNews
from ddbtui.reporting.report import Report, SubjectReport

PROGRESS_SECONDS = 1.0
Object = dict[str, Any]


def line(fields: Object) -> str:
    """Return one object as one line of ASCII: what a name holds can't reach a terminal unescaped."""
    text = json.dumps(fields, default=_plain, ensure_ascii=True, separators=(", ", ": "))
    return text.replace("\x7f", "\\u007f")


def document(value: Any) -> str:
    """Return a whole document, indented, as ASCII."""
    text = json.dumps(value, default=_plain, ensure_ascii=True, indent=2)
    return text.replace("\x7f", "\\u007f")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def started(snapshot: Snapshot, again: bool) -> Object:
    """`run`: a run was started or resumed."""
    return {
        "type": "run",
        "at": snapshot.now,
        "run": snapshot.run_id,
        "resumed": again,
        "steps_done": snapshot.steps_done,
        "steps_total": snapshot.steps_total,
    }


def news(items: Iterable[Item]) -> list[Object]:
    """`event`, `step`, `progress`, `gate`, `state` and `missed`."""
    return [_news(item) for item in items]


def _news(item: Item) -> Object:
    if isinstance(item, Event):
        return {
            "type": "event",
            "at": item.at,
            "seq": item.seq,
            "level": item.level,
            "subject": item.subject,
            "step": item.step,
            "text": item.text,
        }
    if isinstance(item, StepNews):
        return {"type": "step", "at": item.at, "subject": item.subject, **step_fields(item.step)}
    if isinstance(item, ProgressNews):
        step = item.step
        return {
            "type": "progress",
            "at": item.at,
            "subject": item.subject,
            "step": step.name,
            **_progress(step.progress),
        }
    if isinstance(item, GateNews):
        gate = item.gate
        return {
            "type": "gate",
            "at": item.at,
            "gate": gate.gate,
            "subject": gate.subject,
            "question": gate.question,
        }
    if isinstance(item, Missed):
        return {"type": "missed", "at": item.at, "count": item.count}
    return {"type": "state", "at": item.at, "state": item.state}


def step_fields(step: StepView) -> Object:
    """One step as it stands."""
    fields: Object = {"step": step.name, "title": step.title, "state": step.state, "attempt": step.attempt}
    if step.error:
        fields |= {"error": step.error, "hint": step.hint}
    return fields


def _progress(progress: Progress) -> Object:
    return {"note": progress.note, "done": progress.done, "total": progress.total, "unit": progress.unit}


def finding(found: Finding) -> Object:
    """`finding`: what the check of a prerequisite found."""
    return {
        "type": "finding",
        "prerequisite": found.prerequisite,
        "subject": found.subject,
        "title": found.title,
        "outcome": found.outcome,
        "evidence": found.evidence,
        "advice": found.advice,
        "remedy": {"title": found.remedy.title, "changes": [_call(c) for c in found.remedy.changes]}
        if found.remedy
        else None,
    }


def change(made: Change) -> Object:
    """`change`: a call of a dry run."""
    return {"type": "change", **_call(made)}


def estimate(told: Estimate) -> Object:
    """`estimate`: what the run of a dry run would cost, and how long it would take."""
    least, most = told.seconds
    return {
        "type": "estimate",
        "dollars": told.dollars,
        "seconds_least": least,
        "seconds_most": most,
        "lines": [{"what": one.what, "quantity": one.quantity, "dollars": one.dollars} for one in told.lines],
        "notes": told.notes,
    }


def _call(made: Change) -> Object:
    return {
        "side": made.side,
        "account_id": made.account_id,
        "action": made.action,
        "resource": made.resource,
        "before": made.before,
        "after": made.after,
    }


def error(failure: UserError) -> Object:
    """`error`: the command could not be carried out."""
    return {"type": "error", "message": failure.message, "hint": failure.hint, "exit_code": int(failure.code)}


def status(snapshot: Snapshot) -> Object:
    """A whole run at one instant, for `ddbtui status --output json`."""
    return {
        "run": snapshot.run_id,
        "state": snapshot.state,
        "started": snapshot.started,
        "at": snapshot.now,
        "steps_done": snapshot.steps_done,
        "steps_total": snapshot.steps_total,
        "gates": [{"gate": g.gate, "subject": g.subject, "question": g.question} for g in snapshot.gates],
        "subjects": [
            {
                "subject": chain.subject,
                "state": chain.state,
                "steps": [
                    step_fields(s) | {"progress": _progress(s.progress), "result": s.result} for s in chain.steps
                ],
            }
            for chain in snapshot.chains
        ],
    }


def checked(findings: Sequence[Finding]) -> Object:
    """`checked`: all prerequisites were checked; how many passed, and so on."""
    counts = Counter(finding.outcome for finding in findings)
    return {"type": "checked", **{outcome: counts[outcome] for outcome in get_args(Outcome)}}


def end(report: Report, code: Exit) -> Object:
    """`end`: the run has come to rest; the last line."""
    return {
        "type": "end",
        "at": report.ended,
        "run": report.run_id,
        "state": report.state,
        "exit_code": int(code),
        "source": report.source,
        "target": report.target,
        "method": report.method,
        "tables": [_table(table) for table in report.tables],
        "run_troubles": [vars(trouble) for one in report.subjects if not one.target_name for trouble in one.troubles],
        "resources": [resource_fields(resource) for resource in report.resources],
        "next_steps": report.next_steps,
    }


def _table(table: SubjectReport) -> Object:
    return {
        "name": table.subject,
        "target_name": table.target_name,
        "state": table.state,
        "items": table.items,
        "proof": table.proof,
        "settings": table.settings,
        "intended": table.intended,
        "troubles": [vars(trouble) for trouble in table.troubles],
        "seconds": table.seconds,
    }


def resource_fields(resource: Resource) -> Object:
    """A resource without what its remover needs."""
    return {
        "kind": resource.kind,
        "side": resource.side,
        "name": resource.name,
        "fate": resource.fate,
        "stays": resource.stays,
    }
