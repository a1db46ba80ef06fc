"""The final report of a run: what moved, what was proven, what was set again, what is left, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ddbtui.engine.context import CREDENTIALS
from ddbtui.engine.snapshot import ChainView, GateView, RunState, Snapshot, StepState, StepView
from ddbtui.engine.step import RUN, Json, Resource
from ddbtui.plan.model import Plan
from ddbtui.reporting.style import Style
from ddbtui.text import duration, plural, shown

_KINDS_IN_WORDS = {"pitr": "point-in-time recovery of"}
"""Where the kind and a name would read as if the table itself were meant."""


@dataclass(frozen=True)
class Trouble:
    """A step that failed."""

    step: str
    error: str
    hint: str


@dataclass(frozen=True)
class SubjectReport:
    """What became of one table, or of the run as a whole.

    Args:
        subject: name of the source table, or `RUN`.
        target_name: name of the new table; empty for the run.
        state: as its steps stand.
        items: how many items were counted, if any step counted them.
        proof: what was proven, in words; empty while nothing is.
        settings: what was set again in the target.
        intended: what differs from the source on purpose or was not carried over, each with why.
        troubles: steps that failed.
        seconds: from the first step's start to the last step's end.
    """

    subject: str
    target_name: str
    state: StepState
    items: int | None
    proof: str
    settings: tuple[str, ...]
    intended: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    seconds: float | None


@dataclass(frozen=True)
class Report:
    """A run that has come to rest."""

    run_id: str
    state: RunState
    source: str
    target: str
    method: str
    started: datetime
    ended: datetime
    subjects: tuple[SubjectReport, ...]
    gates: tuple[GateView, ...]
    resources: tuple[Resource, ...]
    next_steps: tuple[str, ...]

    @property
    def tables(self) -> tuple[SubjectReport, ...]:
        """The tables alone."""
        return tuple(one for one in self.subjects if one.subject != RUN)


def report_of(snapshot: Snapshot, plan: Plan, resources: Sequence[Resource]) -> Report:
    """Sum a run up.

    Args:
        snapshot: the run as it stands.
        plan: what was asked.
        resources: what the run made and has not removed.
    """
    ends = [step.ended for chain in snapshot.chains for step in chain.steps if step.ended]
    names = [chain.subject for chain in snapshot.chains]
    return Report(
        run_id=snapshot.run_id,
        state=snapshot.state,
        source=f"{plan.source.account_id} {plan.source.region}",
        target=f"{plan.target.account_id} {plan.target.region}",
        method=plan.method.type,
        started=snapshot.started,
        ended=max(ends, default=snapshot.now),
        subjects=tuple(
            _subject(name, [c for c in snapshot.chains if c.subject == name], plan) for name in dict.fromkeys(names)
        ),
        gates=snapshot.gates,
        resources=tuple(resources),
        next_steps=tuple(_next_steps(snapshot, resources)),
    )


def _subject(name: str, chains: Sequence[ChainView], plan: Plan) -> SubjectReport:
    steps = [step for chain in chains for step in chain.steps]
    results: list[Json] = [step.result for step in steps if step.result]
    states = [chain.state for chain in chains]
    order: tuple[StepState, ...] = ("failed", "waiting", "running", "pending", "done")
    started = [step.started for step in steps if step.started]
    ended = [step.ended for step in steps if step.ended]
    return SubjectReport(
        subject=name,
        target_name="" if name == RUN else _target_name(name, plan),
        state=next(state for state in order if state in states),
        items=next((result["items"] for result in reversed(results) if isinstance(result.get("items"), int)), None),
        proof=_proof(steps, plan),
        settings=tuple(str(result["setting"]) for result in results if "setting" in result),
        intended=tuple(str(line) for result in results for line in result.get("intended", ())),
        troubles=tuple(Trouble(step.title, step.error, step.hint) for step in steps if step.state == "failed"),
        seconds=(max(ended) - min(started)).total_seconds() if started and ended else None,
    )


def _target_name(name: str, plan: Plan) -> str:
    renamed = next((choice.target_name for choice in plan.tables if choice.name == name and choice.target_name), None)
    return renamed or name


def _proof(steps: Iterable[StepView], plan: Plan) -> str:
    done = {step.name: step.result or {} for step in steps if step.state == "done"}
    if "proof" in done:
        fingerprint = str(done["proof"].get("fingerprint", ""))
        return "every item is equal" + (f", fingerprint {fingerprint}" if fingerprint else "")
    if "counts" in done:
        return "the counts are equal" if plan.proof != "digest" else "so far only the counts are equal"
    return ""


def _next_steps(snapshot: Snapshot, resources: Sequence[Resource]) -> list[str]:
    run_id, state = snapshot.run_id, snapshot.state
    steps: list[str] = []
    gates = list(dict.fromkeys(gate.gate for gate in snapshot.gates))
    if CREDENTIALS in gates:
        steps.append(f"log in again, then go on with: ddbtui resume {run_id}")
    elif gates and state in ("waiting", "stopped"):
        options = " ".join(f"--acknowledge {gate}" for gate in gates)
        steps.append(f"if you agree to what is asked, go on with: ddbtui resume {run_id} {options}")
    elif state in ("stopped", "running"):
        steps.append(f"resume with: ddbtui resume {run_id}")
    elif state == "failed":
        steps.append(f"put right what failed, then go on with: ddbtui resume {run_id}")
    elif state == "different":
        steps.append("do not use the new tables that differ; `ddbtui resume` compares again, a new run copies again")
    elif state == "done":
        steps.append("the source tables are untouched: delete them yourself once nothing uses them any more")
    if any(resource.fate != "keep" for resource in resources):
        when = "" if state in ("done", "cancelled") else ", once you give this run up"
        steps.append(f"remove what is left in the accounts with: ddbtui clean-up {run_id}{when}")
    return steps


def report_lines(report: Report, style: Style) -> list[str]:
    """Return the report as text, a line each."""
    took = duration((report.ended - report.started).total_seconds())
    lines = [
        f"run {shown(report.run_id, 40)}: {style.word(report.state)} after {took}",
        f"  {report.source} -> {report.target} with {shown(report.method, 40)}",
        *_overview(report, style),
    ]
    for subject in report.subjects:
        lines += _details(subject, style)
    for gate in report.gates:
        lines.append(f"  waits for consent to {shown(gate.gate, 64)}: {shown(gate.question, 1000)}")
    left = [resource for resource in report.resources if resource.fate != "keep"]
    if left:
        lines.append(f"  left in the accounts: {plural(len(left), 'resource')}")
        lines += [f"    {_resource(resource)}" for resource in left[:50]]
    kept = [resource for resource in report.resources if resource.fate == "keep" and resource.stays]
    lines += [f"  stays, {_resource(resource)}" for resource in kept]
    lines += [f"next: {step}" for step in report.next_steps]
    return lines


def resource_in_words(resource: Resource) -> str:
    """Return side, kind and name of a resource, safe to show: a name alone may be that of the table it belongs to."""
    kind = _KINDS_IN_WORDS.get(resource.kind, shown(resource.kind, 60))
    return f"{resource.side}: {kind} {shown(resource.name)}"


def _resource(resource: Resource) -> str:
    why = f": {shown(resource.stays, 500)}" if resource.stays else ""
    return resource_in_words(resource) + why


def _overview(report: Report, style: Style) -> list[str]:
    done = sum(table.state == "done" for table in report.tables)
    items = sum(table.items or 0 for table in report.tables if table.state == "done")
    lines = [f"  {done} of {plural(len(report.tables), 'table')} moved, {plural(items, 'item')}"]
    width = max((len(_names(table)) for table in report.tables), default=0)
    for table in report.tables:
        items_told = plural(table.items, "item") if table.items is not None else "not counted"
        told = ", ".join(filter(None, [items_told, shown(table.proof)]))
        lines.append(f"  {style.word(table.state, 8)} {_names(table):<{width}}  {told}")
    return lines


def _names(table: SubjectReport) -> str:
    renamed = f" -> {shown(table.target_name, 60)}" if table.target_name != table.subject else ""
    return shown(table.subject, 60) + renamed


def _details(one: SubjectReport, style: Style) -> list[str]:
    lines: list[str] = []
    if one.settings:
        lines.append("    set again: " + ", ".join(shown(word) for word in one.settings))
    lines += [f"    differs on purpose: {shown(word)}" for word in one.intended]
    for trouble in one.troubles:
        lines.append(f"    {style.word('failed')}: {shown(trouble.step)}: {shown(trouble.error, 4000)}")
        lines += [f"      {shown(line, 1000)}" for line in trouble.hint.splitlines()]
    name = "the run as a whole" if one.subject == RUN else shown(one.subject, 255)
    return [f"  {name}", *lines] if lines else []
