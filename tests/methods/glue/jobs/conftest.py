"""A table of the target account, and nothing that really waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ddbtui.methods.glue.jobs.failures import Patience
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.sessions import client
from ddbtui.methods.glue.jobs.writing import BatchWriter
from tests.support.sandbox import REGION, TestSandbox

Item = dict[str, Any]


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(fresh: TestSandbox) -> str:
    """An empty table with a number as sort key and an index on a text."""
    fresh.client("target", "dynamodb").create_table(
        TableName="loaded",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return "loaded"


@pytest.fixture
def writer(
    in_sandbox: TestSandbox, table: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., BatchWriter]:
    """Makes a writer to the table that waits by the clock, and each time as long as it may."""
    monkeypatch.setenv("AWS_PROFILE", "target")

    def make(units: float = 1000, tries: int = 30) -> BatchWriter:
        pace, patience = Pace(units, clock.sleep, clock), Patience(clock.sleep, lambda: 1.0, tries)
        return BatchWriter(client("dynamodb", REGION), table, ("pk", "at"), pace, patience)

    return make


def item(number: int, **more: Any) -> Item:
    """An item with the key of that number."""
    return {"pk": {"S": f"p{number % 7}"}, "at": {"N": str(number)}, **more}
