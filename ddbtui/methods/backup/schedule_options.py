"""What a plan says of a backup plan of AWS, and of the recovery point to restore from."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ddbtui.methods.backup.cron import Cron, TimeZone
from ddbtui.plan.model import Strict

WAIT, NEWEST = "wait", "newest"
POINT_ARN = r"^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:recovery-point:[A-Za-z0-9:-]+$"
CHOICE = "recovery-points"
"""Names the list from which the wizard lets a person choose."""
_RULE_NAME = r"^[a-zA-Z0-9_.-]{1,50}$"


def _rule_name(name: str) -> str:
    if not re.fullmatch(_RULE_NAME, name):
        raise ValueError("must have 1 to 50 characters out of a-z, A-Z, 0-9, '-', '_' and '.'")
    return name


def _recovery_point(text: str) -> str:
    if text in (WAIT, NEWEST) or re.fullmatch(POINT_ARN, text):
        return text
    if re.match(r"arn:aws[a-z-]*:dynamodb:", text):
        raise ValueError("is one of DynamoDB's own backups, which no other account can restore")
    raise ValueError(
        "must be wait, newest, or the ARN of a recovery point, e.g. "
        "arn:aws:backup:eu-west-1:222222222222:recovery-point:1234abcd-..."
    )


RuleName = Annotated[str, AfterValidator(_rule_name)]
RecoveryPointChoice = Annotated[
    str,
    AfterValidator(_recovery_point),
    WithJsonSchema({"anyOf": [{"enum": [WAIT, NEWEST]}, {"type": "string", "pattern": POINT_ARN}]}),
]


class TagChoice(Strict):
    """The tag by which tables are chosen."""

    key: str = Field(min_length=1, max_length=128, title="Tag key", description="Key of the tag that the tables carry")
    value: str = Field(max_length=256, title="Tag value", description="Value of that tag")


class BackupSchedule(Strict):
    """A backup plan of AWS, instead of a backup at once."""

    cron: Cron = Field(
        description="When a backup plan backs the tables up, as cron(...) of AWS; without it, it is at once"
    )
    timezone: TimeZone = Field("Etc/UTC", description="Time zone of the cron expression, e.g. Europe/Berlin")
    rule_name: RuleName = Field("ddbtui", description="Name of the rule in the backup plan")
    start_window_minutes: int = Field(
        60, ge=60, le=525_600, description="Minutes after the time of the schedule within which a backup must start"
    )
    select: Literal["table", "tag"] = Field(
        "table", description="How the plan selects the tables: each by its ARN, or only if it also carries a tag"
    )
    tag: TagChoice | None = Field(None, description="The tag, with select: tag")

    @model_validator(mode="after")
    def _tag_where_it_selects(self) -> BackupSchedule:
        if self.select == "tag" and self.tag is None:
            raise ValueError("select: tag needs a tag with key and value")
        if self.select == "table" and self.tag is not None:
            raise ValueError("a tag only goes with select: tag")
        return self
