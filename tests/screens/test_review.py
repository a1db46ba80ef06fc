from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from textual.widgets import Button, Input

from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import FakeService, plan, run_info


async def to_review(driver: Driver) -> None:
    await driver.see("pass")
    await driver.until(lambda: driver.app.session.checks and driver.app.session.checks.complete)
    await driver.press("ctrl+n")
    await driver.at("ReviewScreen")


def ready() -> FakeService:
    service = FakeService()
    service.outcomes = {}
    return service


async def test_next_shows_the_run_of_these_answers_until_it_was_given_up() -> None:
    service = ready()
    async with wizard(service, "prerequisites", plan()) as driver:
        await to_review(driver)
        await driver.press("ctrl+n")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("RunScreen")
        service.run.finish("failed")
        service.run_list = [run_info(service.run.run_id, "failed")]
        await driver.press("escape")
        await driver.at("ReviewScreen")
        await driver.press("ctrl+n")
        await driver.at("RunScreen")
        service.run_list = [run_info(service.run.run_id, "cancelled")]
        await driver.press("escape")
        await driver.at("ReviewScreen")
        await driver.press("ctrl+n")
        await driver.at("Question")
        await driver.see("Start the move?")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_numbers_plan_calls_and_command(size: tuple[int, int]) -> None:
    async with wizard(ready(), "prerequisites", plan(), size) as driver:
        await to_review(driver)
        await driver.see("2 tables, 2,400 items", "ddbtui run plan.yaml", "save it first")
        await driver.press("f3")
        await driver.see('account_id: "111111111111"', "s3-import")
        await driver.press("f4")
        await driver.see("2 calls would change", "dynamodb:ExportTableToPointInTime")


async def test_start_asks_with_the_focus_on_no_and_takes_the_box_as_consent() -> None:
    service = ready()
    async with wizard(service, "prerequisites", plan()) as driver:
        await to_review(driver)
        await driver.press("ctrl+n")
        await driver.at("Question")
        await driver.see("111111111111", "222222222222", "eu-west-1", "2 new tables: orders, customers")
        assert isinstance(driver.screen.focused, Button)
        assert driver.screen.focused.id == "choice-no"
        await driver.press("enter")
        await driver.at("ReviewScreen")
        assert "start" not in service.calls
        await driver.press("ctrl+n")
        await driver.at("Question")
        await driver.press("shift+tab", "space")
        await driver.see("[x]")
        await driver.press("tab", "tab", "enter")
        await driver.at("RunScreen")
        assert service.consents == [("writes-stopped", "*")]


async def test_the_saved_plan_is_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "my plan.yaml"
    async with wizard(ready(), "prerequisites", plan()) as driver:
        await to_review(driver)
        await driver.press("ctrl+s")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = str(path)
        await driver.press("enter")
        await driver.at("ReviewScreen")
        await driver.until(path.exists)
        assert yaml.safe_load(path.read_text())["tables"] == [{"name": "orders"}, {"name": "customers"}]
        await driver.until(lambda: "save it first" not in driver.text())
        assert not driver.app.session.dirty


async def test_an_existing_file_is_replaced_only_with_consent(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("mine")
    async with wizard(ready(), "prerequisites", plan()) as driver:
        await to_review(driver)
        await driver.press("ctrl+s")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = str(path)
        await driver.press("enter")
        await driver.at("Question")
        await driver.press("escape")
        await driver.at("ReviewScreen")
        assert path.read_text() == "mine"


async def test_start_needs_the_checks_of_these_very_answers() -> None:
    async with wizard(ready(), "review", plan()) as driver:
        await driver.press("ctrl+n")
        await driver.see("must be checked for these answers first")
