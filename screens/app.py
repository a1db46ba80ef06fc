"""The wizard's app: builds what the screens share, moves between them, owns the run and the way out."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from ddbtui.errors import Exit, UserError
from ddbtui.flow import Draft, Flow, StepId
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Ask, Choice, Question
from ddbtui.screens.session import Session
from ddbtui.screens.themes import HIGH_CONTRAST, THEMES
from ddbtui.screens.widgets.plain import failure
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.engine.snapshot import RunState
    from ddbtui.plan.model import Plan
    from ddbtui.screens.step import StepScreen
    from ddbtui.service import Service

EXIT_CODES: dict[RunState, int] = {
    "done": Exit.DONE,
    "failed": Exit.FAILED,
    "different": Exit.DIFFERENT,
    "waiting": Exit.WAITING,
    "stopped": Exit.INTERRUPTED,
    "running": Exit.INTERRUPTED,
    "cancelled": Exit.FAILED,
}
_STOP_SECONDS = 20.0
"""How long leaving waits for calls in flight; what is cut off then is picked up by `resume`."""


class DdbtuiApp(App[int]):
    """The wizard.

    Args:
        service: the front door to the engine room.
        plan: answers to start with.
        plan_path: where they came from; saving offers it again.
        resume: a run to go on with at once.
    """

    TITLE = "ddbtui"
    CSS_PATH = "wizard.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", priority=True, id="wizard.quit"),
        Binding("ctrl+r", "runs", "Runs", show=False, id="wizard.runs"),
        Binding("ctrl+t", "next_theme", "Next theme", show=False, id="wizard.theme"),
    ]

    def __init__(
        self,
        service: Service,
        plan: Plan | None = None,
        plan_path: Path | None = None,
        resume: str | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(HIGH_CONTRAST)
        self.session = Session(service, Draft.from_plan(plan) if plan else None, plan_path)
        self._resume = resume
        self._leaving = False

    # Start

    def on_mount(self) -> None:
        """Show the first question, then look for an unfinished run."""
        self._catch_signals()
        self.push_screen(self._screen_of("accounts"))
        self._greet()
        self.set_interval(1.0, self._watch_run)

    @work(group="greet", exclusive=True, exit_on_error=False)
    async def _greet(self) -> None:
        """Resume what was asked for, or offer what was left unfinished."""
        if self._resume:
            await self.resume_run(self._resume)
            return
        try:
            runs = await in_thread(self.session.service.runs)
        except Exception as error:
            self.notify(_text(error), severity="warning", markup=False)
            return
        from ddbtui.engine.snapshot import UNFINISHED
        from ddbtui.screens.resume_offer import ResumeOffer

        left = next((run for run in runs if run.state in UNFINISHED and run.holder is None), None)
        if left is None:
            return
        answer = await self.push_screen_wait(ResumeOffer(left))
        if answer == "resume":
            await self.resume_run(left.run_id)
        elif answer == "inspect":
            self.action_runs()

    def _watch_run(self) -> None:
        """Tell of a question or the end of a run while another screen is shown."""
        run = self.session.run
        if run is None or self.session.flow.current in ("run", "report"):
            return
        said = "" if not run.ended else f"Run {run.run_id} is over: {run.state}."
        if run.snapshot().gates:
            said = f"Run {run.run_id} has a question for you."
        if said and said != self.session.told:
            self.session.told = said
            self.notify(said, timeout=10, markup=False)

    # Moving

    def _screen_of(self, step: StepId) -> StepScreen:
        """Make the screen of a step; screens are imported when they are first shown."""
        from importlib import import_module

        module = import_module(f"ddbtui.screens.{step}")
        screen: StepScreen = getattr(module, f"{step.capitalize()}Screen")()
        return screen

    def show_step(self, flow: Flow) -> None:
        """Go to a step. The old screen stays until the new one stands, so nothing flickers."""
        self.session.flow = flow
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.switch_screen(self._screen_of(flow.current))

    async def resume_run(self, run_id: str) -> None:
        """Go on with a run and show it."""
        service = self.session.service
        try:
            plan = await in_thread(lambda: service.plan_of(run_id))
            run = await in_thread(lambda: service.resume(run_id, interactive=True))
        except Exception as error:
            await self.push_screen_wait(Question("The run can't go on", failure(error), [Choice("ok", "OK")]))
            return
        self.session.draft = self.session.saved = Draft.from_plan(plan)
        self.session.run = run
        self.show_step(Flow("run", "run"))

    def action_runs(self) -> None:
        """Show the list of runs."""
        from ddbtui.screens.runs import RunsScreen

        if not isinstance(self.screen, RunsScreen):
            self.push_screen(RunsScreen())

    def show_help(self, screen: Screen[None]) -> None:
        """Explain a screen."""
        from ddbtui.screens.help import HelpScreen

        self.push_screen(HelpScreen(screen))

    def action_next_theme(self) -> None:
        """Dark, light, high contrast."""
        here = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(here + 1) % len(THEMES)]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen and of the app, for the command palette."""
        yield SystemCommand("Quit", "Leave the wizard", self.action_quit)
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Runs", "List the runs: resume, inspect, clean up", self.action_runs)
        seen = {"quit", "runs", "command_palette", "help_quit", "change_theme"}
        for active in screen.active_bindings.values():
            action = active.binding.action
            if active.enabled and active.binding.description and action not in seen and "focus" not in action:
                seen.add(action)
                node = active.node
                label = f"{active.binding.description} ({active.binding.key.replace('question_mark', '?')})"
                yield SystemCommand(label, active.binding.tooltip, lambda a=action, n=node: self._act(a, n))

    def _act(self, action: str, node: object) -> None:
        self.call_later(self.run_action, action, node)

    # Saving

    @work(group="save", exclusive=True, exit_on_error=False)
    async def save_plan(self) -> None:
        """Save the plan, after asking where."""
        await self._save()

    async def _save(self) -> bool:
        """Save the plan; returns whether it was saved. Runs inside a worker."""
        try:
            plan = self.session.plan()
        except ValueError:
            self.notify("The plan is not complete yet: accounts, tables and a method are needed.", severity="warning")
            return False
        start = str(self.session.plan_path or "plan.yaml")
        chosen = await self.push_screen_wait(Ask("Save the plan", "Path of the YAML file; enter saves.", start, _path))
        if chosen is None:
            return False
        path = Path(chosen).expanduser()
        if path.exists() and path != self.session.plan_path:
            choices = [Choice("no", "No"), Choice("yes", "Replace", danger=True)]
            answer = await self.push_screen_wait(Question("Replace the file?", f"{shown(path)} exists.", choices))
            if answer is None or answer.choice != "yes":
                return False
        try:
            await in_thread(lambda: self.session.service.save_plan(plan, path))
        except Exception as error:
            self.notify(_text(error), title="Not saved", severity="error", markup=False)
            return False
        self.session.plan_path, self.session.saved = path, self.session.draft
        self.notify(f"Saved as {shown(path)}", markup=False)
        return True

    # Leaving

    async def action_quit(self) -> None:
        """Leave; asks when a run is at work or answers would be lost."""
        if not self._leaving:
            self._leaving = True
            self._quit()

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def _quit(self) -> None:
        try:
            if self.session.run_going:
                await self._leave_run()
            elif self.session.dirty:
                await self._leave_answers()
            else:
                self._end()
        finally:
            self._leaving = False

    async def _leave_run(self) -> None:
        run = self.session.run
        assert run is not None
        text = (
            f"Run {run.run_id} is at work. Jobs that AWS has accepted go on there in any case.\n\n"
            f"If you stop it, it can go on later: ddbtui resume {run.run_id}"
        )
        choices = [Choice("stay", "Stay"), Choice("stop", "Stop and leave", danger=True)]
        answer = await self.push_screen_wait(Question("Leave while the run is at work?", text, choices))
        if answer is None or answer.choice != "stop":
            return
        self.notify("Stopping: waiting for calls in flight …", timeout=_STOP_SECONDS)
        run.stop()
        with suppress(Exception):
            await in_thread(lambda: run.wait(_STOP_SECONDS))
        self._end()

    async def _leave_answers(self) -> None:
        choices = [Choice("stay", "Stay"), Choice("save", "Save the plan"), Choice("leave", "Leave", danger=True)]
        text = "Your answers are not saved. Nothing was changed in either account by the wizard's answers alone."
        answer = await self.push_screen_wait(Question("Leave without saving?", text, choices))
        if answer and (answer.choice == "leave" or (answer.choice == "save" and await self._save())):
            self._end()

    def _end(self) -> None:
        """Leave with the code that tells how the run ended."""
        run = self.session.run
        if run is None:
            self.exit(0, return_code=0)
            return
        code = int(EXIT_CODES.get(run.state, Exit.FAILED))
        resumable = run.state in ("stopped", "running", "waiting", "failed", "different")
        hint = f"Go on with: ddbtui resume {run.run_id}" if resumable else ""
        self.exit(code, return_code=code, message=Content(f"Run {run.run_id}: {run.state}. {hint}".strip()))

    def _catch_signals(self) -> None:
        """Leave the terminal in order when told to go."""
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, self._on_signal, int(number))

    def _on_signal(self, number: int) -> None:
        run = self.session.run
        if run is not None and not run.ended:
            run.stop()
        hint = f" Go on with: ddbtui resume {run.run_id}" if run else ""
        self.exit(128 + number, return_code=128 + number, message=Content(f"Ended by a signal.{hint}"))


def run_app(
    service: Service, plan: Plan | None = None, plan_path: Path | None = None, resume: str | None = None
) -> int:
    """Run the wizard and return the exit code.

    Raises:
        UserError: there is no terminal that can show it.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "") == "dumb":
        raise UserError(
            "the wizard needs a terminal",
            "Use `ddbtui plan` to answer line by line, or `ddbtui run PLAN` with a saved plan.",
            Exit.USAGE,
        )
    app = DdbtuiApp(service, plan, plan_path, resume)
    app.run()
    run = app.session.run
    if run is not None and not run.ended:
        run.stop()
        with suppress(Exception):
            run.wait(5)
    return app.return_code or 0


def _path(text: str) -> str:
    path = Path(text).expanduser()
    if not text or path.is_dir():
        return "a file name is needed"
    return "" if path.parent.is_dir() else f"there is no folder {shown(path.parent)}"


def _text(error: Exception) -> str:
    return shown(f"{error.message} {error.hint}".strip() if isinstance(error, UserError) else error)
