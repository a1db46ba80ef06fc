"""Pictures of every screen. `pytest --snapshot-update` makes them anew; look at them then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ddbtui.engine.snapshot import Event
from ddbtui.flow import StepId
from ddbtui.screens.app import DdbtuiApp
from tests.screens.driving import Driver, at_step
from tests.screens.fake_service import NOW, FakeService, plan, run_info

SnapCompare = Callable[..., bool]
SMALL, LARGE = (80, 24), (120, 40)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "cursor_blink", False, raising=False)


def picture(
    snap_compare: SnapCompare,
    step: StepId,
    size: tuple[int, int],
    theme: str,
    drive: Callable[[Driver], Awaitable[None]],
    service: FakeService | None = None,
) -> bool:
    service = service or FakeService()
    app = at_step(DdbtuiApp(service, plan()), step)  # type: ignore[arg-type]
    app.theme = theme
    if step in ("run", "report"):
        app.session.run = service.run  # type: ignore[assignment]

    async def before(pilot: Pilot[Any]) -> None:
        driver = Driver(app, pilot)
        await driver.at(f"{step.capitalize()}Screen")
        await drive(driver)
        await pilot.pause()

    return snap_compare(app, run_before=before, terminal_size=size)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-dark"), (LARGE, "textual-light")])
def test_accounts(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """Both accounts chosen and checked against a custom endpoint."""
    service = FakeService()
    service.endpoint = "http://127.0.0.1:5000"

    async def drive(driver: Driver) -> None:
        await driver.see("account 111111111111", "account 222222222222", "not AWS")
        await driver.until(lambda: len(driver.app.session.endpoints) == 2)

    assert picture(snap_compare, "accounts", size, theme, drive, service)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-light"), (LARGE, "high-contrast")])
def test_tables(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """Two tables chosen, a third under the cursor."""

    async def drive(driver: Driver) -> None:
        await driver.see("2 tables chosen, 2.3 MiB")
        await driver.press("down", "down")
        await driver.until(lambda: len(driver.app.session.inventory.found) == 5)
        await driver.until(lambda: driver.text().count("shop-eu") == 2)

    assert picture(snap_compare, "tables", size, theme, drive)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "high-contrast"), (LARGE, "textual-dark")])
def test_method(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """The chosen method in full."""

    async def drive(driver: Driver) -> None:
        await driver.see("2 of 2 tables read", "✓ suits all 2", "5 min to 30 min")

    assert picture(snap_compare, "method", size, theme, drive)


def test_method_options(snap_compare: SnapCompare) -> None:
    """Options of the method and of the new tables: f3."""

    async def drive(driver: Driver) -> None:
        await driver.see("2 of 2 tables read", "✓ suits all 2")
        await driver.press("f3")
        await driver.see("Bucket for the export")
        await driver.until(lambda: driver.one("#option-bucket", Input).has_focus)

    assert picture(snap_compare, "method", SMALL, "textual-dark", drive)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-dark"), (LARGE, "high-contrast")])
def test_prerequisites(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """One fails, and can be put right."""

    async def drive(driver: Driver) -> None:
        await driver.see("4 prerequisites: 3 pass, 1 fail", "s3:PutBucketPolicy")

    assert picture(snap_compare, "prerequisites", size, theme, drive)


def test_remedy(snap_compare: SnapCompare) -> None:
    """The question before a remedy is applied: f."""

    async def drive(driver: Driver) -> None:
        await driver.see("1 fail")
        await driver.press("f")
        await driver.at("Question")
        await driver.see("DdbtuiWrite")

    assert picture(snap_compare, "prerequisites", SMALL, "textual-light", drive)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-dark"), (LARGE, "textual-light")])
def test_review(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """The numbers."""

    async def drive(driver: Driver) -> None:
        await driver.see("2 tables, 2,400 items", "ddbtui run plan.yaml")

    assert picture(snap_compare, "review", size, theme, drive)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-dark"), (LARGE, "high-contrast")])
def test_run(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """A table in the middle of its import."""
    service = FakeService()
    service.run.tables = ("orders", "customers")
    service.run.events = tuple(Event(n, NOW, "info", "orders", "export", f"event {n}") for n in range(1, 8))

    async def drive(driver: Driver) -> None:
        await driver.see("event 7", "25%")
        await driver.press("down")
        await driver.see("IN_PROGRESS, 300 of")

    assert picture(snap_compare, "run", size, theme, drive, service)


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "textual-light"), (LARGE, "textual-dark")])
def test_report(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    """All is well."""
    service = FakeService()
    service.run.finish("done")

    async def drive(driver: Driver) -> None:
        await driver.see("1 of 1 table moved")

    assert picture(snap_compare, "report", size, theme, drive, service)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_runs(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """The list of runs: ctrl+r."""
    service = FakeService()

    async def drive(driver: Driver) -> None:
        await driver.see("account 111111111111", "account 222222222222")
        service.run_list = [run_info(), run_info("r9999999999", "done")]
        await driver.press("ctrl+r")
        await driver.see("r9999999999", "enter shows")

    assert picture(snap_compare, "accounts", size, "textual-dark", drive, service)
