"""What the keys are, and that each can be seen: the footer, the dialogs, the palette."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from ddbtui.flow import STEPS, StepId
from ddbtui.screens.confirm import Choice, Question
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import FakeService, plan


def keys_in_sight(driver: Driver) -> list[str]:
    """The footer's keys; all of them must be in sight as a whole."""
    keys = [key for key in driver.screen.query("FooterKey") if key.display]
    assert max(key.region.right for key in keys) <= driver.app.size.width
    return [str(key.render()).split(maxsplit=1)[1] for key in keys]


@pytest.mark.parametrize("step", STEPS)
async def test_every_key_of_the_footer_is_in_sight_at_80_columns(step: StepId) -> None:
    service = FakeService()
    async with wizard(service, step, plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        await driver.at(f"{step.capitalize()}Screen")
        await driver.see("^q Quit")
        assert {"Back", "Help", "Quit"} <= set(keys_in_sight(driver))


async def test_the_list_of_runs_has_all_its_keys_in_sight() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await driver.press("ctrl+r")
        await driver.at("RunsScreen")
        await driver.see("esc Back", "^q Quit")
        assert {"Resume", "Clean up", "Give up"} <= set(keys_in_sight(driver))


async def test_help_tells_keys_as_the_footer_does_and_the_palette_s() -> None:
    async with wizard(FakeService(), "tables", plan()) as driver:
        await driver.press("question_mark")
        await driver.at("HelpScreen")
        await driver.press("end")
        await driver.see("/  Filter", "^p  palette")


async def test_the_palette_names_keys_as_the_footer_does() -> None:
    async with wizard(FakeService(), "tables", plan()) as driver:
        await driver.press("ctrl+p")
        await driver.until(lambda: isinstance(driver.screen, CommandPalette))
        await driver.press(*"filter")
        await driver.see("Filter (/)")


@pytest.mark.parametrize("size", [(80, 24), (80, 20), (160, 50)])
async def test_a_long_question_is_read_to_its_end_by_keys(size: tuple[int, int]) -> None:
    text = "\n".join(f"line {number}" for number in range(60)) + "\nthe last line"
    boxes = [(f"b{number}", f"box {number}") for number in range(12)]
    async with wizard(FakeService(), size=size) as driver:
        await driver.at("AccountsScreen")
        driver.app.push_screen(
            Question("Sure?", text, [Choice("no", "No"), Choice("yes", "Go on", danger=True)], boxes)
        )
        await driver.see("Sure?", "line 0", "box 0", "No", "Go on", "Scroll")
        assert "the last line" not in driver.text()
        await driver.press(*["pagedown"] * 14)
        await driver.see("the last line", "Go on")
        await driver.press("up")
        await driver.see("box 11")
        await driver.press("pageup", "escape")
        await driver.at("AccountsScreen")


async def test_a_short_question_has_nothing_to_scroll() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        driver.app.push_screen(Question("Sure?", "It is short.", [Choice("no", "No")]))
        await driver.see("It is short.", "esc Back")
        await driver.pilot.pause()
        assert "Scroll" not in driver.text()


async def test_what_stands_in_the_way_goes_once_it_is_answered() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await driver.press("ctrl+n")
        await driver.see("✗ choose a profile for the source account")
        await driver.press("enter")
        await driver.see("✗ choose a profile for the target account")
        driver.one("#target-profile", OptionList).focus()
        await driver.press("down", "enter")
        await driver.see("✓ account 222222222222")
        await driver.until(lambda: "✗" not in driver.text())
