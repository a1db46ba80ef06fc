"""The wizard's app: builds what the screens share, moves between them, owns the run and the way out.

Its first frame is one line, painted before the plan's models, the service and the first question are imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ddbtui.errors import Exit, UserError
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Choice, Question
from ddbtui.screens.leaving import LeavingApp, sentence
from ddbtui.screens.themes import HIGH_CONTRAST, THEMES
from ddbtui.screens.widgets.plain import Plain, failure

if TYPE_CHECKING:
    from ddbtui.flow import Flow, StepId
    from ddbtui.plan.model import Plan
    from ddbtui.screens.session import Session
    from ddbtui.screens.step import StepScreen
    from ddbtui.service import Service


class DdbtuiApp(LeavingApp):
    """The wizard.

    Args:
        service: the front door to the engine room, or what opens it.
        plan: answers to start with.
        plan_path: where they came from; saving offers it again.
        resume: a run to go on with at once.
    """

    TITLE = "ddbtui"
    CSS_PATH = "wizard.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-middle"), (120, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", priority=True, id="wizard.quit"),
        Binding("ctrl+r", "runs", "Runs", show=False, id="wizard.runs"),
        Binding("ctrl+t", "next_theme", "Next theme", show=False, id="wizard.theme"),
    ]

    def __init__(
        self,
        service: Service | Callable[[], Service],
        plan: Plan | None = None,
        plan_path: Path | None = None,
        resume: str | None = None,
    ) -> None:
        super().__init__(lambda: _session(service, plan, plan_path))
        self.register_theme(HIGH_CONTRAST)
        self._resume = resume
        self.failed_with: Exception | None = None

    # Start

    def compose(self) -> ComposeResult:
        """The first frame."""
        yield Plain("ddbtui: starting …")

    def _fatal_error(self) -> None:
        """End after an internal error. Textual's own would print the values of variables, which may be secrets."""
        self.failed_with = self._exception
        self._close_messages_no_wait()

    def on_mount(self) -> None:
        """Paint, then begin."""
        self.catch_signals()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Show the first question, then look for an unfinished run."""
        self.push_screen(self._screen_of(self.session.flow.current))
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
            self.notify(sentence(error), severity="warning", markup=False)
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
        if run is None:
            return
        said = "" if not run.ended else f"Run {run.run_id} is over: {run.state}."
        if run.snapshot().gates:
            said = f"Run {run.run_id} has a question for you."
        if said and said != self.session.told:
            self.session.told = said
            if self.session.flow.current not in ("run", "report"):  # there it is seen
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
        from ddbtui.draft import Draft
        from ddbtui.flow import Flow

        self.session.draft = self.session.saved = Draft.from_plan(plan)
        self.session.run = run
        self.show_step(Flow("run", "run"))
        await self._identify()

    async def _identify(self) -> None:
        """Say whose accounts a resumed run is at work in, and whether this is AWS at all."""
        from ddbtui.screens.widgets.accounts_bar import AccountsBar

        session = self.session
        for side in session.draft.sides:
            draft = session.draft.side(side)
            with suppress(Exception):  # the run tells what is wrong with an account
                identity, endpoint = await in_thread(partial(session.identify, side, draft))
                if session.draft.side(side) == draft:
                    session.identified(side, identity, endpoint)
        for bar in [bar for screen in self.screen_stack for bar in screen.query(AccountsBar)]:
            bar.update_lines()

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
                label = f"{active.binding.description} ({self.get_key_display(active.binding)})"
                yield SystemCommand(label, active.binding.tooltip, lambda a=action, n=node: self._act(a, n))

    def _act(self, action: str, node: object) -> None:
        self.call_later(self.run_action, action, node)


def _session(service: Service | Callable[[], Service], plan: Plan | None, plan_path: Path | None) -> Session:
    from ddbtui.draft import Draft
    from ddbtui.screens.session import Session

    return Session(service() if callable(service) else service, Draft.from_plan(plan) if plan else None, plan_path)


def run_app(
    service: Service | Callable[[], Service],
    plan: Plan | None = None,
    plan_path: Path | None = None,
    resume: str | None = None,
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
    run = app.session.run if "session" in vars(app) else None  # it may be what could not be made
    if run is not None and not run.ended:
        run.stop()
        with suppress(Exception):
            run.wait(5)
    if app.failed_with is not None:
        raise app.failed_with
    return app.return_code or 0
