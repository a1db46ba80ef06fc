"""The way out: saving the plan, leaving with the right exit code, and signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.content import Content

from ddbtui.errors import Exit, UserError
from ddbtui.screens.background import in_thread
from ddbtui.screens.confirm import Ask, Choice, Question
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.engine.snapshot import RunState
    from ddbtui.screens.session import Session

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


class LeavingApp(App[int]):
    """An app with a session that can be saved and left in order.

    Args:
        make_session: makes what the wizard knows; called when it is first needed.
    """

    def __init__(self, make_session: Callable[[], Session]) -> None:
        super().__init__()
        self._make_session = make_session
        self._leaving = False

    @cached_property
    def session(self) -> Session:
        """What the wizard knows."""
        return self._make_session()

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
            self.notify(sentence(error), title="Not saved", severity="error", markup=False)
            return False
        from ddbtui.screens.step import StepScreen

        self.session.plan_path, self.session.saved = path, self.session.draft
        for screen in self.screen_stack:
            if isinstance(screen, StepScreen):
                screen.plan_saved()
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
        state = run.state
        with suppress(Exception):  # it may have been given up since
            state = next((one.state for one in self.session.service.runs() if one.run_id == run.run_id), state)
        code = int(EXIT_CODES.get(state, Exit.FAILED))
        resumable = state in ("stopped", "running", "waiting", "failed", "different")
        hint = f"Go on with: ddbtui resume {run.run_id}" if resumable else ""
        self.exit(code, return_code=code, message=Content(f"Run {run.run_id}: {state}. {hint}".strip()))

    def catch_signals(self) -> None:
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


def _path(text: str) -> str:
    path = Path(text).expanduser()
    if not text or path.is_dir():
        return "a file name is needed"
    return "" if path.parent.is_dir() else f"there is no folder {shown(path.parent)}"


def sentence(error: Exception) -> str:
    """Return an error and what to do about it as one line."""
    return shown(f"{error.message} {error.hint}".strip() if isinstance(error, UserError) else error)
