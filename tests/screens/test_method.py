from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field
from textual.widgets import Input, Select

from ddbtui.plan.model import MethodOptions
from ddbtui.screens.widgets.box import Box
from ddbtui.screens.widgets.options_form import fields_of
from ddbtui.screens.widgets.virtual_table import VirtualTable
from tests.screens.driving import wizard
from tests.screens.fake_service import FakeOptions, FakeService, plan


async def test_verdicts_reasons_and_what_is_kept() -> None:
    async with wizard(FakeService(), "method", plan("orders", "with-lsi"), (120, 40)) as driver:
        await driver.see("✗ not for 1 of 2", "with-lsi: has 1 local", "local indexes: impossible", "not available yet")
        assert driver.text().index("with-lsi: has 1 local") < driver.text().index("DynamoDB exports")
        await driver.press("down", "ctrl+n")
        await driver.see("can't move 1 table")
        await driver.until(lambda: driver.one("#methods", VirtualTable).key == "s3-import")


async def test_estimate_at_80_columns() -> None:
    async with wizard(FakeService(), "method", plan()) as driver:
        await driver.see("✓ suits all 2", "5 min to 30 min", "2 of 2 tables read")


async def test_a_method_that_is_not_built_cannot_be_chosen() -> None:
    async with wizard(FakeService(), "method", plan()) as driver:
        await driver.see("suits all 2")
        await driver.press("down", "enter")
        await driver.see("Direct copy is not available yet.")
        assert driver.app.session.draft.method == "s3-import"


async def test_options_are_a_form_made_from_the_declaration() -> None:
    async with wizard(FakeService(), "method", plan()) as driver:
        await driver.press("f3")
        await driver.see("Bucket for the export", "kms key arn")
        driver.one("#option-bucket", Input).value = "x"
        await driver.press("f2")
        await driver.press("ctrl+n")
        await driver.see("bucket: ")
        await driver.until(lambda: driver.screen.focused is driver.one("#option-bucket", Input))
        driver.one("#option-bucket", Input).value = "my-bucket"
        driver.one("#option-encryption-kms_key_arn", Input).value = "arn:aws:kms:eu-west-1:222222222222:key/abc"
        await driver.press("ctrl+n")
        await driver.at("PrerequisitesScreen")
        expected = {"bucket": "my-bucket", "encryption": {"kms_key_arn": "arn:aws:kms:eu-west-1:222222222222:key/abc"}}
        assert driver.app.session.draft.options["s3-import"] == expected


async def test_a_first_choice_is_filled_in_with_the_suggestion() -> None:
    async with wizard(FakeService(), "tables", plan()) as driver:
        driver.app.session.draft = replace(driver.app.session.draft, method="", options={})
        await driver.press("ctrl+n")
        await driver.see("suits all 2")
        driver.one("#methods", VirtualTable).focus()
        await driver.press("home", "enter")
        await driver.until(lambda: driver.app.session.draft.method == "s3-import")
        await driver.see("ddbtui-222222222222-eu-west-1")


async def test_new_tables_and_settings_end_in_the_plan() -> None:
    async with wizard(FakeService(), "method", plan()) as driver:
        await driver.see("suits all 2")
        driver.one("#target-encryption", Select).value = "key"
        driver.one("#option-target_table-billing", Select).value = "on-demand"
        driver.one("#proof", Select).value = "counts"
        driver.one("#clean-up", Select).value = "nothing"
        driver.one("#carry-tags", Box).value = False
        await driver.press("ctrl+n")
        await driver.until(lambda: driver.one("#option-target_table-encryption", Input).has_focus)
        arn = "arn:aws:kms:eu-west-1:222222222222:key/abc"
        driver.one("#option-target_table-encryption", Input).value = arn
        await driver.press("ctrl+n")
        await driver.at("PrerequisitesScreen")
        made = driver.app.session.plan()
        assert (made.target_table.encryption, made.target_table.billing) == (arn, "on-demand")
        assert (made.proof, made.clean_up) == ("counts", "nothing")
        assert "tags" not in made.carried
        assert "ttl" in made.carried


async def test_a_table_that_cannot_be_read_is_named_and_read_again() -> None:
    service = FakeService()
    service.failing_tables = {"orders"}
    async with wizard(service, "method", plan()) as driver:
        await driver.see("1 of 2 tables read · orders")
        await driver.press("ctrl+n")
        await driver.see("could not be read")
        service.failing_tables = set()
        await driver.press("f5")
        await driver.see("2 of 2 tables read")


def test_fields_are_flattened_and_typed() -> None:
    class Options(MethodOptions):
        type: Literal["x"] = "x"
        workers: int = Field(10, description="How many")
        mode: Literal["fast", "slow"] = "fast"
        dry: bool = False
        names: tuple[str, ...] = ()

    found = {field.label: (field.kind, field.required) for field in fields_of(Options)}
    assert found == {
        "workers": ("number", False),
        "mode": ("word", False),
        "dry": ("flag", False),
        "names": ("list", False),
    }
    assert [field.path for field in fields_of(FakeOptions)] == [("bucket",), ("prefix",), ("encryption", "kms_key_arn")]


async def test_an_open_list_shows_all_its_choices() -> None:
    async with wizard(FakeService(), "method", plan(), (120, 40)) as driver:
        await driver.press("f4")
        await driver.until(lambda: driver.one("#proof", Select).focusable)
        driver.one("#proof", Select).focus()
        await driver.press("enter")
        await driver.see("every item, by digest", "item counts only", "none")
