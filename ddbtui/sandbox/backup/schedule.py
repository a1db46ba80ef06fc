"""When a backup plan runs: cron expressions as AWS writes them, in a time zone. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = {
    "JAN": "1", "FEB": "2", "MAR": "3", "APR": "4", "MAY": "5", "JUN": "6",
    "JUL": "7", "AUG": "8", "SEP": "9", "OCT": "10", "NOV": "11", "DEC": "12",
}  # fmt: skip
_DAYS = {"SUN": "1", "MON": "2", "TUE": "3", "WED": "4", "THU": "5", "FRI": "6", "SAT": "7"}
_HORIZON_DAYS = 4 * 366
_FRIDAY = 4
"""As `datetime.weekday` counts."""


@dataclass(frozen=True)
class Schedule:
    """A parsed `cron(minutes hours day-of-month month day-of-week year)`.

    Args:
        days: days of the month; `specials` has `L`, `LW` and `15W` beside them.
        weekdays: from 1 for Sunday; `specials` has `6L` (the month's last Friday) and `6#3` (its third) beside them.
        zone: of all of them.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]
    specials: frozenset[str] = frozenset()
    zone: ZoneInfo | None = None

    def after(self, moment: float) -> float | None:
        """The first run after a moment (epoch seconds), or None if there is none in the next years."""
        start = datetime.fromtimestamp(moment, self.zone or UTC)
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
        if day.month not in self.months or day.year not in self.years:
            return False
        plain = day.day in self.days and _weekday(day) in self.weekdays
        return plain or any(_is(day, special) for special in self.specials)


def _weekday(day: datetime) -> int:
    return day.isoweekday() % 7 + 1


def _is(day: datetime, special: str) -> bool:
    """Whether a day is what `L`, `LW`, `15W`, `6L` or `6#3` says of its month."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if special == "L":
        return day.day == last.day
    if special.endswith("W"):
        wanted = last.day if special == "LW" else min(int(special[:-1]), last.day)
        return day.day == _nearest_workday(day, wanted, last.day)
    if special.endswith("L"):
        return _weekday(day) == int(special[:-1]) and day.day > last.day - 7
    weekday, _, number = special.partition("#")
    return _weekday(day) == int(weekday) and (day.day - 1) // 7 + 1 == int(number)


def _nearest_workday(month: datetime, wanted: int, last: int) -> int:
    """The Monday to Friday that is nearest to a day, and in its month."""
    near = sorted(range(max(1, wanted - 2), min(last, wanted + 2) + 1), key=lambda day: (abs(day - wanted), day))
    return next(day for day in near if month.replace(day=day).weekday() <= _FRIDAY)


def parse(text: str, zone: str | None = None) -> Schedule:
    """Parse an expression.

    Args:
        text: `cron(...)`.
        zone: name of a time zone, e.g. `Europe/Berlin`; UTC if None.

    Raises:
        ValueError: it is none, or there is no such time zone.
    """
    found = re.fullmatch(r"cron\((.*)\)", text.strip())
    parts = found.group(1).upper().split() if found else []
    if len(parts) != 6 or (parts[2] == "?") == (parts[4] == "?"):
        raise ValueError(f"not a cron expression with six fields, one of the two days being ?: {text}")
    if any("?" in parts[number] for number in (0, 1, 3, 5)):
        raise ValueError(f"? is for days only, out of range elsewhere: {text}")
    days, special_days = _parted(parts[2], r"L|LW|([1-9]|[12][0-9]|3[01])W")
    weekdays, special_weekdays = _parted(_plain(parts[4], _DAYS), r"[1-7]L|[1-7]#[1-5]")
    return Schedule(
        tuple(sorted(_field(parts[0], 0, 59))),
        tuple(sorted(_field(parts[1], 0, 23))),
        _field(days, 1, 31),
        _field(_plain(parts[3], _MONTHS), 1, 12),
        _field(re.sub(r"\bL\b", "7", weekdays), 1, 7),
        _field(parts[5], 1970, 2199),
        special_days | special_weekdays,
        _zone(zone),
    )


def _zone(name: str | None) -> ZoneInfo | None:
    if name in (None, "Etc/UTC", "UTC"):
        return None
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"unknown time zone: {name}") from None


def _parted(text: str, special: str) -> tuple[str, frozenset[str]]:
    """The plain parts of a field, and those that only a calendar can tell."""
    parts = text.split(",")
    specials = frozenset(part for part in parts if re.fullmatch(special, part))
    return ",".join(part for part in parts if part not in specials), specials


def _plain(text: str, names: dict[str, str]) -> str:
    for name, number in names.items():
        text = text.replace(name, number)
    return text


def _field(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(",") if text else []:
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first in ("*", "?") else int(first)
        single = first not in ("*", "?") and not last and not step
        end = start if single else int(last or high)
        if span.endswith("-") or not low <= start <= end <= high or (step and int(step) < 1):
            raise ValueError(f"out of range: {part}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)
