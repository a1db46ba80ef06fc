"""How long the list of tables takes to filter and paint 10,000 names."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from textual.app import App, ComposeResult

from benchmarks.result import Result
from ddbtui.screens.widgets.virtual_table import Column, VirtualTable

TABLES = 10_000
FRAME = 0.1
"""Seconds in which a key press should be answered."""
_TYPED = ("o", "or", "ord", "orde", "order", "orders", "", "*-9?", "!orders", "no such table", "7", "")


class ListApp(App[None]):
    """The list alone, as the wizard's second screen holds it."""

    def compose(self) -> ComposeResult:
        yield VirtualTable(
            [Column("Table", 20, flexible=True), Column("Items", 12), Column("Size", 10)],
            lambda name: (name, "12,345", "1.5 MiB"),
            mark=lambda _name: "[ ]",
        )


def names() -> list[str]:
    """The names of a large account's tables."""
    kinds = ("orders", "customers", "sessions", "audit", "stock")
    return [f"shop-{number:05d}-{kinds[number % len(kinds)]}" for number in range(TABLES)]


async def filtered() -> list[float]:
    """Seconds from each change of the filter until the list is painted anew."""
    app, taken = ListApp(), []
    async with app.run_test(size=(100, 30)) as pilot:
        table = app.query_one(VirtualTable)
        table.set_keys(names())
        await pilot.pause()
        for needle in _TYPED:
            painted = asyncio.Event()
            start = time.perf_counter()
            table.set_filter(needle)
            table.call_after_refresh(painted.set)
            await painted.wait()
            taken.append(time.perf_counter() - start)
    return taken


def list_filter() -> Result:
    """The slowest of a dozen filters, in the middle of five rounds."""
    rounds = [max(asyncio.run(filtered())) for _ in range(5)]
    worst = median(rounds)
    return Result(
        f"a list of {TABLES:,} tables filters and paints (slowest of {len(_TYPED)} filters)",
        f"{worst * 1000:.0f} ms",
        f"at most {FRAME * 1000:.0f} ms",
        worst <= FRAME,
    )
