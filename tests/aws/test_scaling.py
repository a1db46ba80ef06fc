"""Which scheduled actions are still to come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ddbtui.aws.scaling import to_come
from ddbtui.aws.table import ScheduledAction

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 6, 1, 11, tzinfo=UTC), datetime(2026, 6, 1, 13, tzinfo=UTC)


def action(schedule: str = "rate(1 day)", **changed: Any) -> ScheduledAction:
    return ScheduledAction(name="one", schedule=schedule, minimum=1, **changed)


@pytest.mark.parametrize(
    "over",
    [
        action(end=BEFORE),
        action(end=NOW),
        action("at(2026-06-01T11:59:59)"),
        action("at(2026-06-01T12:30:00)", timezone="Europe/Dublin"),
        action("at(2026-06-01T11:30:00)", timezone="Nowhere/At-all"),
    ],
)
def test_what_is_over_is_left_out(over: ScheduledAction) -> None:
    assert to_come([over], NOW) == ()


@pytest.mark.parametrize(
    "coming",
    [
        action(),
        action(start=AFTER, end=AFTER),
        action("at(2026-06-01T12:30:00)"),
        action("at(2026-06-01T08:30:00)", timezone="America/New_York"),
        action("at(tomorrow)"),
        action("cron(0 6 * * ? 2020)"),
    ],
)
def test_what_may_still_happen_stays_as_it_is(coming: ScheduledAction) -> None:
    assert to_come([coming], NOW) == (coming,)


def test_a_start_that_has_passed_is_left_out() -> None:
    assert to_come([action(start=BEFORE)], NOW) == (action(),)
