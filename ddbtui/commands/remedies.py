"""From findings to prerequisites that hold: shows each remedy, asks, applies it, checks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddbtui.commands.telling import Teller
from ddbtui.engine.step import RUN
from ddbtui.prerequisites.base import Finding
from ddbtui.reporting import plain
from ddbtui.reporting.style import Style
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.aws.move import Move
    from ddbtui.service import Service

Agree = Callable[[Finding], bool]


def blocks(finding: Finding) -> bool:
    """Whether a run can't go on with this finding."""
    return finding.outcome in ("fail", "unknown")


def hopeless(findings: Sequence[Finding]) -> list[Finding]:
    """Return what would still block a run whose remedies are all applied.

    What can't be known yet (e.g. the policy of a bucket that is still to be made) counts only if nothing before it has
    a remedy.
    """
    found, mendable = [], False
    for finding in findings:
        if blocks(finding) and finding.remedy is None and (finding.outcome == "fail" or not mendable):
            found.append(finding)
        mendable = mendable or (blocks(finding) and finding.remedy is not None)
    return found


def mend(service: Service, move: Move, findings: Sequence[Finding], agree: Agree, tell: Teller) -> list[Finding]:
    """Apply remedies one after the other, each after a fresh check, since one may depend on another.

    Args:
        service: applies them.
        move: the plan made concrete.
        findings: what was found, in order.
        agree: asks for consent, shown the finding with the exact change.
        tell: is told of each finding that is new.

    Returns:
        The findings as they stand now.
    """
    now: list[Finding] = []
    changed = False
    for old in findings:
        finding = old
        if blocks(old) and changed:
            finding = service.recheck(move, old.key)
        if blocks(finding) and finding.remedy and agree(finding):
            tell.note(f"applying: {shown(finding.remedy.title)}")
            finding = service.apply_remedy(move, finding.key)
            changed = True
        if finding != old:
            tell.finding(finding)
        now.append(finding)
    return now


def asked(style: Style) -> Agree:
    """Return an `Agree` that shows the exact change on the terminal and asks."""
    from ddbtui.commands.asking import Terminal

    terminal = Terminal()

    def agree(finding: Finding) -> bool:
        assert finding.remedy is not None
        about = "" if finding.subject == RUN else f" ({shown(finding.subject, 255)})"
        terminal.say(f"\n{shown(finding.title)}{about}: {shown(finding.evidence, 1000)}")
        for line in plain.change_lines(finding.remedy.changes, style):
            terminal.say(line)
        return terminal.confirm(f"Apply this remedy: {shown(finding.remedy.title)}?")

    return agree
