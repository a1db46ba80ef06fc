"""A person at the wizard: keys, waits, and the screens that every move goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, Select

from ddbtui.active_run import ActiveRun
from ddbtui.screens.app import DdbtuiApp
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.virtual_table import VirtualTable
from tests.support.sandbox import SOURCE, TARGET


class Hand:
    """Presses keys, and looks at the screen until it shows what is waited for."""

    def __init__(self, app: DdbtuiApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, seen: Callable[[], object], what: str, seconds: float = 60) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while not seen():
            assert asyncio.get_running_loop().time() < end, f"never seen: {what}, at {self.app.screen}"
            await self.pilot.pause(0.02)

    async def at(self, name: str) -> None:
        def stands() -> bool:
            screen = self.app.screen
            return type(screen).__name__ == name and (not isinstance(screen, StepScreen) or screen.armed)

        await self.until(stands, name)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def go_to(self, key: str, widget: str) -> None:
        """Press a key until the widget of that id has the focus."""
        for _ in range(40):
            if self.app.focused is not None and self.app.focused.id == widget:
                return
            await self.press(key)
        raise AssertionError(f"{key} does not lead to {widget}")

    async def fill_in(self, text: str) -> None:
        """Answer the field that has the focus."""
        if isinstance(self.app.focused, Select):
            words = [value for _, value in self.app.focused._options]
            await self.press("enter", "home", *["down"] * words.index(text), "enter")
            return
        await self.type(text)

    async def type(self, text: str) -> None:
        """Replace what stands in the field that has the focus."""
        assert isinstance(self.app.focused, Input)
        await self.press("end", "ctrl+u", *text)

    def row(self, table: str) -> str | None:
        return self.app.screen.query_one(table, VirtualTable).key


async def choose_accounts(hand: Hand) -> None:
    await hand.at("AccountsScreen")
    await hand.until(lambda: hand.app.session.profile_list, "profiles")
    draft = hand.app.session
    for side, profile in (("source", "source"), ("target", "target")):
        await hand.go_to("tab", f"{side}-profile")
        names = [None, *(one.name for one in draft.profile_list or [])]
        await hand.press("home", *["down"] * names.index(profile), "enter")
    await hand.until(lambda: draft.draft.source.verified and draft.draft.target.verified, "both account ids")
    assert (draft.draft.source.pin, draft.draft.target.pin) == (SOURCE, TARGET)
    await hand.press("ctrl+n")


async def choose_table(hand: Hand, name: str) -> None:
    """Choose one table, that under the cursor."""
    await hand.at("TablesScreen")
    await hand.until(lambda: hand.app.session.names.complete, "all names")
    await hand.until(lambda: hand.row("#tables") == name, "the row")
    await hand.press("space")
    assert list(hand.app.session.chosen_names()) == [name]
    await hand.press("ctrl+n")


async def choose_method(hand: Hand, method: str, options: Mapping[str, str]) -> None:
    """Choose a method, and fill in its options where they are to differ from what stands there."""
    await hand.at("MethodScreen")
    session = hand.app.session
    await hand.until(lambda: len(session.chosen_tables()) == len(session.chosen_names()), "all inventories")
    for _ in range(12):
        if hand.row("#methods") == method:
            break
        await hand.press("down")
    await hand.press("enter")
    await hand.until(lambda: session.draft.method == method, "the method")
    await hand.until(lambda: hand.app.focused in hand.app.screen.query("#method-options Input"), "its options")
    for name, text in options.items():
        await hand.go_to("tab", f"option-{name}")
        await hand.fill_in(text)
    await hand.press("ctrl+n")


async def put_right(hand: Hand) -> None:
    """Apply one remedy after the other, each after the question."""
    await hand.at("PrerequisitesScreen")
    session = hand.app.session
    await hand.until(lambda: session.checks and session.checks.complete, "all checks")
    for _ in range(20):
        checks = session.checks
        assert checks
        failing = [key for key, finding in checks.findings.items() if finding.outcome == "fail" and finding.remedy]
        if not failing:
            break
        hand.app.screen.query_one("#checks", VirtualTable).go_to("\n".join(failing[0]))
        await hand.press("f")
        await hand.at("Question")
        await hand.press("right", "enter")
        await hand.at("PrerequisitesScreen")
        await hand.until(lambda c=checks, k=failing[0]: not c.running and c.findings[k].outcome == "pass", "the remedy")
    await hand.press("R")
    await hand.until(lambda: session.checks is not checks and session.checks and session.checks.complete, "new checks")
    await hand.press("ctrl+n")


async def save_and_start(hand: Hand, path: Path) -> None:
    await hand.at("ReviewScreen")
    await hand.until(lambda: hand.app.session.changes, "the calls")
    await hand.press("ctrl+s")
    await hand.at("Ask")
    await hand.type(path.name)
    await hand.press("enter")
    await hand.until(path.exists, "the saved plan")
    await hand.at("ReviewScreen")
    await hand.press("ctrl+n")
    await hand.at("Question")
    await hand.go_to("shift+tab", "box-writes-stopped")
    await hand.press("space")
    await hand.go_to("tab", "choice-yes")
    await hand.press("enter")


async def carried_out(hand: Hand) -> ActiveRun:
    """Wait for the end of the run and go to its report."""
    await hand.at("RunScreen")
    run = hand.app.session.run
    assert run
    await hand.until(lambda: run.ended, "the end of the run", 180)
    assert run.state == "done", run.snapshot().events
    await hand.press("ctrl+n")
    await hand.at("ReportScreen")
    return run
