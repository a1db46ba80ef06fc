from __future__ import annotations

import json
from pathlib import Path

from textual.widgets import Input

from ddbtui.engine.step import Resource
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import FakeService, plan, run_info

LEFT = [
    Resource("bucket", "target", "ddbtui-[staging]", "remove"),
    Resource("table", "target", "arn:aws:dynamodb:eu-west-1:222222222222:table/orders", "ask"),
    Resource("pitr", "source", "orders", "keep"),
]


async def reported(driver: Driver, service: FakeService) -> None:
    service.run.finish("done")
    driver.app.session.run = service.run  # type: ignore[assignment]
    await driver.press("f5")


async def test_the_report_tells_and_is_written_as_text_and_json(tmp_path: Path) -> None:
    service = FakeService()
    service.resource_list = LEFT
    async with wizard(service, "report", plan(), (120, 40)) as driver:
        await reported(driver, service)
        await driver.see(
            "1 of 1 table moved, 1,200 items", "ttl", "Left in the accounts", "ddbtui-[staging]", "yours now"
        )
        for name in ("report.txt", "report.json"):
            await driver.press("w")
            await driver.at("Ask")
            driver.one("#ask-line", Input).value = str(tmp_path / name)
            await driver.press("enter")
            await driver.at("ReportScreen")
            await driver.until((tmp_path / name).exists)
    assert "1,200 items" in (tmp_path / "report.txt").read_text()
    assert json.loads((tmp_path / "report.json").read_text())["run_id"] == "r0123456789"


async def test_what_failed_comes_first() -> None:
    service = FakeService()
    service.run.tables = tuple(f"table-{number}" for number in range(2))
    service.run.finish("failed")
    async with wizard(service, "report", plan()) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        await driver.press("f5")
        await driver.see("What failed", "✗ failed  table-1", "Import failed: [/x]", "→ Look at the log.")
        assert driver.text().index("Import failed") < driver.text().index("Next")


async def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    service = FakeService()
    (tmp_path / "mine.txt").write_text("mine")
    async with wizard(service, "report", plan()) as driver:
        await reported(driver, service)
        await driver.see("moved")
        await driver.press("w")
        await driver.at("Ask")
        driver.one("#ask-line", Input).value = str(tmp_path / "mine.txt")
        await driver.press("enter")
        await driver.see("there is such a file already")


async def test_runs_are_listed_inspected_and_resumed() -> None:
    service = FakeService()
    async with wizard(service) as driver:
        await driver.at("AccountsScreen")
        service.run_list = [run_info(), run_info("r9999999999", "done")]
        await driver.press("ctrl+r")
        await driver.at("RunsScreen")
        await driver.see("r0123456789 ■ stopped", "r9999999999 ✓ done", "2 tables: orders, customers")
        await driver.press("enter")
        await driver.see("Run r0123456789")
        await driver.press("down", "r")
        await driver.see("Only a run that is not finished")
        await driver.press("up", "r")
        await driver.at("RunScreen")
        assert "resume r0123456789" in service.calls
        assert driver.app.session.draft.method == "s3-import"


async def test_clean_up_asks_and_takes_a_table_only_when_ticked() -> None:
    service = FakeService()
    service.resource_list = LEFT
    async with wizard(service, size=(120, 40)) as driver:
        await driver.at("AccountsScreen")
        service.run_list = [run_info()]
        await driver.press("ctrl+r")
        await driver.see("r0123456789")
        await driver.press("c")
        await driver.see("Only after a run that is over")
        service.run_list = [run_info(state="cancelled")]
        await driver.press("f5")
        await driver.see("cancelled")
        await driver.press("c")
        await driver.at("Question")
        await driver.see("ddbtui-[staging]", "[ ] also target table orders")
        await driver.press("right", "enter")
        await driver.see("removed: target: bucket ddbtui-[staging]")
        assert service.cleaned == ["ddbtui-[staging]"]
        await driver.press("c")
        await driver.at("Question")
        await driver.press("shift+tab", "space", "tab", "tab", "enter")
        await driver.until(lambda: len(service.cleaned) == 2)


async def test_giving_up_asks() -> None:
    service = FakeService()
    async with wizard(service) as driver:
        await driver.at("AccountsScreen")
        service.run_list = [run_info()]
        await driver.press("ctrl+r")
        await driver.see("r0123456789")
        await driver.press("x")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.see("AWS goes on with 1 job", "cancelled")
        await driver.press("escape")
        await driver.at("AccountsScreen")
