"""The wizard over the real service and the sandbox: from the first screen to the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.screens.driving import Driver
from tests.support.sandbox import TestSandbox, items, same_items

TABLES = ("orders", "sessions")


@pytest.mark.slow
async def test_from_accounts_to_report(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    service = Service(tmp_path / "state")
    app = DdbtuiApp(service)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot, patience=30)
        await answer_accounts(driver)
        await answer_tables(driver)
        await answer_method(driver)
        await apply_all_remedies(driver)
        await save(driver, tmp_path / "plan.yaml")
        assert service.load_plan(tmp_path / "plan.yaml") == app.session.plan()
        await start_and_watch(driver)
        await read_report(driver)
    for name in TABLES:
        source, target = (items(in_sandbox.client(side, "dynamodb"), name) for side in ("source", "target"))
        assert source
        assert same_items(source, target)


async def answer_accounts(driver: Driver) -> None:
    """A profile for each side; the account ids are found out."""
    await driver.at("AccountsScreen")
    session = driver.app.session
    for side in ("source", "target"):
        rows = driver.one(f"#{side}-profile", OptionList)
        await driver.until(lambda rows=rows: rows.option_count > 1)
        names = [None, *(profile.name for profile in session.profile_list or [])]
        rows.focus()
        rows.highlighted = names.index(side)
        await driver.press("enter")
    await driver.until(lambda: session.draft.source.verified and session.draft.target.verified)
    await driver.see("not AWS")
    await driver.press("ctrl+n")


async def answer_tables(driver: Driver) -> None:
    """All tables but the last, which has a local index."""
    await driver.at("TablesScreen")
    session = driver.app.session
    await driver.until(lambda: session.names.complete)
    await driver.until(lambda: session.inventory.idle)
    await driver.press("a")
    await driver.until(lambda: len(session.chosen_tables()) == len(session.names))
    await driver.press("G", "space")
    await driver.press("ctrl+n")


async def answer_method(driver: Driver) -> None:
    """The first method, and a bucket for it."""
    await driver.at("MethodScreen")
    await driver.press("home", "enter")
    await driver.until(lambda: driver.app.session.draft.method == "s3-import")
    await driver.until(lambda: driver.screen.query("#option-bucket"))
    driver.one("#option-bucket", Input).value = "ddbtui-wizard-staging"
    await driver.press("ctrl+n")


async def apply_all_remedies(driver: Driver) -> None:
    """One after the other, each after its question."""
    await driver.at("PrerequisitesScreen")
    session = driver.app.session
    await driver.until(lambda: session.checks and session.checks.complete)
    await driver.pilot.pause(0.3)
    while session.checks and session.checks.failing:
        before = session.checks.failing
        await driver.press("f")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("PrerequisitesScreen")
        await driver.until(lambda before=before: session.checks and session.checks.failing < before)
        driver.screen._go_to_trouble()  # type: ignore[attr-defined]
    await driver.press("ctrl+n")


async def save(driver: Driver, path: Path) -> None:
    """Write the plan to a file."""
    await driver.at("ReviewScreen")
    await driver.see("2 tables, 42 items")
    await driver.press("ctrl+s")
    await driver.at("Ask")
    driver.one("#ask-line", Input).value = str(path)
    await driver.press("enter")
    await driver.at("ReviewScreen")
    await driver.until(path.exists)


async def start_and_watch(driver: Driver) -> None:
    """Agree to what is asked, and wait for the end."""
    await driver.press("ctrl+n")
    await driver.at("Question")
    await driver.press("shift+tab", "space", "tab", "tab", "enter")
    await driver.at("RunScreen")
    await driver.until(lambda: driver.app.session.run and driver.app.session.run.ended)
    await driver.see("✓ Done.")
    await driver.press("ctrl+n")


async def read_report(driver: Driver) -> None:
    """It tells that all has arrived."""
    await driver.at("ReportScreen")
    await driver.see("2 of 2 tables moved, 42 items", "every item is equal")
    run = driver.app.session.run
    assert run
    assert run.state == "done"
