from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from ddbtui.errors import UserError
from ddbtui.screens import step as step_screen
from ddbtui.screens.app import DdbtuiApp, run_app
from tests.screens.driving import at_step, wizard
from tests.screens.fake_service import FakeService, plan, run_info


async def test_type_ahead_goes_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard(FakeService(), "accounts", plan()) as driver:
        await driver.at("AccountsScreen")
        await driver.until(lambda: driver.app.session.draft.target.verified)
        await driver.until(lambda: driver.app.session.draft.source.verified)
        monkeypatch.setattr(step_screen, "ARM_AFTER", 60)
        await driver.press("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+b", "1", "escape")
        await driver.until(lambda: type(driver.screen).__name__ == "TablesScreen")
        await driver.see("5 of 5 shown")
        assert driver.app.session.flow.current == "tables"


async def test_going_back_keeps_every_answer() -> None:
    async with wizard(FakeService(), "tables", plan("orders")) as driver:
        await driver.see("1 table chosen")
        await driver.press("down", "space", "ctrl+n")
        await driver.at("MethodScreen")
        await driver.press("f3")
        driver.one("#option-bucket", Input).value = "another-bucket"
        await driver.press("ctrl+b")
        await driver.at("TablesScreen")
        await driver.see("2 tables chosen", "[x] customers")
        await driver.press("ctrl+n")
        await driver.at("MethodScreen")
        assert driver.one("#option-bucket", Input).value == "another-bucket"


async def test_the_rail_goes_back_by_digit_and_click_but_not_ahead() -> None:
    async with wizard(FakeService(), "method", plan(), (120, 40)) as driver:
        await driver.press("5")
        await driver.see("Review comes later")
        await driver.press("2")
        await driver.at("TablesScreen")
        await driver.press("3")
        await driver.at("MethodScreen")
        await driver.pilot.click("Rail", offset=(4, 1))
        await driver.at("AccountsScreen")


@pytest.mark.parametrize("step", ["accounts", "tables", "method", "prerequisites", "review", "run", "report"])
async def test_every_screen_explains_itself(step: str) -> None:
    async with wizard(FakeService(), step, plan()) as driver:  # type: ignore[arg-type]
        await driver.at(f"{step.capitalize()}Screen")
        await driver.press("f1")
        await driver.at("HelpScreen")
        await driver.see(step.capitalize(), "esc Close")
        await driver.press("escape")
        await driver.at(f"{step.capitalize()}Screen")


async def test_the_palette_holds_the_actions_of_the_screen() -> None:
    async with wizard(FakeService(), "tables", plan()) as driver:
        await driver.press("ctrl+p")
        await driver.until(lambda: isinstance(driver.screen, CommandPalette))
        await driver.press(*"pattern")
        await driver.see("Pattern (p)")
        await driver.press("down", "enter")
        await driver.at("Ask")


async def test_unfinished_run_is_offered_and_resumed() -> None:
    service = FakeService()
    service.run_list = [run_info("r9999999999", "done"), run_info("r0123456789", "stopped")]
    async with wizard(service) as driver:
        await driver.at("ResumeOffer")
        await driver.see("2026-01-02 03:04 UTC", "r0123456789", "2 tables")
        await driver.press("right", "enter")
        await driver.at("RunScreen")
        assert "resume r0123456789" in service.calls


async def test_later_is_the_harmless_answer() -> None:
    service = FakeService()
    service.run_list = [run_info()]
    async with wizard(service) as driver:
        await driver.at("ResumeOffer")
        await driver.press("enter")
        await driver.at("AccountsScreen")
        assert not [call for call in service.calls if call.startswith("resume")]


async def test_the_rail_shows_where_you_are_on_the_smallest_terminal() -> None:
    async with wizard(FakeService(), "report", plan(), (60, 20)) as driver:
        await driver.see("✓ ✓ ✓ ✓ ✓ ✓ ▸Report")
        await driver.pilot.click("Rail", offset=(5, 0))
        await driver.at("MethodScreen")
        await driver.see("✓ ✓ ▸Method ✓ ✓ ✓ ✓")


async def test_a_run_named_at_the_start_goes_on_at_once() -> None:
    service = FakeService()
    service.endpoint = "http://127.0.0.1:5000"
    async with wizard(service, resume="r5555555555") as driver:
        await driver.at("RunScreen")
        await driver.see("r5555555555", "111111111111 ✓", "222222222222 ✓", "http://127.0.0.1:5000 — not AWS")


async def test_leaving_asks_only_when_something_would_be_lost(tmp_path: Path) -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await driver.press("ctrl+q")
        await driver.until(lambda: not driver.app.is_running)
        assert driver.app.return_code == 0


