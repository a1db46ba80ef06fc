"""`ddbtui run PLAN` and `ddbtui resume`: carry a plan out, tell what happens, end with the code of its outcome."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ddbtui.commands.common import colours, has_terminal, open_service, pick_run
from ddbtui.commands.remedies import asked, blocks, hopeless, mend
from ddbtui.commands.telling import Teller, teller_for
from ddbtui.commands.watching import watch
from ddbtui.engine.snapshot import UNFINISHED
from ddbtui.errors import Exit, UserError
from ddbtui.methods.steps.prepare import REMEDIES
from ddbtui.reporting import json_lines
from ddbtui.reporting.plain import about
from ddbtui.reporting.style import Style
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.aws.move import Move
    from ddbtui.prerequisites.base import Finding
    from ddbtui.service import Service

Consents = list[tuple[str, str]]


def run(args: argparse.Namespace) -> int:
    """Check, then carry out; or list the changing calls of a dry run."""
    return _in_its_format(args, lambda tell: _run(args, tell))


def resume(args: argparse.Namespace) -> int:
    """Go on with a run."""
    return _in_its_format(args, lambda tell: _resume(args, tell))


def _in_its_format(args: argparse.Namespace, command: Callable[[Teller], int]) -> int:
    """Let a program that reads JSON lines read of an error there, too."""
    try:
        return command(teller_for(args.output, brief=True))
    except UserError as error:
        if args.output == "json":
            print(json_lines.line(json_lines.error(error)), flush=True)
        raise


def _run(args: argparse.Namespace, tell: Teller) -> int:
    service = open_service()
    plan = service.load_plan(Path(args.plan))
    if not args.new and not args.dry_run:
        service.refuse_second(plan)  # before anything is asked of AWS
    move = service.resolve(plan)
    service.refuse_unknown_gates(move, args.acknowledge)
    findings = service.check(move, tell.finding)
    tell.findings(findings)
    if args.dry_run:
        return _dry_run(service, move, findings, tell)
    asks = has_terminal() and args.output != "json"
    consents = _consents(args)
    if any(map(blocks, findings)):
        if args.yes:
            _refuse(hopeless(findings))
            tell.note("the remedies are the first steps of the run, as --yes agrees to")
            consents.append((REMEDIES, "*"))
        elif asks:
            findings = mend(service, move, findings, asked(Style(colours())), tell)
            _refuse([finding for finding in findings if blocks(finding)])
        else:
            return _refused(findings, args.plan, tell)
    return _carry_out(service, move, consents, args, tell)


def _dry_run(service: Service, move: Move, findings: Sequence[Finding], tell: Teller) -> int:
    tell.changes(service.changes(move, findings))
    tell.estimate(service.estimate(move))
    unmended = hopeless(findings)
    if unmended:
        tell.note("a run could not start: for this there is no remedy, see the advice above")
        tell.note("\n".join(f"  {about(one.subject)}{shown(one.title)}" for one in unmended))
    return int(Exit.PREREQUISITE if unmended else Exit.DONE)


def _carry_out(service: Service, move: Move, consents: Consents, args: argparse.Namespace, tell: Teller) -> int:
    asks = has_terminal() and args.output != "json"
    active = service.start(move, consents, interactive=asks, new=args.new)
    tell.opening(active.snapshot(), False)
    return watch(service, active, tell, asks)


def _resume(args: argparse.Namespace, tell: Teller) -> int:
    service = open_service()
    run_id = pick_run(service, args.run, lambda run: run.state in UNFINISHED and run.holder is None, "unfinished run")
    asks = has_terminal() and args.output != "json"
    before = service.snapshot(run_id)
    active = service.resume(run_id, _consents(args), interactive=asks)
    tell.opening(before, True)
    return watch(service, active, tell, asks)


def _consents(args: argparse.Namespace) -> Consents:
    return [(gate, "*") for gate in args.acknowledge]


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        names = ", ".join(dict.fromkeys(finding.prerequisite for finding in findings))
        raise UserError(f"prerequisites fail: {names}", "See the advice above.", Exit.PREREQUISITE)


def _refused(findings: Sequence[Finding], plan: str, tell: Teller) -> int:
    if any(finding.remedy for finding in findings if blocks(finding)):
        tell.note(
            f"nothing was started: apply the remedies with `ddbtui check {plan} --fix`, or `ddbtui run {plan} --yes`"
        )
    else:
        tell.note("nothing was started: see the advice above")
    return int(Exit.PREREQUISITE)
