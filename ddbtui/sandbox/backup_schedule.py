"""When a backup plan runs: cron expressions as AWS writes them, in UTC. Pure.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = {
    "JAN": "1", "FEB": "2", "MAR": "3", "APR": "4", "MAY": "5", "JUN": "6",
    "JUL": "7", "AUG": "8", "SEP": "9", "OCT": "10", "NOV": "11", "DEC": "12",
}  # fmt: skip
_DAYS = {"SUN": "1", "MON": "2", "TUE": "3", "WED": "4", "THU": "5", "FRI": "6", "SAT": "7"}
_HORIZON_DAYS = 4 * 366


@dataclass(frozen=True)
class Schedule:
    """A parsed `cron(minutes hours day-of-month month day-of-week year)`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    def after(self, moment: float) -> float | None:
        """The first run after a moment (epoch seconds), or None if there is none in the next years."""
        start = datetime.fromtimestamp(moment, UTC)
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_HORIZON_DAYS):
            if self._on(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        run = day.replace(hour=hour, minute=minute)
                        if run > start:
                            return run.timestamp()
            day += timedelta(days=1)
        return None

    def _on(self, day: datetime) -> bool:
        weekday = day.isoweekday() % 7 + 1
        dated = day.day in self.days and day.month in self.months and day.year in self.years
        return dated and weekday in self.weekdays


def parse(text: str) -> Schedule:
    """Parse an expression.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"cron\((.*)\)", text.strip())
    parts = found.group(1).upper().split() if found else []
    if len(parts) != 6 or (parts[2] == "?") == (parts[4] == "?"):
        raise ValueError(f"not a cron expression with six fields, one of the two days being ?: {text}")
    return Schedule(
        tuple(sorted(_field(parts[0], 0, 59))),
        tuple(sorted(_field(parts[1], 0, 23))),
        _field(parts[2], 1, 31),
        _field(parts[3], 1, 12, _MONTHS),
        _field(parts[4], 1, 7, _DAYS),
        _field(parts[5], 1970, 2199),
    )


def _field(text: str, low: int, high: int, names: dict[str, str] | None = None) -> frozenset[int]:
    for name, number in (names or {}).items():
        text = text.replace(name, number)
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first in ("*", "?") else int(first)
        single = first not in ("*", "?") and not last and not step
        end = start if single else int(last or high)
        if not low <= start <= end <= high:
            raise ValueError(f"out of range: {part}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)
