"""The third account of the wizard, which most moves do without."""

from __future__ import annotations

from textual.widgets import OptionList

from ddbtui.draft import SideDraft
from ddbtui.screens.widgets.side_form import SideForm
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import NEW, OLD, FakeService, plan
from tests.screens.test_accounts import choose


def shown(driver: Driver) -> bool:
    return driver.one("#form-management", SideForm).display


async def test_the_management_account_is_added_and_taken_away_with_a_key() -> None:
    async with wizard(FakeService(), size=(120, 40)) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await choose(driver, "target", "prod-new")
        assert not shown(driver)
        await driver.press("f6")
        assert shown(driver)
        assert driver.screen.focused is driver.one("#management-profile", OptionList)
        await choose(driver, "management", "[/x]")
        await driver.until(lambda: driver.app.session.draft.management.verified)
        await driver.see(f"management  [/x]  {NEW} ✓  eu-west-1")
        await driver.press("f6")
        assert not shown(driver)
        assert driver.app.session.draft.management == SideDraft()
        await driver.press("ctrl+n")
        await driver.at("TablesScreen")


async def test_the_management_account_of_a_loaded_plan_is_shown_checked_and_kept() -> None:
    loaded = plan().model_copy(update={"management": plan().source})
    service = FakeService()
    async with wizard(service, "accounts", loaded, (120, 40)) as driver:
        await driver.at("AccountsScreen")
        await driver.until(lambda: driver.app.session.draft.management.verified)
        assert shown(driver)
        assert driver.app.session.draft.management.pin == OLD
        assert driver.app.session.plan() == loaded
