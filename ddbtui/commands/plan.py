"""`ddbtui plan`: the wizard's questions line by line, and the plan as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ddbtui.commands.asking import Terminal, need_terminal
from ddbtui.commands.common import colours, open_service
from ddbtui.errors import Exit, UserError
from ddbtui.reporting.style import Style
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.plan.model import Plan
    from ddbtui.service import Service


def plan(args: argparse.Namespace) -> int:
    """Ask, save, and offer to check the prerequisites."""
    need_terminal("Write the plan by hand (`ddbtui schema` describes it), then `ddbtui run PLAN`.")
    path = Path(args.out)
    if path.exists() and not args.force:
        raise UserError(f"{shown(path)} exists", "Choose another file with -o, or replace it with --force.", Exit.USAGE)
    from ddbtui.aws import account
    from ddbtui.prompts.questions import ask_plan

    account.MFA_PROMPT = _mfa_code
    terminal, service = Terminal(), open_service()
    made = ask_plan(service, terminal)
    service.save_plan(made, path)
    print(f"saved: {shown(path)}")
    if terminal.confirm("Check the prerequisites now?", default=True):
        _check(service, made)
    print(f"next: ddbtui run {shown(path)}")
    return int(Exit.DONE)


def _check(service: Service, made: Plan) -> None:
    from ddbtui.commands.remedies import asked, blocks, mend
    from ddbtui.commands.telling import PlainTeller

    tell = PlainTeller()
    move = service.resolve(made)
    findings = service.check(move, tell.finding)
    tell.findings(findings)
    if any(blocks(finding) and finding.remedy for finding in findings):
        tell.findings(mend(service, move, findings, asked(Style(colours())), tell))


def _mfa_code(question: str) -> str:
    import questionary

    return str(questionary.password(shown(question)).unsafe_ask())
