"""All the way there and back."""

from __future__ import annotations

from textual.widgets import Input, Select

from ddbtui.screens.widgets.box import Box
from tests.screens.driving import wizard
from tests.screens.fake_service import FakeService, plan


async def test_escape_through_all_screens_and_back_loses_no_answer() -> None:
    service = FakeService()
    service.outcomes = {}
    async with wizard(service, "tables", plan("orders", "customers")) as driver:
        await driver.see("2 tables chosen")
        await driver.press("t")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = "orders-new"
        await driver.press("enter")
        await driver.at("TablesScreen")
        await driver.press("p")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = "shop-*"
        await driver.press("enter")
        await driver.at("TablesScreen")
        await driver.press("ctrl+n")
        await driver.at("MethodScreen")
        await driver.see("4 of 4 tables read")
        driver.one("#option-bucket", Input).value = "another-bucket"
        driver.one("#proof", Select).value = "counts"
        driver.one("#carry-tags", Box).value = False
        await driver.press("ctrl+n")
        await driver.at("PrerequisitesScreen")
        await driver.until(lambda: driver.app.session.checks and driver.app.session.checks.complete)
        await driver.press("ctrl+n")
        await driver.at("ReviewScreen")
        answers, checks = driver.app.session.draft, driver.app.session.checks
        for name in ("Prerequisites", "Method", "Tables", "Accounts"):
            await driver.press("escape")
            await driver.at(f"{name}Screen")
        for name in ("Tables", "Method", "Prerequisites", "Review"):
            await driver.press("ctrl+n")
            await driver.at(f"{name}Screen")
        assert driver.app.session.draft == answers
        assert driver.app.session.checks is checks
        assert {choice.name: choice.target_name for choice in answers.tables} == {
            "shop-*": None,
            "orders": "orders-new",
            "customers": None,
        }
        assert (answers.options["s3-import"]["bucket"], answers.proof) == ("another-bucket", "counts")
        assert "tags" not in answers.carry_over
