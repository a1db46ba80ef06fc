"""A run in plain lines, fit for the log of a CI job: only news, and no control character but the wished-for colours."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime

from ddbtui.engine.snapshot import Event, Snapshot
from ddbtui.engine.step import RUN, Progress
from ddbtui.methods.base import Estimate
from ddbtui.prerequisites.base import Change, Finding
from ddbtui.reporting.news import Item, Missed, ProgressNews
from ddbtui.reporting.style import Style
from ddbtui.text import dollars, duration, plural, shown, size

PROGRESS_SECONDS = 30.0
_LEVELS = {"info": "", "warn": "warning: ", "error": "error: "}
_WIDTH = 8


def clock(at: datetime) -> str:
    """The time of day in UTC, e.g. `09:05:00`."""
    return f"{at:%H:%M:%S}"


def progress_words(progress: Progress) -> str:
    """How far a step is, e.g. `IN_PROGRESS, 1,000 of 20,000 items (5 %)`."""
    done, total = progress.done, progress.total
    parts = [shown(progress.note, 200)] if progress.note else []
    if done is not None and total:
        share = f" ({min(100, done * 100 // total)} %)"
        parts.append(f"{_amount(done, progress.unit, bare=True)} of {_amount(total, progress.unit)}{share}")
    elif done is not None:
        parts.append(_amount(done, progress.unit))
    return ", ".join(parts)


def _amount(count: int, unit: str, *, bare: bool = False) -> str:
    if unit == "bytes":
        return size(count)
    return f"{count:,}" if bare else plural(count, "item")


def news_lines(items: Iterable[Item], style: Style) -> list[str]:
    """Render news. Steps, gates and states are told by their events, so that nothing is told twice."""
    return [line for item in items if (line := _news_line(item, style))]


def _news_line(item: Item, style: Style) -> str:
    if isinstance(item, Event):
        level = style.word(_LEVELS[item.level].rstrip(": "), meaning=item.level) + ": " if _LEVELS[item.level] else ""
        return f"{clock(item.at)} {about(item.subject)}{level}{shown(item.text, 1000)}"
    if isinstance(item, ProgressNews):
        step = item.step
        return f"{clock(item.at)} {about(item.subject)}{shown(step.title)}: {progress_words(step.progress)}"
    if isinstance(item, Missed):
        return f"{clock(item.at)} ({plural(item.count, 'event')} not shown)"
    return ""


def about(subject: str) -> str:
    """What a line about this subject begins with; one about the whole run begins with nothing."""
    return "" if subject == RUN else f"{shown(subject, 255)}: "


def opening(snapshot: Snapshot, again: bool) -> str:
    """The first line of a run."""
    verb = "resumed" if again else "started"
    return (
        f"run {shown(snapshot.run_id, 40)} {verb} on {snapshot.now:%Y-%m-%d}, all times in UTC; "
        f"{plural(snapshot.steps_total, 'step')}, {snapshot.steps_done} done"
    )


def finding_lines(finding: Finding, style: Style, *, brief: bool = False) -> list[str]:
    """Render one finding: the outcome first, then evidence, and what to do when it doesn't pass.

    Args:
        finding: what was found.
        style: colours the outcome.
        brief: whether the evidence of what passes is left out.
    """
    lines = [f"{style.word(finding.outcome, _WIDTH)}{about(finding.subject)}{shown(finding.title)}"]
    indent = " " * _WIDTH
    if finding.evidence and not (brief and finding.outcome == "pass"):
        lines.append(indent + shown(finding.evidence, 1000))
    if finding.outcome != "pass":
        lines += [indent + shown(line, 1000) for line in finding.advice.splitlines()]
        if finding.remedy:
            lines.append(f"{indent}remedy: {shown(finding.remedy.title)}")
    return lines


def summary_line(findings: Sequence[Finding]) -> str:
    """Count the outcomes, e.g. `9 pass, 1 warn, 2 fail`."""
    counts = {outcome: sum(f.outcome == outcome for f in findings) for outcome in ("pass", "warn", "unknown", "fail")}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count) or "nothing to check"


def change_lines(changes: Iterable[Change], style: Style, *, first: int = 1, texts: bool = True) -> list[str]:
    """Render changing calls, numbered: the account, the action, the resource, and what becomes of it.

    Args:
        changes: in order.
        style: colours the difference.
        first: number of the first one.
        texts: whether to show the difference of policies and the like.
    """
    lines: list[str] = []
    for number, change in enumerate(changes, first):
        lines.append(
            f"{number:>4}. {change.side} {change.account_id}  {shown(change.action, 100)}  {shown(change.resource)}"
        )
        if texts:
            lines += [f"      {line}" for line in _difference(change, style)]
    return lines


def estimate_lines(estimate: Estimate) -> list[str]:
    """Render what a move will cost and how long it may take, and what that is made of."""
    least, most = estimate.seconds
    width = max((len(dollars(line.dollars)) for line in estimate.lines), default=0)
    return [
        f"estimate: {dollars(estimate.dollars)}, {duration(least)} to {duration(most)}",
        *(f"  {dollars(line.dollars):>{width}}  {line.what} ({line.quantity})" for line in estimate.lines),
        *(f"  {note}" for note in estimate.notes),
    ]


def _difference(change: Change, style: Style) -> list[str]:
    before, after = change.before.splitlines(), change.after.splitlines()
    if not before and len(after) <= 1:
        return [shown(line, 1000) for line in after]
    lines = []
    # The first two lines name files, and a text that is all new has no place to tell.
    for line in list(difflib.unified_diff(before, after, lineterm="", n=3))[2 if before else 3 :]:
        meaning = {"+": "add", "-": "remove"}.get(line[:1], "")
        lines.append(style.word(shown(line, 1000), meaning=meaning or "-"))
    return lines


def live_line(snapshot: Snapshot, width: int) -> str:
    """The progress of the whole run in one line of at most `width` characters; empty when it has come to rest."""
    if snapshot.state not in ("running", "waiting"):
        return ""
    at_work = sum(chain.state == "running" for chain in snapshot.chains)
    items = sum(s.progress.done or 0 for c in snapshot.chains if (s := c.current) and s.progress.unit == "items")
    parts = [
        f"{snapshot.steps_done} of {snapshot.steps_total} steps",
        f"{at_work} at work",
        f"{items:,} items in the current steps" if items else "",
        f"{plural(len(snapshot.gates), 'question')} open" if snapshot.gates else "",
        clock(snapshot.now),
    ]
    return ", ".join(filter(None, parts))[: max(width, 0)]
