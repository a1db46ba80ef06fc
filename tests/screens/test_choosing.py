"""A recovery point is chosen from a list, in the wizard over the real service and the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.widgets import Button, Input, OptionList

from ddbtui.methods.catalog import option_models
from ddbtui.plan.model import Plan
from ddbtui.screens.app import DdbtuiApp
from ddbtui.service import Service
from tests.sandbox.backing_up import THERE, backup, copy, ready
from tests.screens.driving import Driver, at_step
from tests.support.sandbox import SOURCE, TARGET, TestSandbox

BUTTON = "#choose-option-recovery_point"
FIELD = "#option-recovery_point"


def plan(**method: Any) -> Plan:
    data = {
        "source": {"profile": "source", "region": "eu-west-1", "account_id": SOURCE},
        "target": {"profile": "target", "region": "eu-west-1", "account_id": TARGET},
        "tables": [{"name": "orders"}],
        "method": {"type": "backup", "target_vault": THERE, **method},
    }
    return Plan.model_validate(data, context={"methods": option_models()})


async def press_list(driver: Driver) -> None:
    await driver.press("f3")
    await driver.until(lambda: driver.screen.query(BUTTON))
    button = driver.one(BUTTON, Button)
    await driver.until(lambda: button.focusable)
    button.focus()
    await driver.press("enter")


async def test_one_of_the_list_is_taken_into_the_plan(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    ready(in_sandbox)
    older, newer = (copy(in_sandbox, backup(in_sandbox))["DestinationRecoveryPointArn"] for _ in range(2))
    app = at_step(DdbtuiApp(Service(tmp_path / "state"), plan()), "method")
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot, patience=30)
        await driver.at("MethodScreen")
        await press_list(driver)
        await driver.at("Chooser")
        await driver.see("wait: the copy that this run makes", "newest: the newest one", " UTC, COMPLETED, ")
        assert driver.one("#choices", OptionList).option_count == 4
        await driver.press("down", "down", "down", "enter")
        await driver.at("MethodScreen")
        await driver.until(lambda: driver.one(FIELD, Input).value == older)
        await press_list(driver)
        await driver.at("Chooser")
        await driver.press("escape")
        await driver.at("MethodScreen")
        assert driver.one(FIELD, Input).value == older
        await press_list(driver)
        await driver.at("Chooser")
        await driver.press("down", "down", "enter")
        await driver.at("MethodScreen")
        await driver.until(lambda: driver.one(FIELD, Input).value == newer)
        await driver.press("ctrl+n")
        await driver.at("PrerequisitesScreen")
        assert app.session.plan() == plan(recovery_point=newer)
        await driver.see("! warn    orders: A recovery point is there")


async def test_what_keeps_the_list_from_opening_is_told(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    ready(in_sandbox)
    in_sandbox.fault("denied", times=-1, match={"operation": "ListBackupVaults"})
    app = at_step(DdbtuiApp(Service(tmp_path / "state"), plan()), "method")
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot, patience=30)
        await driver.at("MethodScreen")
        await press_list(driver)
        await driver.see("ListBackupVaults")
        driver.one("#option-target_vault", Input).value = "Default"
        await press_list(driver)
        await driver.see("the target's vault can't be looked into yet")
        assert driver.one(FIELD, Input).value == "wait"


async def test_what_is_wrong_with_a_schedule_opens_its_fields(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    app = at_step(DdbtuiApp(Service(tmp_path / "state"), plan()), "method")
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot, patience=30)
        await driver.at("MethodScreen")
        await driver.until(app.session.chosen_tables)
        driver.one("#option-schedule-cron", Input).value = "cron(0 25 ? * * *)"
        await driver.press("ctrl+n")
        await driver.see("hours (field 2, character 8): '25' is not 0 to 23")
        await driver.until(lambda: driver.one("#option-schedule-cron", Input).has_focus)
        driver.one("#option-schedule-cron", Input).value = "cron(0 5 ? * * *)"
        driver.one("#option-schedule-tag-key", Input).value = "team"
        driver.one("#option-schedule-tag-value", Input).value = "web"
        await driver.press("ctrl+n")
        await driver.see("a tag only goes with select: tag")
