"""`ddbtui runs` and `ddbtui status`: what was carried out, and how far it is."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ddbtui.commands.common import colours, open_service
from ddbtui.errors import Exit
from ddbtui.reporting import json_lines, plain
from ddbtui.reporting.report import report_lines, report_of
from ddbtui.reporting.style import Style
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.engine.snapshot import Snapshot
    from ddbtui.service import RunInfo, Service


def runs(args: argparse.Namespace) -> int:
    """List all runs, newest first."""
    found = open_service().runs()
    if args.output == "json":
        print(json_lines.document([_fields(run) for run in found]))
        return int(Exit.DONE)
    style = Style(colours())
    if not found:
        print("there are no runs yet; start one with `ddbtui` or `ddbtui run PLAN`")
    for run in found:
        print(
            f"{shown(run.run_id, 40):<12} {style.word(run.state, 10)} {run.started:%Y-%m-%d %H:%M}Z  "
            f"{shown(run.source, 60)} -> {shown(run.target, 60)}  {shown(run.method, 40)}  {_tables(run)}"
        )
    return int(Exit.DONE)


def status(args: argparse.Namespace) -> int:
    """Show one run, by default the newest, whoever carries it out."""
    service = open_service()
    info = service.run_info(args.run)
    # The journal of a run that was killed says that it is running.
    snapshot = replace(service.snapshot(info.run_id), state=info.state)
    if args.output == "json":
        resources = [json_lines.resource_fields(entry.resource) for entry in service.resources(info.run_id)]
        fields = {**json_lines.status(snapshot), **_fields(info), "resources": resources}
        print(json_lines.document(fields))
        return int(Exit.DONE)
    for line in _status_lines(service, info, snapshot):
        print(line)
    return int(Exit.DONE)


def _status_lines(service: Service, info: RunInfo, snapshot: Snapshot) -> list[str]:
    style = Style(colours())
    if info.holder is None:
        resources = [entry.resource for entry in service.resources(info.run_id)]
        lines = report_lines(report_of(snapshot, service.plan_of(info.run_id), resources), style)
    else:
        from ddbtui.engine.lock import describe

        lines = [f"run {info.run_id}: {style.word(info.state)}, carried out by {describe(info.holder)}"]
    lines.append(f"steps: {snapshot.steps_done} of {snapshot.steps_total} done")
    for chain in snapshot.chains:
        step = chain.current
        if step:
            far = ", ".join(filter(None, [style.word(step.state), plain.progress_words(step.progress)]))
            lines.append(f"  {shown(chain.subject, 255)}: {shown(step.title)}: {far}")
    return lines


def _tables(run: RunInfo) -> str:
    names = ", ".join(shown(name, 60) for name in run.tables[:3])
    return names if len(run.tables) <= 3 else f"{names} ... ({plural(len(run.tables), 'table')})"


def _fields(run: RunInfo) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "state": run.state,
        "started": run.started,
        "ended": run.ended,
        "source": run.source,
        "target": run.target,
        "method": run.method,
        "tables": run.tables,
        "holder": asdict(run.holder) if run.holder else None,
    }
