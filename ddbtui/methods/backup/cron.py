"""Cron expressions as AWS Backup takes them: what is wrong with one, and where. Pure.

Only AWS says when one will run next (`GetBackupPlan` with a preview); nothing here computes times.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from ddbtui.text import shown

EXAMPLE = "cron(0 5 ? * * *)"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class CronField:
    """One of the six fields.

    Args:
        name: as AWS calls it.
        low: least number.
        high: greatest number.
        names: words for numbers.
        special: a pattern of what else a part may be, of numbers only.
        takes: what it takes, for people.
    """

    name: str
    low: int
    high: int
    takes: str
    names: Mapping[str, int] = field(default_factory=dict)
    special: str = r"(?!)"


FIELDS = (
    CronField("minutes", 0, 59, "0 to 59"),
    CronField("hours", 0, 23, "0 to 23"),
    CronField("day-of-month", 1, 31, "1 to 31, L, LW, or e.g. 15W", special=r"L|LW|([1-9]|[12][0-9]|3[01])W"),
    CronField("month", 1, 12, "1 to 12 or JAN to DEC", {name: n for n, name in enumerate(_MONTHS, 1)}),
    CronField(
        "day-of-week",
        1,
        7,
        "1 to 7 or SUN to SAT, L, or e.g. 6L or 6#3",
        {name: n for n, name in enumerate(_WEEKDAYS, 1)},
        special=r"L|[1-7]L|[1-7]#[1-5]",
    ),
    CronField("year", 1970, 2199, "1970 to 2199"),
)
_DAY, _WEEKDAY = 2, 4
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)
_LEAST = "AWS Backup wants an hour between two backups"
"""No page has it; `CreateBackupPlan` answers "The interval between backup jobs shouldn't be less than 60 minutes".

https://repost.aws/questions/QUwYlivOoWTHi1nSuSGjTVFg/error-scheduling-backup-every-ten-minutes-in-aws-backup
"""


def checked_cron(text: str) -> str:
    """Return an expression as it is.

    Raises:
        ValueError: it is none; says which field, and at which character of the expression.
    """
    whole = re.fullmatch(r"cron\(([^()]*)\)", text)
    if whole is None:
        raise ValueError(_no_cron(text))
    parts = [(found.group(), whole.start(1) + found.start() + 1) for found in re.finditer(r"\S+", whole[1])]
    if len(parts) != len(FIELDS):
        names = " ".join(of.name for of in FIELDS)
        raise ValueError(f"has {len(parts)} fields instead of the six of AWS ({names}), e.g. {EXAMPLE}")
    for number, (of, (part, at)) in enumerate(zip(FIELDS, parts, strict=True), 1):
        wrong = next(_wrong(of, part), None)
        if wrong:
            place = f"{of.name} (field {number}, character {at + wrong[1]})"
            raise ValueError(f"{place}: '{shown(wrong[0], 20)}' is not {of.takes}")
    minutes, at = parts[0]
    if not _NUMBER.fullmatch(minutes):
        place = f"minutes (field 1, character {at})"
        raise ValueError(f"{place}: '{shown(minutes, 20)}' is not one number; {_LEAST}")
    if (parts[_DAY][0] == "?") == (parts[_WEEKDAY][0] == "?"):
        places = f"day-of-month (character {parts[_DAY][1]}) and day-of-week (character {parts[_WEEKDAY][1]})"
        raise ValueError(f"exactly one of {places} must be ?, e.g. {EXAMPLE}")
    return text


def _no_cron(text: str) -> str:
    if text.startswith("rate("):
        return f"AWS Backup takes no rate(...), only cron expressions, e.g. {EXAMPLE}"
    if len(text.split()) == len(FIELDS) and "(" not in text:
        return f"must be written as AWS writes it: cron({shown(text, 60)})"
    return f"must be a cron expression of AWS with six fields, e.g. {EXAMPLE}"


def _wrong(of: CronField, text: str) -> Iterator[tuple[str, int]]:
    """Yield parts that a field does not take, each with its place in the field."""
    if text == "?":
        if of not in (FIELDS[_DAY], FIELDS[_WEEKDAY]):
            yield text, 0
        return
    at = 0
    for part in text.split(","):
        if not _is_part(of, part):
            yield part, at
        at += len(part) + 1


def _is_part(of: CronField, part: str) -> bool:
    part = part.upper()
    for name, number in of.names.items():
        part = part.replace(name, str(number))
    if re.fullmatch(of.special, part):
        return True
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if slash and not (_NUMBER.fullmatch(step) and 1 <= int(step) <= of.high):
        return False
    if first == "*":
        return not dash
    ends = [first, last] if dash else [first]
    if not all(_NUMBER.fullmatch(end) and of.low <= int(end) <= of.high for end in ends):
        return False
    return not dash or int(first) <= int(last)


def checked_zone(name: str) -> str:
    """Return the name of a time zone as it is.

    Raises:
        ValueError: there is none of that name; where this computer knows no time zones, only the form is looked at.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
        raise ValueError("must be the name of a time zone, e.g. Etc/UTC or Europe/Berlin")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if available_timezones():
            raise ValueError(f"no time zone is called '{shown(name, 40)}', one is e.g. Europe/Berlin") from None
    return name


Cron = Annotated[
    str, StringConstraints(max_length=256), AfterValidator(checked_cron), Field(examples=[EXAMPLE, "cron(0 3 L * ? *)"])
]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(checked_zone)]
