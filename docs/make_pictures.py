"""The README's pictures: the wizard itself, driven by its keys on the simulated accounts. `make picture` runs this.

Dates and times are replaced, so that a picture changes only when the wizard does.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from ddbtui.screens.app import DdbtuiApp

FOLDER = Path(__file__).parent
SIZE = (120, 32)
PORT = 4680
"""A fixed one: the address of the simulated accounts stands on every screen."""
_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}((?: |&#160;)[0-9]{2}:[0-9]{2})?(:[0-9]{2})?")
_PATIENCE = 30.0


async def take_all() -> None:
    """Walk from the first question to the prerequisites, with a picture on the way."""
    from textual.widgets import OptionList

    from ddbtui.screens.app import DdbtuiApp
    from ddbtui.service import Service

    app = DdbtuiApp(Service(Path(os.environ["DDBTUI_STATE_DIR"])))
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: app.session.profile_list and bool(app.screen.query("#target-profile")))
        for side in ("source", "target"):
            profiles = app.screen.query_one(f"#{side}-profile", OptionList)
            names = [None, *(profile.name for profile in app.session.profile_list or [])]
            profiles.focus()
            profiles.highlighted = names.index(side)
            await pilot.press("enter")
        await _until(pilot, lambda: app.session.draft.source.verified and app.session.draft.target.verified)
        await pilot.press("ctrl+n")
        await _until(pilot, lambda: app.session.flow.current == "tables" and app.session.names.complete)
        await pilot.press("space", "space", "space", "up", "up")
        await _until(pilot, lambda: len(app.session.inventory.found) == len(app.session.names))
        await pilot.pause(0.5)
        _save(app, "wizard")
        await pilot.press("ctrl+n")
        await _until(pilot, lambda: app.session.flow.current == "method" and app.screen.armed)
        await pilot.pause(0.5)
        _save(app, "method")


async def _until(pilot: Pilot[int], true: Callable[[], object]) -> None:
    for _ in range(int(_PATIENCE / 0.1)):
        await pilot.pause(0.1)
        if true():
            return
    raise TimeoutError(f"still waiting; the screen is {pilot.app.screen}")


def _save(app: DdbtuiApp, name: str) -> None:
    picture = app.export_screenshot(title="ddbtui")
    unique = sorted(set(re.findall(r"terminal-[0-9]+", picture)))
    for old in unique:  # else every run would give its styles other names
        picture = picture.replace(old, "terminal-ddbtui")
    picture = _DATE.sub(_same_date, picture)
    path = FOLDER / f"{name}.svg"
    path.write_text(picture, encoding="utf-8")
    print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _same_date(found: re.Match[str]) -> str:
    return "2026-01-31" + ("&#160;09:00" if found[1] else "") + (":00" if found[2] else "")


def main() -> int:
    """Start the simulated accounts and take the pictures."""
    from ddbtui.sandbox.process import start

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as state, start(speed=0, port=PORT) as sandbox:
        os.environ.update(sandbox.environment, DDBTUI_STATE_DIR=state)
        asyncio.run(take_all())
    return 0


if __name__ == "__main__":
    sys.exit(main())