async def test_leaving_can_save_first(tmp_path: Path) -> None:
    async with wizard(FakeService(), "tables", plan()) as driver:
        await driver.see("2 tables chosen")
        await driver.press("n", "space", "ctrl+q")
        await driver.at("Question")
        await driver.press("escape")
        await driver.at("TablesScreen")
        await driver.press("ctrl+q")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = str(tmp_path / "plan.yaml")
        await driver.press("enter")
        await driver.until(lambda: not driver.app.is_running)
    assert (tmp_path / "plan.yaml").exists()


async def test_leaving_a_run_stops_it_resumable() -> None:
    service = FakeService()
    async with wizard(service, "run", plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        await driver.press("ctrl+q")
        await driver.at("Question")
        await driver.see("ddbtui resume r0123456789")
        await driver.press("enter")
        await driver.at("RunScreen")
        assert not service.run.stopped
        await driver.press("ctrl+q")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.until(lambda: not driver.app.is_running)
        assert service.run.stopped
        assert driver.app.return_code == 130


@pytest.mark.parametrize(("state", "code"), [("done", 0), ("failed", 1), ("different", 5), ("waiting", 4)])
async def test_the_exit_code_tells_how_the_run_ended(state: str, code: int) -> None:
    service = FakeService()
    service.run.finish(state)  # type: ignore[arg-type]
    async with wizard(service, "report", plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        await driver.press("ctrl+q")
        await driver.until(lambda: not driver.app.is_running)
        assert driver.app.return_code == code


@pytest.mark.parametrize(("state", "told"), [("failed", "Go on with: ddbtui resume"), ("cancelled", "cancelled.")])
async def test_leaving_tells_how_the_run_stands_now(state: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service, said = FakeService(), []
    service.run.finish("failed")
    async with wizard(service, "report", plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        service.run_list = [run_info(service.run.run_id, state)]  # type: ignore[arg-type]
        leave = driver.app.exit
        monkeypatch.setattr(driver.app, "exit", lambda *a, **k: (said.append(str(k["message"])), leave(*a, **k)))
        await driver.press("ctrl+q")
        await driver.until(lambda: not driver.app.is_running)
    assert [told in one for one in said] == [True]
    assert ("Go on with" in said[0]) == (state == "failed")


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
async def test_signals_stop_the_run_and_leave_in_order(name: str, code: int) -> None:
    service = FakeService()
    async with wizard(service, "run", plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        os.kill(os.getpid(), getattr(signal, name))
        await driver.until(lambda: not driver.app.is_running)
        assert driver.app.return_code == code
        assert service.run.stopped


async def test_ctrl_c_only_tells_how_to_leave() -> None:
    async with wizard(FakeService(), "review", plan()) as driver:
        await driver.press("ctrl+c")
        await driver.until(lambda: any("ctrl+q" in told.message for told in driver.app._notifications))
        assert driver.app.is_running


async def test_a_hanging_call_neither_freezes_nor_holds_the_way_out() -> None:
    service = FakeService()
    service.block = threading.Event()
    async with wizard(service, "accounts", plan()) as driver:
        await driver.see("asking AWS")
        await driver.press("ctrl+q")
        await driver.until(lambda: not driver.app.is_running)
    service.block.set()


async def test_too_small_a_terminal_is_told_so() -> None:
    async with wizard(FakeService(), size=(59, 19)) as driver:
        await driver.see("59 columns and 19 rows", "at least 60 columns")
        await driver.pilot.resize_terminal(80, 24)
        await driver.see("Which account has the tables")


async def test_themes_go_round() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        seen = [driver.app.theme]
        for _ in range(3):
            await driver.press("ctrl+t")
            seen.append(driver.app.theme)
        assert seen == ["textual-dark", "textual-light", "high-contrast", "textual-dark"]


def test_without_a_terminal_it_says_what_to_do_instead() -> None:
    with pytest.raises(UserError) as caught:
        run_app(FakeService())  # type: ignore[arg-type]
    assert "ddbtui run PLAN" in caught.value.hint


def test_an_internal_error_is_raised_and_no_value_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> FakeService:
        secret = "hunter" + "2"
        raise ZeroDivisionError(len(secret))

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    run = DdbtuiApp.run
    monkeypatch.setattr(DdbtuiApp, "run", lambda app: run(app, headless=True))
    with pytest.raises(ZeroDivisionError):
        run_app(broken)  # type: ignore[arg-type]
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err


def test_a_later_step_opens_with_its_answers() -> None:
    app = at_step(DdbtuiApp(FakeService(), plan()), "method")  # type: ignore[arg-type]
    assert app.session.flow.current == "method"
    assert not app.session.dirty
