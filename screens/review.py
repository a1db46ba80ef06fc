"""The whole plan before anything happens: as YAML, in numbers, call by call. Start is the commit point."""

from __future__ import annotations

import shlex
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import TabbedContent, TabPane

from ddbtui.aws.move import Move
from ddbtui.engine.snapshot import UNFINISHED
from ddbtui.flow import Flow, StepId
from ddbtui.methods.base import Estimate
from ddbtui.methods.steps.prepare import WRITES_STOPPED
from ddbtui.prerequisites.base import Change
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Choice, Question
from ddbtui.screens.method_text import estimate_lines
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.diff import difference
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.text import dollars, duration, plural, shown, size


class ReviewScreen(StepScreen):
    """The fifth question."""

    step: ClassVar[StepId] = "review"
    question = "Is this what you want?"
    AUTO_FOCUS = "#review-tabs Tabs"
    HELP = """Review

Nothing has been moved yet. The first tab has the numbers, the second the plan exactly as it will be saved, the third \
every call that would change something, in order, with account and resource.

ctrl+s saves the plan; the command shown replays it without a person. ctrl+n starts, after one last question."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "Start", id="wizard.next"),
        Binding("ctrl+s", "save_plan", "Save plan", id="wizard.save"),
        Binding("f2", "tab('tab-numbers')", "Numbers", id="review.numbers"),
        Binding("f3", "tab('tab-plan')", "Plan", id="review.plan"),
        Binding("f4", "tab('tab-calls')", "Calls", id="review.calls"),
        Binding("f5", "reload", "Work out again", show=False, id="review.reload"),
    ]

    def body(self) -> ComposeResult:
        """Three tabs and the command."""
        with TabbedContent(id="review-tabs"):
            for title, name in (("Numbers (f2)", "numbers"), ("Plan (f3)", "plan"), ("Calls (f4)", "calls")):
                with TabPane(title, id=f"tab-{name}"), VerticalScroll(id=f"pane-{name}"):
                    yield Plain("▸ working it out …", id=f"text-{name}")
        yield Plain("", classes="summary")

    def on_mount(self) -> None:
        """Work out what takes asking."""
        self.action_reload()

    def action_reload(self) -> None:
        """Work everything out anew."""
        self.run_worker(self._load(), group="review", exclusive=True, exit_on_error=False)

    def action_tab(self, tab: str) -> None:
        """Show a tab, with the focus on what scrolls."""
        self.query_one("#review-tabs", TabbedContent).active = tab
        self.call_after_refresh(lambda: self.query_one(f"#pane-{tab.removeprefix('tab-')}").focus())

    async def _load(self) -> None:
        from ddbtui.plan.writer import dump_plan

        session = self.session
        try:
            plan = session.plan()
            self.query_one("#text-plan", Plain).update(_raw(dump_plan(plan)))
            checks = session.valid_checks()
            move = checks.move if checks else await in_thread(partial(session.service.resolve, plan))
            if session.estimate is None or session.changes is None:
                session.estimate = await in_thread(partial(session.service.estimate, move))
                session.changes = await in_thread(
                    lambda: session.service.changes(move, checks.findings.values() if checks else ())
                )
        except Exception as error:
            self.query_one("#text-numbers", Plain).update(failure(error))
            self.say("f5 tries again.")
            return
        self.query_one("#text-numbers", Plain).update(_numbers(move, session.estimate))
        self.query_one("#text-calls", Plain).update(_calls(session.changes))
        self._show_command()

    def plan_saved(self) -> None:
        """The command names the file."""
        self._show_command()

    def _show_command(self) -> None:
        path = shlex.quote(str(self.session.plan_path or "plan.yaml"))
        saved = "" if self.session.plan_path and not self.session.dirty else "  (save it first: ctrl+s)"
        self.query_one(".summary", Plain).update(
            Content.assemble(("$ ddbtui run ", "bold"), (shown(path), "bold"), saved)
        )

    async def action_next(self) -> None:
        """Ask once more, then start; a run of these answers that is at work or can go on is only shown."""
        if not self.armed:
            return
        if self.session.run_going or await self._can_go_on():
            self.armed = False
            self.wizard.show_step(self.session.flow.next())
            return
        checks = self.session.valid_checks()
        if checks is None or not checks.complete or checks.failing:
            self.say("✗ The prerequisites must be checked for these answers first (ctrl+b).")
            return
        self._start(checks.move)

    async def _can_go_on(self) -> bool:
        """Whether the run that was begun with these answers is unfinished; it may have been given up since."""
        run, service = self.session.run, self.session.service
        if run is None or not self.session.flow.can_go("run"):
            return False
        try:
            runs = await in_thread(service.runs)
        except Exception as error:
            self.say(failure(error))
            return False
        return any(one.run_id == run.run_id and one.state in UNFINISHED for one in runs)

    @work(group="start", exclusive=True, exit_on_error=False)
    async def _start(self, move: Move) -> None:
        answer = await self.app.push_screen_wait(
            Question(
                "Start the move?",
                _question(move, self.session.estimate),
                [Choice("no", "No"), Choice("yes", "Start", danger=True)],
                [(WRITES_STOPPED, "Writes to these tables have stopped (else the run asks first)")],
            )
        )
        if answer is None or answer.choice != "yes":
            return
        consents = [(WRITES_STOPPED, "*")] if WRITES_STOPPED in answer.ticked else []
        service = self.session.service
        self.say("▸ starting …")
        try:
            self.session.run = await in_thread(lambda: service.start(move, consents, interactive=True))
        except Exception as error:
            self.say(failure(error))
            return
        self.session.told = ""
        self.armed = False
        self.wizard.show_step(Flow("run", "run"))


def _raw(text: str) -> str:
    return "\n".join(shown(line, 1000) for line in text.splitlines())


def _numbers(move: Move, estimate: Estimate) -> Content:
    tables = [moving.table for moving in move.tables]
    total = f"{plural(sum(t.item_count for t in tables), 'item')}, {size(sum(t.size_bytes for t in tables))}"
    rows = [
        Content.assemble(("Tables    ", "bold"), f"{plural(len(tables), 'table')}, {total}"),
        Content.assemble(("Method    ", "bold"), move.plan.method.type),
        Content.assemble(("Proof     ", "bold"), move.plan.proof),
        Content.assemble(("Re-apply  ", "bold"), ", ".join(move.plan.carried) or "nothing"),
        *estimate_lines(estimate),
        Content(""),
    ]
    for moving in move.tables:
        new_name = f" → {shown(moving.target_name)}" if moving.target_name != moving.name else ""
        facts = f"{plural(moving.table.item_count, 'item')}, {size(moving.table.size_bytes)}"
        rows.append(Content(f"{shown(moving.name)}{new_name}  {facts}"))
    return Content("\n").join(rows)


def _calls(changes: list[Change]) -> Content:
    rows = [Content(f"{plural(len(changes), 'call')} would change something:")]
    for change in changes:
        where = f"  {shown(change.resource)}  ({change.side} {shown(change.account_id)})"
        rows.append(Content.assemble((shown(change.action), "bold"), where))
        if change.after:
            rows.append(difference(change.before, change.after))
    return Content("\n").join(rows)


def _question(move: Move, estimate: Estimate | None) -> Content:
    plan, names = move.plan, [moving.target_name for moving in move.tables]
    listed = ", ".join(shown(name, 60) for name in names[:8]) + (
        f" and {len(names) - 8} more" if len(names) > 8 else ""
    )
    rows = [
        Content.assemble("From account ", (plan.source.account_id, "bold"), f" in {plan.source.region}"),
        Content.assemble("to account   ", (plan.target.account_id, "bold"), f" in {plan.target.region}"),
        Content(f"{plural(len(names), 'new table')}: {listed}"),
    ]
    if estimate:
        least, most = estimate.seconds
        rows.append(Content(f"Estimate: {dollars(estimate.dollars)}, {duration(least)} to {duration(most)}."))
    rows += [
        Content(""),
        Content("AWS charges for what it has done even if you stop. No source table is ever deleted."),
    ]
    return Content("\n").join(rows)
