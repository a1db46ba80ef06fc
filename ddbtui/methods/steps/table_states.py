"""What a description says a table still waits for.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddbtui.engine.step import StepFailed
from ddbtui.text import shown

_PASSING = ("CREATING", "UPDATING")


def waiting(described: Mapping[str, Any]) -> str:
    """Return what the table or one of its global indexes is doing, or nothing when all are ACTIVE.

    Raises:
        StepFailed: one of them is in a state that does not pass by itself.
    """
    notes = [
        _state(f"index {index['IndexName']}", index.get("IndexStatus", "ACTIVE"), index)
        for index in described.get("GlobalSecondaryIndexes") or ()
    ]
    notes.append(_state(f"table {described['TableName']}", described["TableStatus"], described))
    return next((note for note in notes if note), "")


def _state(what: str, status: str, described: Mapping[str, Any]) -> str:
    if status == "ACTIVE":
        return ""
    if status not in _PASSING:
        raise StepFailed(
            f"unknown state {shown(status, 60)} of {shown(what)}",
            "See the table in the console. `ddbtui resume` looks again.",
        )
    return f"{shown(what)}: {'filling it' if described.get('Backfilling') else status}"
