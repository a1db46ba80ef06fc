from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from ddbtui.engine.snapshot import Event, GateView
from ddbtui.engine.step import RUN
from ddbtui.screens.run_text import event_lines, subject_name
from ddbtui.screens.throughput import Throughput
from tests.screens.driving import Driver, wizard
from tests.screens.fake_service import NOW, FakeRun, FakeService, plan


@asynccontextmanager
async def running(service: FakeService, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    async with wizard(service, "review", plan(), size) as driver:
        driver.app.session.run = service.run  # type: ignore[assignment]
        await driver.press("ctrl+n")
        await driver.at("Question" if service.run.gates else "RunScreen")
        yield driver


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_four_panes(size: tuple[int, int]) -> None:
    service = FakeService()
    service.run.events = (Event(1, NOW, "warn", "orders", "export", "[/x] \x1b[2J slow"),)
    async with running(service, size) as driver:
        await driver.see("▸ running", "25%", "42 s so far", "03:04:05 ! orders: [/x] ␛[2J slow")
        await driver.press("down")
        await driver.see("Export to S3", "IN_PROGRESS, 300 of 1,200 items")


def test_a_table_named_run_is_not_the_run_itself() -> None:
    assert [subject_name(subject) for subject in ("run", RUN)] == ["run", "the run itself"]
    events = [Event(1, NOW, "info", subject, "", "said") for subject in ("run", RUN)]
    assert [event_lines(event) for event in events] == [["03:04:05 run: said"], ["03:04:05 said"]]


async def test_next_waits_for_the_end_and_shows_the_report() -> None:
    service = FakeService()
    async with running(service) as driver:
        await driver.press("ctrl+n")
        await driver.see("the run is not over yet")
        service.run.finish("done")
        await driver.see("✓ Done.")
        await driver.press("ctrl+n")
        await driver.at("ReportScreen")
        await driver.see("1 of 1 table moved", "the counts are equal")


async def test_a_gate_is_asked_once_and_can_be_granted_for_all() -> None:
    service = FakeService()
    service.run.gates = tuple(GateView("writes-stopped", name, f"Have writes to {name} stopped?") for name in "ab")
    async with running(service) as driver:
        await driver.at("Question")
        await driver.see("Have writes to a stopped?", "The same is asked for b.")
        await driver.press("escape")
        await driver.at("RunScreen")
        await driver.see("2 questions (a)", "Left waiting")
        assert service.run.granted == []
        await driver.press("a")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("RunScreen")
        assert service.run.granted == [("writes-stopped", "a"), ("writes-stopped", "b")]


async def test_stop_and_go_on() -> None:
    service = FakeService()
    async with running(service) as driver:
        await driver.press("s")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.see("r goes on with it")
        assert service.run.stopped
        await driver.press("r")
        await driver.until(lambda: "resume r0123456789" in service.calls)
        await driver.see("▸ running")


async def test_a_failed_step_tells_why_and_what_to_do() -> None:
    service = FakeService()
    async with running(service) as driver:
        service.run.finish("failed")
        await driver.see("Some steps failed")
        await driver.press("down")
        await driver.see("Import failed: [/x]", "→ Look at the log.")


LOG_GROUP = (
    "the import ended COMPLETED with 1 errors.",
    "See CloudWatch log group /aws-dynamodb/imports, stream 01795628879153-ba9c8228/error, in account 222222222222. "
    "The table shop-orders is partial. `ddbtui resume` asks to remove it and imports again; `ddbtui clean-up` asks to "
    "remove it: the end.",
)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
async def test_cause_and_advice_are_in_sight_without_a_key(size: tuple[int, int]) -> None:
    service = FakeService()
    service.run.tables = tuple(f"table-{number:02}" for number in range(12))
    service.run.trouble, service.run.advice = LOG_GROUP
    async with running(service, size) as driver:
        await driver.see("▸ running")
        service.run.finish("failed")
        await driver.see("✗ failed  Import", LOG_GROUP[0], "the end.", "r tries them again", "table-00")


async def test_a_copy_that_differs_is_not_to_be_used() -> None:
    service = FakeService()
    async with running(service) as driver:
        service.run.finish("different")
        await driver.see("≠ different · 1 failed", "don't use it. r compares again", "Import failed")


async def test_a_failed_table_under_the_cursor_stays_in_sight_when_its_pane_shrinks() -> None:
    service = FakeService()
    service.run.tables = tuple(f"table-{number:02}" for number in range(12))
    async with running(service) as driver:
        await driver.press("end")
        await driver.see("table-11")
        service.run.finish("failed")
        await driver.see("Import failed")
        await driver.until(lambda: driver.screen.has_class("-trouble") and "table-11" in driver.text())


async def test_what_is_asked_stands_with_the_step_that_waits() -> None:
    service = FakeService()
    service.run.gates = (GateView("writes-stopped", "orders", "Have writes to orders stopped?"),)
    async with running(service) as driver:
        await driver.press("escape")
        await driver.at("RunScreen")
        await driver.press("down")
        await driver.see("a: Have writes to orders stopped?")
        assert driver.screen.check_action("gates", ())
        await driver.press("a")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("RunScreen")
        await driver.until(lambda: "Have writes" not in driver.text() and "Left waiting" not in driver.text())
        assert driver.screen.check_action("gates", ()) is None


async def test_the_log_shows_its_end() -> None:
    service = FakeService()
    service.run.events = tuple(Event(n, NOW, "info", "orders", "export", f"event {n}") for n in range(1, 90))
    async with running(service) as driver:
        await driver.see("event 89")
        service.run.events += (Event(90, NOW, "info", "orders", "export", "event 90"),)
        await driver.see("event 90")


async def test_the_end_of_a_run_is_told_once_and_not_where_it_is_seen() -> None:
    service = FakeService()
    async with running(service) as driver:
        service.run.finish("failed")
        await driver.until(lambda: "is over" in driver.app.session.told)
        await driver.press("escape")
        await driver.at("ReviewScreen")
        assert not driver.app._notifications


async def test_the_run_goes_on_while_another_screen_is_shown() -> None:
    service = FakeService()
    async with running(service) as driver:
        await driver.press("ctrl+b")
        await driver.at("ReviewScreen")
        await driver.press("ctrl+n")
        await driver.at("RunScreen")
        assert not service.run.stopped


def test_throughput_and_time_left() -> None:
    throughput, run = Throughput(), FakeRun(seconds=0)
    first = run.snapshot()
    throughput.feed(first)
    assert "time left unknown" in throughput.say(first)
    chain = first.chains[-1]
    steps = (*chain.steps[:-1], replace(chain.steps[-1], progress=replace(chain.steps[-1].progress, done=600)))
    later = replace(first, now=NOW + timedelta(seconds=10), chains=(*first.chains[:-1], replace(chain, steps=steps)))
    throughput.feed(later)
    assert throughput.rate == 30
    assert throughput.say(later) == "10 s so far · 30 items/s · about 20 s left in this step"
    assert throughput.series[-1] == 30
    assert throughput.say(replace(later, state="failed")) == "7 s so far"
    assert throughput.say(replace(later, state="done")) == "7 s in all"
