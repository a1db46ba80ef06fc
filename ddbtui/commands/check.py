"""`ddbtui check PLAN`: do the prerequisites hold, and what would make them hold."""

from __future__ import annotations

import argparse
from pathlib import Path

from ddbtui.commands.asking import need_terminal
from ddbtui.commands.common import colours, open_service
from ddbtui.commands.remedies import asked, blocks, mend
from ddbtui.commands.telling import teller_for
from ddbtui.errors import Exit, UserError
from ddbtui.reporting.style import Style


def check(args: argparse.Namespace) -> int:
    """Check all prerequisites; with `--fix` offer the remedies."""
    if args.yes and not args.fix:
        raise UserError(
            "--yes only goes with --fix", "`ddbtui check PLAN --fix --yes` applies all remedies.", Exit.USAGE
        )
    ask = args.fix and not args.yes
    if ask:
        need_terminal("`ddbtui check PLAN --fix --yes` applies all remedies without asking.")
        if args.output == "json":
            raise UserError("--fix asks, and JSON lines leave no room for that", "Add --yes.", Exit.USAGE)
    tell = teller_for(args.output)
    service = open_service()
    move = service.resolve(service.load_plan(Path(args.plan)))
    findings = service.check(move, tell.finding)
    tell.findings(findings)
    if args.fix and any(map(blocks, findings)):
        agree = asked(Style(colours())) if ask else lambda _finding: True
        findings = mend(service, move, findings, agree, tell)
        tell.findings(findings)
    return int(Exit.PREREQUISITE if any(map(blocks, findings)) else Exit.DONE)
