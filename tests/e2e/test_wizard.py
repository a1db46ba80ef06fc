"""The wizard on the simulated accounts, by its keys, from first to last screen; then its plan is replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ddbtui.plan.writer import dump_plan, plan_digest
from ddbtui.screens.app import DdbtuiApp
from ddbtui.screens.step import StepScreen
from ddbtui.screens.widgets.virtual_table import VirtualTable
from ddbtui.service import Service
from tests.e2e.support import BUCKET, ddbtui, environment
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, items, same_items


class Hand:
    """Presses keys, and looks at the screen until it shows what is waited for."""

    def __init__(self, app: DdbtuiApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def until(self, seen: Callable[[], object], what: str) -> None:
        end = asyncio.get_running_loop().time() + 60
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

    async def type(self, text: str) -> None:
        """Replace what stands in the field that has the focus."""
        assert isinstance(self.app.focused, Input)
        await self.press("end", "ctrl+u", *text)

    def row(self, table: str) -> str | None:
        return self.app.screen.query_one(table, VirtualTable).key


@pytest.mark.slow
async def test_from_the_first_question_to_the_report(
    in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    service = Service(tmp_path / "wizard")
    app = DdbtuiApp(service)
    saved = tmp_path / "wizard.yaml"
    async with app.run_test(size=(110, 36)) as pilot:
        hand = Hand(app, pilot)
        await choose_accounts(hand)
        await choose_tables(hand)
        await choose_method(hand)
        await put_right(hand)
        await save_and_start(hand, saved)
        await hand.at("RunScreen")
        run = app.session.run
        assert run
        await hand.until(lambda: run.ended, "the end of the run")
        assert run.state == "done", run.snapshot().events
        await hand.press("ctrl+n")
        await hand.at("ReportScreen")
    arrived(in_sandbox)
    plan = service.plan_of(run.run_id)
    assert saved.read_text() == dump_plan(plan)
    replay(in_sandbox, saved, tmp_path, plan_digest(plan))


def arrived(sandbox: TestSandbox) -> None:
    source, target = sandbox.client("source", "dynamodb"), sandbox.client("target", "dynamodb")
    assert sorted(target.list_tables()["TableNames"]) == ["orders", "web-sessions"]
    for name, new_name in (("orders", "orders"), ("sessions", "web-sessions")):
        left = items(source, name)
        assert left
        assert same_items(left, items(target, new_name))


def replay(sandbox: TestSandbox, saved: Path, folder: Path, digest: str) -> None:
    """Without a person, the file gives the same plan and the same tables."""
    sandbox.control("reset", seed="small", speed=0)
    env = environment(sandbox, folder)
    done = ddbtui("run", str(saved), "--yes", "--acknowledge", "writes-stopped", env=env, cwd=folder)
    assert done.returncode == 0, done.stdout[-2000:]
    arrived(sandbox)
    again = Service(folder / "state")
    assert plan_digest(again.plan_of(again.runs()[0].run_id)) == digest


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


async def choose_tables(hand: Hand) -> None:
    await hand.at("TablesScreen")
    await hand.until(lambda: hand.app.session.names.complete, "all names")
    await hand.until(lambda: hand.row("#tables") == "orders", "the rows")
    await hand.press("space", "t")
    await hand.at("Ask")
    await hand.type("web-sessions")
    await hand.press("enter")
    await hand.at("TablesScreen")
    assert list(hand.app.session.chosen_names()) == ["orders", "sessions"]
    await hand.press("ctrl+n")


async def choose_method(hand: Hand) -> None:
    await hand.at("MethodScreen")
    await hand.until(lambda: len(hand.app.session.chosen_tables()) == 2, "both inventories")
    for _ in range(12):
        if hand.row("#methods") == "s3-import":
            break
        await hand.press("down")
    await hand.press("enter")
    await hand.until(lambda: hand.app.session.draft.method == "s3-import", "the method")
    await hand.until(lambda: hand.app.focused is not None and hand.app.focused.id == "option-bucket", "its options")
    assert hand.app.screen.query_one("#option-bucket", Input).value == BUCKET
    await hand.press("ctrl+n")


async def put_right(hand: Hand) -> None:
    """Apply one remedy after the other, each after the question."""
    await hand.at("PrerequisitesScreen")
    session = hand.app.session
    await hand.until(lambda: session.checks and session.checks.complete, "all checks")
    for _ in range(6):
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
