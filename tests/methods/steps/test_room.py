"""What is waited for, and what no waiting helps."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ddbtui.engine.step import Busy, StepFailed
from ddbtui.methods.steps.room import no_room_for_table


def full(message: str) -> ClientError:
    return ClientError({"Error": {"Code": "LimitExceededException", "Message": message}}, "CreateTable")


@pytest.mark.parametrize(
    "message",
    [
        "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously",
        "Subscriber limit exceeded: Only 10 tables per subscriber can be created/updated/deleted simultaneously",
        "Too many operations at a given time",
    ],
)
def test_tables_that_are_made_at_a_time_are_waited_for(message: str) -> None:
    found = no_room_for_table("table", full(message))
    assert isinstance(found, Busy)
    assert str(found) == f"no room for another table: LimitExceededException: {message}"
    assert "raise the quota of DynamoDB" in found.hint


def test_the_number_of_all_tables_is_not() -> None:
    found = no_room_for_table(
        "table", full("Subscriber limit exceeded: There is a limit of 2500 tables per subscriber")
    )
    assert isinstance(found, StepFailed)
    assert (found.kind, "L-F98FE922" in found.hint) == ("prerequisite", True)
