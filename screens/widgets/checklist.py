"""Prerequisites with their state, and one of them in full."""

from __future__ import annotations

from textual.content import Content

from ddbtui.engine.step import RUN
from ddbtui.prerequisites.base import Finding, Remedy
from ddbtui.screens.session import Checks, Key
from ddbtui.screens.widgets.diff import difference
from ddbtui.screens.widgets.plain import MARKS, state
from ddbtui.text import plural, shown


def word(checks: Checks, key: Key) -> str:
    """The state of a check: pending, running, or its outcome."""
    if key in checks.running:
        return "running"
    finding = checks.findings.get(key)
    return finding.outcome if finding else "pending"


TONES = {"pass": "good", "warn": "warn", "unknown": "warn", "fail": "bad", "pending": "muted"}


def cells(checks: Checks, key: Key) -> tuple[str, str]:
    """One row of the list: state, then what is checked."""
    said, about = word(checks, key), "" if key[1] == RUN else f"{shown(key[1], 60)}: "
    finding = checks.findings.get(key)
    fix = "(f) " if finding and finding.remedy and said in ("fail", "warn") else ""
    return f"{MARKS[said][0]} {said}", f"{fix}{about}{shown(checks.expected[key], 200)}"


def detail(checks: Checks, key: Key) -> Content:
    """Everything about one check: evidence, advice, and the remedy's exact change."""
    finding = checks.findings.get(key)
    about = "" if key[1] == RUN else f" · {shown(key[1], 100)}"
    parts: list[Content] = [
        Content.assemble((shown(checks.expected[key], 200), "bold"), about),
        state(word(checks, key)),
    ]
    if finding:
        parts.append(Content(shown(finding.evidence, 2000)))
        if finding.advice:
            parts.append(Content.assemble(("→ ", "bold"), shown(finding.advice, 2000)))
        if finding.remedy and finding.outcome != "pass":
            parts += [Content(""), remedy_text(finding.remedy)]
    return Content("\n").join(parts)


def remedy_text(remedy: Remedy) -> Content:
    """What a remedy would do, call by call, with the difference."""
    parts = [Content.assemble(("What ddbtui can do (f): ", "bold"), shown(remedy.title, 300))]
    for change in remedy.changes:
        where = (
            f"{shown(change.action)} on {shown(change.resource)} in {change.side} account {shown(change.account_id)}"
        )
        parts += [Content.assemble(("• ", "bold"), where), difference(change.before, change.after)]
    return Content("\n").join(parts)


def summary(checks: Checks) -> str:
    """How many of each."""
    words = [word(checks, key) for key in checks.expected]
    counts = {said: words.count(said) for said in ("pass", "warn", "fail", "unknown", "running", "pending")}
    names = ", ".join(f"{count} {said}" for said, count in counts.items() if count)
    return f"{plural(len(words), 'prerequisite')}: {names}"


def remedy_question(finding: Finding) -> Content:
    """What is asked before a remedy is applied."""
    assert finding.remedy
    return Content("\n").join([Content(f"For: {shown(finding.title, 200)}"), Content(""), remedy_text(finding.remedy)])
