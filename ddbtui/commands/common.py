"""What several commands share: the service, and whether a person sits in front of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ddbtui.errors import Exit, UserError
from ddbtui.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ddbtui.service import RunInfo, Service


def open_service() -> Service:
    """Return the front door to the engine room, on this user's state folder."""
    from ddbtui.service import Service

    return Service()


def has_terminal() -> bool:
    """Whether a person can be asked: input and output are a terminal that can move its cursor."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def colours() -> bool:
    """Whether plain output may be coloured. See https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"


def pick_run(service: Service, wanted: str | None, suits: Callable[[RunInfo], bool], what: str) -> str:
    """Return the run that a command is about.

    Args:
        service: knows the runs.
        wanted: the id that was given, if any; checked for existence by whoever uses it.
        suits: which runs come into question when none was given.
        what: names those, e.g. `unfinished run`.

    Raises:
        UserError: none or several come into question.
    """
    if wanted:
        return wanted
    found = [run.run_id for run in service.runs() if suits(run)]
    if not found:
        raise UserError(f"there is no {what}", "`ddbtui runs` lists all runs.", Exit.USAGE)
    if len(found) > 1:
        names = ", ".join(shown(run_id, 40) for run_id in found[:10])
        raise UserError(f"there are {len(found)} {what}s: {names}", "Name one of them.", Exit.USAGE)
    return found[0]
