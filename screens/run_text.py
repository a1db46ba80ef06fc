"""A snapshot in rows and lines."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ddbtui.engine.snapshot import ChainView, Event, GateView, Snapshot, StepView
from ddbtui.engine.step import RUN, Progress
from ddbtui.screens.widgets.plain import MARKS, state
from ddbtui.screens.widgets.virtual_table import Column
from ddbtui.text import duration, plural, shown, size

COLUMNS = (Column("Table", 9, flexible=True), Column("State", 9), Column("Progress", 12))
_ORDER = ("failed", "waiting", "running", "pending", "done")
_GROUPS = (("", _ORDER[:3]), ("Next", ("pending",)), ("Done", ("done",)))


class Tables:
    """The rows of the run's table: one for each subject, its chains together."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.chains: dict[str, list[ChainView]] = {}
        self._gates: tuple[GateView, ...] = ()

    def take(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        self.chains = {}
        for chain in snapshot.chains:
            self.chains.setdefault(chain.subject, []).append(chain)
        self.keys = list(self.chains)
        self._gates = snapshot.gates

    def of(self, subject: str) -> tuple[list[ChainView], list[GateView]]:
        """The chains of a subject, and what it is asked."""
        return self.chains.get(subject, []), [gate for gate in self._gates if gate.subject == subject]

    @property
    def failed(self) -> list[str]:
        """The subjects that failed."""
        return [subject for subject in self.keys if combined(self.chains[subject]) == "failed"]

    def cells(self, subject: str) -> tuple[str, str, str]:
        """The texts of a row."""
        chains = self.chains[subject]
        said = combined(chains)
        sign = MARKS[said][0]
        return subject_name(subject), f"{sign} {said}", progress_text(chains)


def subject_name(subject: str) -> str:
    """A table's name, or what the run's own chain is called."""
    return "the run itself" if subject == RUN else shown(subject)


def combined(chains: Sequence[ChainView]) -> str:
    """One state for the chains of a subject."""
    states = {chain.state for chain in chains}
    if states == {"pending", "done"}:
        return "pending"
    return next(word for word in _ORDER if word in states)


def progress_text(chains: Sequence[ChainView]) -> str:
    """How far a subject is: percent of the step at work, else steps done."""
    current = next((chain.current for chain in chains if chain.current), None)
    if current and current.state == "running" and current.progress.total and current.progress.done is not None:
        part = min(current.progress.done / current.progress.total, 1.0)
        return f"{bar(part, 6)} {part:4.0%}"
    steps = [step for chain in chains for step in chain.steps]
    done = sum(step.state == "done" for step in steps)
    return f"{done}/{len(steps)} steps"


def bar(part: float, width: int) -> str:
    """A bar of full and empty cells."""
    full = round(part * width)
    return "█" * full + "░" * (width - full)


def steps_text(chains: Sequence[ChainView], gates: Sequence[GateView] = ()) -> Content:
    """The steps of one subject, with what each says: first what failed, waits or is at work, so that it is in sight.

    Args:
        chains: the subject's.
        gates: what the subject is asked.
    """
    steps = [step for chain in chains for step in chain.steps]
    rows: list[Content] = []
    for heading, states in _GROUPS:
        some = [step for step in steps if step.state in states]
        if heading and some and len(some) < len(steps):
            rows.append(Content.assemble((heading, "bold $text-muted")))
        rows += [row for step in some for row in _step(step)]
        if not heading:
            rows += [Content.assemble(("    a: ", "bold"), shown(gate.question, 2000)) for gate in gates]
    return Content("\n").join(rows) if rows else Content("Nothing yet.")


def _step(step: StepView) -> list[Content]:
    took = f"  {duration((step.ended - step.started).total_seconds())}" if step.started and step.ended else ""
    retry = f"  attempt {step.attempt}" if step.attempt > 1 else ""
    rows = [Content.assemble(state(step.state, width=8), shown(step.title, 100), (f"{took}{retry}", "$text-muted"))]
    if step.state == "running" and (said := _progress(step.progress)):
        rows.append(Content(f"    {said}"))
    if step.error and step.state in ("failed", "waiting", "running"):
        rows.append(Content.assemble((f"    {shown(step.error, 2000)}", "$text-error")))
    if step.hint and step.state == "failed":
        rows.append(Content.assemble(("    → ", "bold"), shown(step.hint, 2000)))
    return rows


def _progress(progress: Progress) -> str:
    parts = [shown(progress.note, 200)] if progress.note else []
    if progress.done is not None:
        count = size if progress.unit == "bytes" else "{:,.0f}".format
        total = f" of {count(progress.total)}" if progress.total else ""
        parts.append(f"{count(progress.done)}{total}" + (" items" if progress.unit == "items" else ""))
    return ", ".join(parts)


def overview(snapshot: Snapshot) -> Content:
    """The line on top: state, what failed, questions, steps."""
    failed = len({chain.subject for chain in snapshot.chains if chain.state == "failed"})
    tables = {chain.subject for chain in snapshot.chains} - {RUN}
    waiting = f" · {plural(len(snapshot.gates), 'question')} (a)" if snapshot.gates else ""
    part = snapshot.steps_done / snapshot.steps_total if snapshot.steps_total else 0.0
    return Content.assemble(
        f"Run {shown(snapshot.run_id, 20)}  ",
        state(snapshot.state),
        (f" · {failed} failed" if failed else "", "bold $text-error"),
        (waiting, "bold $text-warning"),
        f"  {bar(part, 10)} {snapshot.steps_done}/{snapshot.steps_total} steps, {plural(len(tables), 'table')}",
    )


def event_lines(event: Event) -> list[str]:
    """An event as lines of the log."""
    about = "" if event.subject == RUN else f"{shown(event.subject, 60)}: "
    level = {"info": "", "warn": "! ", "error": "✗ "}[event.level]
    return [f"{event.at:%H:%M:%S} {level}{about}{shown(event.text, 1000)}"]


def gates_question(gates: Sequence[GateView]) -> Content:
    """What several gates of one kind ask."""
    rows = [Content(shown(gates[0].question, 2000))]
    if len(gates) > 1:
        others = ", ".join(shown(gate.subject, 60) for gate in gates[1:11])
        more = f" and {len(gates) - 11} more" if len(gates) > 11 else ""
        rows += [Content(""), Content(f"The same is asked for {others}{more}.")]
    return Content("\n").join(rows)
