"""`ddbtui cancel` and `ddbtui clean-up`: give a run up, and remove what it left."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ddbtui.commands.asking import Terminal, need_terminal
from ddbtui.commands.common import open_service, pick_run
from ddbtui.engine.snapshot import UNFINISHED
from ddbtui.errors import Exit, UserError
from ddbtui.reporting import json_lines
from ddbtui.reporting.report import resource_in_words
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.engine.step import Resource
    from ddbtui.service import CleanUpResult, RunInfo, Service


def cancel(args: argparse.Namespace) -> int:
    """Give up an unfinished run."""
    service = open_service()
    run_id = pick_run(service, args.run, lambda run: run.state in UNFINISHED, "unfinished run")
    info = service.run_info(run_id)
    if info.state not in UNFINISHED:
        raise UserError(f"run {run_id} is {info.state}, there is nothing to cancel", "", Exit.USAGE)
    if not args.yes:
        need_terminal("`ddbtui cancel RUN --yes` does not ask.")
        tables = plural(len(info.tables), "table")
        question = f"Give up run {run_id} ({tables}, {info.state})? AWS is asked to stop its jobs; it can't be resumed."
        if not Terminal().confirm(question):
            print("nothing was cancelled")
            return int(Exit.DONE)
    note = service.cancel(run_id)
    print(f"run {run_id} is cancelled" + (f"; {note}" if note else ""))
    if service.resources(run_id):
        print(f"remove what it left in the accounts with: ddbtui clean-up {run_id}")
    return int(Exit.DONE)


def clean_up(args: argparse.Namespace) -> int:
    """Remove what a run left; what is only to go with consent is asked for, each."""
    service = open_service()
    run_id = pick_run(service, args.run, lambda run: _leaves(service, run), "run that left something in the accounts")
    left = list(reversed(service.leavings(run_id)))
    consents = [resource.name for resource in left if resource.fate == "ask"] if args.yes else []
    if not args.yes:
        going = [resource for resource in left if resource.fate != "keep"]
        if going:
            need_terminal("`ddbtui clean-up RUN --yes` does not ask.")
        if not _agreed([resource for resource in going if resource.fate == "remove"]):
            print("nothing was removed")
            return int(Exit.DONE)
        consents = [resource.name for resource in going if resource.fate == "ask" and _one_agreed(resource)]
    words = {resource.name: resource_in_words(resource) for resource in left}
    return _told(service.clean_up(run_id, consents), run_id, args.output, words)


def _leaves(service: Service, run: RunInfo) -> bool:
    return run.state not in UNFINISHED and any(e.resource.fate != "keep" for e in service.resources(run.run_id))


def _agreed(resources: list[Resource]) -> bool:
    """Ask once for all that was made only for the run."""
    if not resources:
        return True
    for resource in resources:
        print(f"  {resource_in_words(resource)}")
    return Terminal().confirm(f"Remove {plural(len(resources), 'resource')} that the run needed only for itself?")


def _one_agreed(resource: Resource) -> bool:
    return Terminal().confirm(f"Remove {resource_in_words(resource)}?")


def _told(result: CleanUpResult, run_id: str, output: str, words: Mapping[str, str]) -> int:
    code = Exit.FAILED if result.failed else Exit.DONE
    if output == "json":
        failed = [{"name": name, "error": error} for name, error in result.failed]
        print(json_lines.document({"run": run_id, "removed": result.removed, "kept": result.kept, "failed": failed}))
        return int(code)
    for word, names in (("removed", result.removed), ("kept", result.kept)):
        for name in names:
            print(f"{word:<8} {words[name]}")
    for name, error in result.failed:
        print(f"failed   {words[name]}: {shown(error, 1000)}")
    if not (result.removed or result.kept or result.failed):
        print("the run left nothing in the accounts")
    return int(code)
