"""What became of it: table by table, with proof, what is left in the accounts, and what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from ddbtui.errors import UserError
from ddbtui.flow import StepId
from ddbtui.methods.base import Estimate, Method
from ddbtui.reporting.report import Report, report_of
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Ask
from ddbtui.screens.report_text import report_text
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.plain import Plain, failure
from ddbtui.text import shown


@dataclass(frozen=True)
class Told:
    """A report and what stands beside it."""

    report: Report
    method: Method | None
    estimate: Estimate | None


class ReportScreen(StepScreen):
    """The last step."""

    step: ClassVar[StepId] = "report"
    question = "What became of it"
    AUTO_FOCUS = "#report"
    HELP = """Report

What was moved and how it was proven, table by table; what ddbtui set again in the target and what it could not; what \
the run left in the accounts; what to do next.

w writes the report to a file: text, or JSON if its name ends in .json. ctrl+r lists all runs, where what is left can \
be cleaned up. ctrl+q leaves."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next", "Next", show=False, id="wizard.next"),
        Binding("w", "write", "Write to a file", id="report.write"),
        Binding("ctrl+r", "app.runs", "Runs, clean-up", id="report.runs"),
        Binding("f5", "reload", "Read again", show=False, id="report.reload"),
    ]

    def body(self) -> ComposeResult:
        """One long text."""
        with VerticalScroll(id="report"):
            yield Plain("▸ reading …", classes="report-text")

    def on_mount(self) -> None:
        """Sum up."""
        self._told: Told | None = None
        self.action_reload()

    async def action_next(self) -> None:
        """There is nothing after this."""

    def action_reload(self) -> None:
        """Sum up anew."""
        self.run_worker(self._load(), group="report", exclusive=True, exit_on_error=False)

    async def _load(self) -> None:
        session, pane = self.session, self.query_one(".report-text", Plain)
        run = session.run
        if run is None:
            pane.update("No run was started.")
            return
        try:
            plan = await in_thread(lambda: session.service.plan_of(run.run_id))
            left = await in_thread(lambda: session.service.resources(run.run_id))
        except Exception as error:
            pane.update(failure(error))
            return
        report = report_of(run.snapshot(), plan, [entry.resource for entry in left])
        self._told = Told(report, session.method(plan.method.type), session.estimate)
        pane.update(report_text(report, self._told.method, self._told.estimate))

    @work(group="write", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the report to a file, after asking where."""
        told = self._told
        if told is None:
            return

        def problem(text: str) -> str:
            path = Path(text).expanduser()
            if not text or not path.parent.is_dir() or path.is_dir():
                return "a file in a folder that exists is needed"
            return "there is such a file already" if path.exists() else ""

        start = f"ddbtui-{told.report.run_id}.txt"
        chosen = await self.app.push_screen_wait(
            Ask("Write the report", "Text, or JSON for a name in .json", start, problem)
        )
        if chosen is None:
            return
        path = Path(chosen).expanduser()
        try:
            await in_thread(lambda: _write(told, path))
        except OSError as error:
            self.say(failure(UserError(f"{shown(path)} can't be written: {error.strerror}")))
            return
        self.say(f"✓ Written to {shown(path)}")


def _write(told: Told, path: Path) -> None:
    from ddbtui.reporting.json_lines import document

    if path.suffix == ".json":
        text = document(asdict(told.report))
    else:
        text = report_text(told.report, told.method, told.estimate).plain
    with path.open("x", encoding="utf-8") as file:
        file.write(text + "\n")
