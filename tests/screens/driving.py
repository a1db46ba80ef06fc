"""Drives the wizard by its keys and waits for what can be seen, never for a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from ddbtui.flow import Flow, StepId
from ddbtui.plan.model import Plan
from ddbtui.screens.app import DdbtuiApp
from ddbtui.screens.step import StepScreen
from tests.screens.fake_service import FakeService

W = TypeVar("W", bound=Widget)


class Driver:
    """Keys and waits.

    Args:
        app: the wizard.
        pilot: Textual's own driver.
        patience: seconds to wait for something at most.
    """

    def __init__(self, app: DdbtuiApp, pilot: Pilot[Any], patience: float = 10.0) -> None:
        self.app, self.pilot, self.patience = app, pilot, patience

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    async def until(self, seen: Callable[[], object], what: str = "") -> None:
        """Wait until something is seen."""
        for _ in range(round(self.patience / 0.02)):
            if seen():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"never seen: {what or seen}; screen {self.screen}:\n{self.text()}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def at(self, name: str) -> None:
        """Wait until the screen of that class name stands and takes steps."""
        await self.until(lambda: type(self.screen).__name__ == name, name)
        if isinstance(self.screen, StepScreen):
            await self.until(lambda: getattr(self.screen, "armed", False), f"{name} armed")
        await self.pilot.pause()

    async def see(self, *texts: str) -> None:
        for text in texts:
            await self.until(lambda text=text: text in self.text(), text)

    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join("".join(segment.text for segment in strip) for strip in self.strips())

    def strips(self) -> Any:
        width, height = self.app.size
        screens = [screen for screen in self.app.screen_stack if screen.is_attached]
        return screens[-1]._compositor.render_strips() if width and height else []

    def one(self, selector: str, kind: type[W]) -> W:
        return self.screen.query_one(selector, kind)


@asynccontextmanager
async def wizard(
    service: FakeService,
    step: StepId = "accounts",
    plan: Plan | None = None,
    size: tuple[int, int] = (80, 24),
    resume: str | None = None,
) -> AsyncIterator[Driver]:
    """Run the wizard; a later step is reached with the answers of `plan`, its accounts checked."""
    app = at_step(DdbtuiApp(service, plan, resume=resume), step)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        if step != "accounts":
            await driver.at(f"{step.capitalize()}Screen")
        yield driver


def at_step(app: DdbtuiApp, step: StepId) -> DdbtuiApp:
    """Let the wizard open at a step, as if its accounts were checked."""
    session = app.session
    if step != "accounts":
        session.flow = Flow(step, step)
        checked = [replace(side, verified=True) for side in (session.draft.source, session.draft.target)]
        session.draft = replace(session.draft, source=checked[0], target=checked[1])
    return app
