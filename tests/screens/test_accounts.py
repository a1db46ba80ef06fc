from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from ddbtui.errors import UserError
from ddbtui.screens.app import DdbtuiApp
from ddbtui.screens.widgets.side_form import SideForm
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import NEW, OLD, FakeService, plan


async def choose(driver: Driver, side: str, profile: str) -> None:
    rows = driver.one(f"#{side}-profile", OptionList)
    await driver.until(lambda: rows.option_count > 1)
    rows.focus()
    names = ["default chain", *driver.app.session.service.profile_names]  # type: ignore[attr-defined]
    rows.highlighted = names.index(profile)
    await driver.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_two_profiles_are_checked_pinned_and_shown(size: tuple[int, int]) -> None:
    async with wizard(FakeService(), size=size) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await choose(driver, "target", "prod-new")
        await driver.see(f"account {OLD}", f"account {NEW}", "arn:aws:sts")
        assert driver.app.session.draft.source.aws_region == "eu-west-1"
        await driver.press("ctrl+n")
        await driver.at("TablesScreen")
        await driver.see(f"prod-old  {OLD} ✓  eu-west-1", f"prod-new  {NEW} ✓  eu-west-1")


async def test_the_same_account_is_refused_in_place() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await choose(driver, "target", "twin")
        await driver.see("is on both")
        await driver.press("ctrl+n")
        await driver.see("source and target are the same")
        assert type(driver.screen).__name__ == "AccountsScreen"


async def test_an_expired_login_says_what_to_do_and_can_be_tried_again() -> None:
    service = FakeService()
    async with wizard(service, size=(120, 40)) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "expired")
        await driver.see("aws sso login", "f5 checks again")
        before = len(service.calls)
        await driver.press("f5")
        await driver.until(lambda: len(service.calls) > before)


async def test_next_without_an_answer_says_why_and_goes_to_the_field() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await driver.press("ctrl+n")
        await driver.see("choose a profile for the source account")
        assert driver.screen.focused is driver.one("#source-profile", OptionList)


async def test_another_region_must_be_checked_again_but_keeps_the_pin() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await driver.until(lambda: driver.app.session.draft.source.verified)
        driver.one("#source-region", Input).value = "eu-central-1"
        await driver.until(lambda: not driver.app.session.draft.source.verified)
        assert driver.app.session.draft.source.pin == OLD
        await driver.until(lambda: driver.app.session.draft.source.verified)


async def test_a_custom_endpoint_is_told_on_every_screen() -> None:
    service = FakeService()
    service.endpoint = "http://127.0.0.1:5000"
    async with wizard(service) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await driver.see("source endpoint http://127.0.0.1:5000 — not AWS")


async def test_a_profile_with_markup_in_its_name_is_shown_as_it_is() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "target", "[/x]")
        await driver.see("[/x]", "SSO [acme]")
        await driver.until(lambda: driver.app.session.draft.target.verified)


async def test_another_account_than_the_plan_says_is_refused() -> None:
    other = plan().source.model_copy(update={"account_id": "333333333333"})
    app = DdbtuiApp(FakeService(), plan().model_copy(update={"source": other}))  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        await driver.see("but the plan says", "333333333333")
        assert not app.session.draft.source.verified


async def test_a_long_refusal_is_in_sight_as_a_whole_at_80_columns() -> None:
    service = FakeService()
    service.refusal = UserError(
        "the role can't be assumed: " + "its trust policy does not name you, " * 4, "Ask for it."
    )
    async with wizard(service) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "expired")
        await driver.see("the role can't be", "→ Ask for it.", "f5 checks again", "● expired")


async def test_another_profile_brings_its_region_unless_one_was_typed() -> None:
    service = FakeService()
    service.regions["prod-new"] = "us-east-1"
    async with wizard(service) as driver:
        await driver.at("AccountsScreen")
        await choose(driver, "source", "prod-old")
        await choose(driver, "source", "prod-new")
        await driver.until(lambda: driver.app.session.draft.source.aws_region == "us-east-1")
        driver.one("#source-region", Input).value = "eu-central-1"
        await choose(driver, "source", "prod-old")
        await driver.until(lambda: driver.app.session.draft.source.pin == OLD)
        assert driver.app.session.draft.source.aws_region == "eu-central-1"


async def test_the_third_form_waits_until_the_screen_stands() -> None:
    async with wizard(FakeService()) as driver:
        await driver.at("AccountsScreen")
        assert driver.screen.check_action("management", ())
        driver.screen.armed = False  # type: ignore[attr-defined]
        await driver.press("f6")
        assert not driver.one("#form-management", SideForm).display


async def test_a_third_form_that_was_opened_is_answered_or_taken_away() -> None:
    async with wizard(FakeService(), "accounts", plan()) as driver:
        await driver.at("AccountsScreen")
        await driver.see(f"✓ account {OLD}", f"account {NEW}")
        await driver.press("f6")
        await driver.until(lambda: driver.screen.focused is driver.one("#management-profile", OptionList))
        await driver.press("ctrl+n")
        await driver.see("choose a profile for the management account, or take its form away (f6)")
        await driver.press("f6", "ctrl+n")
        await driver.at("TablesScreen")
