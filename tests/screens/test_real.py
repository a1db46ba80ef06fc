"""The wizard over the real service and the sandbox: from the first screen to the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.screens.driving import Driver
from tests.support.sandbox import TestSandbox


@pytest.mark.slow
async def test_from_accounts_to_report(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    service = Service(tmp_path / "state")
    app = DdbtuiApp(service)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot, patience=30)
        await driver.at("AccountsScreen")
        for side in ("source", "target"):
            rows = driver.one(f"#{side}-profile", OptionList)
            await driver.until(lambda rows=rows: rows.option_count > 1)
            names = [None, *(profile.name for profile in app.session.profile_list or [])]
            rows.focus()
            rows.highlighted = names.index(side)
            await driver.press("enter")
        await driver.until(lambda: app.session.draft.source.verified and app.session.draft.target.verified)
        await driver.see("not AWS")
        await driver.press("ctrl+n")
        await driver.at("TablesScreen")
        await driver.until(lambda: app.session.names.complete)
        await driver.until(lambda: app.session.inventory.idle)
        await driver.press("a")
        await driver.until(lambda: len(app.session.chosen_tables()) == len(app.session.names))
        await driver.press("G", "space")  # `threads` has a local index
        await driver.press("ctrl+n")
        await driver.at("MethodScreen")
        await driver.press("home", "enter")
        await driver.until(lambda: app.session.draft.method == "s3-import")
        await driver.until(lambda: driver.screen.query("#option-bucket"))
        driver.one("#option-bucket", Input).value = "ddbtui-wizard-staging"
        await driver.press("ctrl+n")
        await driver.at("PrerequisitesScreen")
        await driver.until(lambda: app.session.checks and app.session.checks.complete)
        await driver.pilot.pause(0.3)
        while app.session.checks and app.session.checks.failing:
            before = app.session.checks.failing
            await driver.press("f")
            await driver.at("Question")
            await driver.press("right", "enter")
            await driver.at("PrerequisitesScreen")
            await driver.until(lambda before=before: app.session.checks and app.session.checks.failing < before)
            app.screen._go_to_trouble()  # type: ignore[attr-defined]
        await driver.press("ctrl+n")
        await driver.at("ReviewScreen")
        await driver.see("2 tables, 42 items")
        await driver.press("ctrl+s")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = str(tmp_path / "plan.yaml")
        await driver.press("enter")
        await driver.at("ReviewScreen")
        await driver.until((tmp_path / "plan.yaml").exists)
        assert service.load_plan(tmp_path / "plan.yaml") == app.session.plan()
        await driver.press("ctrl+n")
        await driver.at("Question")
        await driver.press("shift+tab", "space", "tab", "tab", "enter")
        await driver.at("RunScreen")
        await driver.until(lambda: app.session.run and app.session.run.ended)
        await driver.see("✓ Done.")
        await driver.press("ctrl+n")
        await driver.at("ReportScreen")
        await driver.see("2 of 2 tables moved, 42 items", "every item is equal")
        assert app.session.run
        assert app.session.run.state == "done"
    for name in ("orders", "sessions"):
        both = [in_sandbox.client(side, "dynamodb").scan(TableName=name)["Items"] for side in ("source", "target")]
        assert sorted(map(repr, both[0])) == sorted(map(repr, both[1]))
