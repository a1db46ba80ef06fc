"""The report for the screen and for a text file."""

from __future__ import annotations

from textual.content import Content

from ddbtui.engine.step import RUN, Resource
from ddbtui.methods.base import Estimate, Method
from ddbtui.reporting.report import Report, SubjectReport
from ddbtui.screens.method_text import estimate_lines
from ddbtui.screens.run_text import subject_name
from ddbtui.screens.widgets.plain import state
from ddbtui.text import duration, plural, shown

FATES = {"keep": "yours now", "remove": "goes with clean-up", "ask": "goes only with your consent"}


def report_text(report: Report, method: Method | None, estimate: Estimate | None) -> Content:
    """Return the whole report."""
    done = sum(table.state == "done" for table in report.tables)
    items = sum(table.items or 0 for table in report.tables if table.state == "done")
    rows = [
        Content.assemble((f"Run {shown(report.run_id)}  ", "bold"), state(report.state)),
        Content(f"{report.source} → {report.target} with {report.method}, {_took(report)}"),
        Content(f"{done} of {plural(len(report.tables), 'table')} moved, {plural(items, 'item')}"),
    ]
    failed = [subject for subject in report.subjects if subject.troubles]
    if failed:
        rows += [_heading("What failed"), *(row for subject in failed for row in _subject(subject))]
    rows += [_heading("Next"), *(Content(f"• {step}") for step in report.next_steps)]
    rest = [row for subject in report.subjects if not subject.troubles for row in _subject(subject)]
    if rest:
        rows += [_heading("Tables"), *rest]
    lost = [f"{name} ({kept})" for name, kept in method.keeps.items() if kept in ("lost", "partly")] if method else []
    if lost:
        rows += [_heading("This method does not carry"), Content(", ".join(lost))]
    if report.resources:
        rows.append(_heading("Left in the accounts"))
        rows += [_resource(resource) for resource in report.resources]
    if estimate:
        rows += [_heading("Cost, as estimated before"), *estimate_lines(estimate)]
    return Content("\n").join(rows)


def _took(report: Report) -> str:
    return f"{report.started:%Y-%m-%d %H:%M} UTC, {duration((report.ended - report.started).total_seconds())}"


def _heading(text: str) -> Content:
    return Content.assemble("\n", (text, "bold underline"))


def _subject(one: SubjectReport) -> list[Content]:
    if one.subject == RUN and not one.troubles and not one.settings and not one.intended:
        return []
    renamed = f" → {shown(one.target_name)}" if one.target_name not in ("", one.subject) else ""
    told = [plural(one.items, "item")] if one.items is not None else []
    told += [shown(one.proof)] if one.proof else []
    took = [duration(one.seconds)] if one.seconds is not None else []
    line = Content.assemble(state(one.state, width=8), (f"{subject_name(one.subject)}{renamed}", "bold"))
    rows = [Content.assemble(line, f"  {', '.join(told + took)}")]
    if one.settings:
        rows.append(Content(f"    set again: {', '.join(shown(word) for word in one.settings)}"))
    rows += [Content(f"    differs on purpose: {shown(word)}") for word in one.intended]
    for trouble in one.troubles:
        rows.append(Content.assemble((f"    ✗ {shown(trouble.step)}: {shown(trouble.error, 4000)}", "$text-error")))
        rows += [Content(f"      → {shown(line, 1000)}") for line in trouble.hint.splitlines()]
    return rows


def _resource(resource: Resource) -> Content:
    fate = shown(resource.data["stays"], 500) if "stays" in resource.data else FATES[resource.fate]
    return Content(f"• {resource.side} {shown(resource.kind)} {shown(resource.name)}: {fate}")
