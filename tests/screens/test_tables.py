from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.widgets import Input

from ddbtui.errors import UserError
from ddbtui.plan.model import AccountRef, Side
from ddbtui.screens.choices import Choices
from ddbtui.screens.widgets.virtual_table import VirtualTable
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import FakeService, plan

HOSTILE = ["[/x]", "[@click=app.quit]", "a\x1b[31mred", "\x1b]8;;http://evil\x07link"]


def chosen(driver: Driver) -> list[str]:
    return [choice.name for choice in driver.app.session.draft.tables]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_choose_by_space_and_see_the_inventory(size: tuple[int, int]) -> None:
    async with wizard(FakeService(), "tables", plan("orders"), size) as driver:
        await driver.see("Keys: pk (partition, S)", "1,200")
        await driver.press("down", "space")
        await driver.see("2 tables chosen")
        assert chosen(driver) == ["orders", "customers"]


async def test_filter_choose_all_none_and_invert() -> None:
    async with wizard(FakeService(), "tables", plan("orders")) as driver:
        await driver.see("5 of 5 shown")
        await driver.press("slash", *"shop", "enter")
        await driver.see("2 of 5 shown")
        await driver.press("a")
        assert chosen(driver) == ["orders", "shop-eu", "shop-us"]
        await driver.press("n")
        assert chosen(driver) == ["orders"]
        await driver.press("space", "i")
        assert chosen(driver) == ["orders", "shop-us"]
        await driver.press("slash", "escape")
        assert driver.one("#filter", Input).value == ""
        assert driver.screen.focused is driver.one("#tables", VirtualTable)


async def test_a_pattern_stands_for_tables_and_can_be_taken_away() -> None:
    async with wizard(FakeService(), "tables", plan("orders")) as driver:
        await driver.see("5 of 5 shown")
        await driver.press("p")
        await driver.at("Ask")
        await driver.press(*"shop", "enter")
        await driver.see("needs a * or a ?")
        await driver.press("*", "enter")
        await driver.at("TablesScreen")
        await driver.see("shop*  (pattern)", "[*] shop-eu", "3 tables chosen")
        assert chosen(driver) == ["shop*", "orders"]
        await driver.press("g", "space")
        await driver.see("1 table chosen")


async def test_another_name_in_the_target() -> None:
    async with wizard(FakeService(), "tables", plan("orders")) as driver:
        await driver.press("t")
        await driver.at("Ask")
        await driver.press("end", "-", "2", "enter")
        await driver.at("TablesScreen")
        await driver.see("orders-2")
        assert driver.app.session.draft.tables[0].target_name == "orders-2"


async def test_names_that_would_harm_are_shown_harmlessly() -> None:
    async with wizard(FakeService(HOSTILE), "tables", plan("orders"), (120, 40)) as driver:
        await driver.see("[/x]", "[@click=app.quit]", "a␛[31mred", "␛]8;;http://evil")
        assert "\x1b" not in driver.text()
        for _ in HOSTILE:
            await driver.press("down")
        assert driver.app.is_running


async def test_a_table_that_cannot_be_read_says_so_and_is_read_again() -> None:
    service = FakeService()
    service.failing_tables = {"orders"}
    async with wizard(service, "tables", plan("orders")) as driver:
        await driver.see("AccessDenied for dynamodb:DescribeTable")
        service.failing_tables = set()
        await driver.press("r")
        await driver.see("Keys: pk")


async def test_next_needs_a_table() -> None:
    async with wizard(FakeService(), "tables", plan("orders")) as driver:
        await driver.see("1 table chosen")
        await driver.press("n", "ctrl+n")
        await driver.see("choose at least one table")


async def test_only_rows_in_sight_or_chosen_are_read() -> None:
    service = FakeService([f"table-{i:04}" for i in range(2000)])
    async with wizard(service, "tables", plan("table-1999")) as driver:
        await driver.see("2,000 shown")
        await driver.until(lambda: driver.app.session.inventory.idle)
        await driver.until(lambda: "table-1999" in driver.app.session.inventory.found)
        assert len(driver.app.session.inventory.found) < 30


async def test_cursor_keys_page_and_jump() -> None:
    service = FakeService([f"table-{i:04}" for i in range(300)])
    async with wizard(service, "tables", plan("table-0000")) as driver:
        await driver.see("300 shown")
        table = driver.one("#tables", VirtualTable)
        await driver.press("j", "j", "k")
        assert table.cursor == 1
        await driver.press("G")
        assert table.key == "table-0299"
        await driver.see("table-0299")
        await driver.press("g", "pagedown")
        assert 3 < table.cursor < 20
        await driver.pilot.click("#tables", offset=(2, 3))
        assert table.key is not None


def test_choices_keep_target_names_and_order() -> None:
    choices = Choices(plan("b-table", "a-table").tables)
    choices.rename("b-table", "new-name")
    choices.choose("invert", ["c-table", "a-table"])
    kept = choices.in_order(["a-table", "b-table", "c-table"])
    assert [(choice.name, choice.target_name) for choice in kept] == [("b-table", "new-name"), ("c-table", None)]


def test_a_new_name_comes_back_with_its_table() -> None:
    choices = Choices(plan("orders").tables)
    choices.rename("orders", "orders-new")
    for _ in range(2):
        choices.toggle("orders")
    assert choices.exact == {"orders": "orders-new"}
    choices.choose("none", ["orders"])
    choices.choose("all", ["orders"])
    assert choices.exact == {"orders": "orders-new"}


async def test_names_that_can_t_be_listed_are_not_told_to_be_on_their_way() -> None:
    class Refusing(FakeService):
        refuse = True

        def table_names(self, side: Side, ref: AccountRef) -> Iterator[list[str]]:
            if self.refuse:
                raise UserError("dynamodb:ListTables is not allowed", "Allow it.")
            yield from super().table_names(side, ref)

    service = Refusing()
    async with wizard(service, "tables", plan("orders")) as driver:
        await driver.see("✗ dynamodb:ListTables is not allowed", "→ Allow it.", "r tries again", "could not be listed")
        assert "listing the tables …" not in driver.text()
        service.refuse = False
        await driver.press("r")
        await driver.see("5 of 5 shown")
