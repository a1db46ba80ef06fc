"""A call that AWS has no room for: it waits where others or this run make room, and fails where nobody will."""

from __future__ import annotations

import re
from typing import Literal

from ddbtui.aws.errors import reason
from ddbtui.aws.move import Move
from ddbtui.engine.step import Busy, StepFailed
from ddbtui.prerequisites.quotas import TABLES_QUOTA

Service = Literal["DynamoDB", "AWS Glue", "AWS Backup"]
_TABLES_IN_ALL = re.compile(r"limit of \d+ tables per subscriber", re.IGNORECASE)
"""Of the tables that are made at a time AWS says `simultaneously`, under the same code."""


def no_room(what: str, service: Service, error: Exception) -> Busy:
    """Return what to raise where calls of others, or of this run, are over some time.

    Args:
        what: there is no room for another one.
        service: whose quota it is.
        error: what AWS answered.
    """
    hint = f"Make room, or raise the quota of {service} in the Service Quotas console; then `ddbtui resume`."
    return Busy(_told(what, error), hint)


def no_room_for_table(what: str, error: Exception) -> Busy | StepFailed:
    """Return the same for a call that makes a table; the number of all tables does not change by itself."""
    if not _TABLES_IN_ALL.search(str(error)):
        return no_room(what, "DynamoDB", error)
    return _never(what, "DynamoDB", TABLES_QUOTA, error)


def no_room_to_keep(move: Move, what: str, quota: str, error: Exception) -> Busy | StepFailed:
    """Return the same for what Glue keeps until a run cleans up, if it does.

    Args:
        move: the move.
        what: there is no room for another one.
        quota: code of the quota.
        error: what AWS answered.
    """
    if move.plan.clean_up == "staging":
        return no_room(what, "AWS Glue", error)
    return _never(what, "AWS Glue", quota, error)


def _never(what: str, service: Service, quota: str, error: Exception) -> StepFailed:
    hint = f"Raise quota {quota} of {service} in the Service Quotas console, or make room; then `ddbtui resume`."
    return StepFailed(_told(what, error), hint, "prerequisite")


def _told(what: str, error: Exception) -> str:
    return f"no room for another {what}: {reason(error)}"
