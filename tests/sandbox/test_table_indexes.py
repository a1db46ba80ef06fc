"""Global indexes that come later, and warm throughput.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox import TestSandbox, refused

SIMPLE: dict[str, Any] = {
    "TableName": "one",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
KEYS = {"by-a": "a", "by-b": "b"}


def create(name: str, **more: Any) -> dict[str, Any]:
    keys = [{"AttributeName": KEYS[name], "KeyType": "HASH"}]
    return {"Create": {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}, **more}}


def add(client: Any, *names: str, **more: Any) -> None:
    client.update_table(
        TableName="one",
        AttributeDefinitions=[{"AttributeName": KEYS[name], "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexUpdates=[create(name, **more) for name in names],
    )


def index(client: Any, name: str) -> dict[str, Any]:
    found = client.describe_table(TableName="one")["Table"].get("GlobalSecondaryIndexes", [])
    return next((one for one in found if one["IndexName"] == name), {})


@pytest.fixture
def ddb(fresh: TestSandbox) -> Any:
    client = fresh.client("source", "dynamodb")
    client.create_table(**SIMPLE)
    client.put_item(TableName="one", Item={"pk": {"S": "x"}, "a": {"S": "1"}})
    return client


def query(client: Any) -> int:
    found = client.query(
        TableName="one",
        IndexName="by-a",
        KeyConditionExpression="a = :a",
        ExpressionAttributeValues={":a": {"S": "1"}},
    )
    return int(found["Count"])


def test_an_added_index_is_filled_before_it_is_read(fresh: TestSandbox, ddb: Any) -> None:
    fresh.control("speed", speed=1000)
    limits = {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20}
    add(ddb, "by-a", OnDemandThroughput=limits)
    first = ddb.describe_table(TableName="one")["Table"]
    assert first["TableStatus"] == "UPDATING"
    assert (index(ddb, "by-a")["IndexStatus"], index(ddb, "by-a")["Backfilling"]) == ("CREATING", False)
    with refused("ValidationException"):
        query(ddb)
    fresh.control("clock", seconds=300)
    assert ddb.describe_table(TableName="one")["Table"]["TableStatus"] == "ACTIVE"
    assert index(ddb, "by-a")["Backfilling"] is True
    fresh.control("clock", seconds=400)
    assert index(ddb, "by-a")["IndexStatus"] == "ACTIVE"
    assert query(ddb) == 1
    assert index(ddb, "by-a")["OnDemandThroughput"] == limits
    names = {one["AttributeName"] for one in ddb.describe_table(TableName="one")["Table"]["AttributeDefinitions"]}
    assert names == {"pk", "a"}


def test_one_at_a_time(fresh: TestSandbox, ddb: Any) -> None:
    with refused("LimitExceededException"):
        add(ddb, "by-a", "by-b")
    fresh.control("speed", speed=1000)
    add(ddb, "by-a")
    with refused("ResourceInUseException"):
        add(ddb, "by-b")
    fresh.control("clock", seconds=300)
    assert ddb.describe_table(TableName="one")["Table"]["TableStatus"] == "ACTIVE"
    with refused("LimitExceededException"):
        add(ddb, "by-b")


def test_what_is_there_or_does_not_fit_is_refused(ddb: Any) -> None:
    add(ddb, "by-a")
    with refused("ValidationException"):
        add(ddb, "by-a")
    with refused("ValidationException"):
        ddb.update_table(TableName="one", GlobalSecondaryIndexUpdates=[create("by-b")])
    with refused("ValidationException"):
        add(ddb, "by-b", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})


def test_an_index_of_the_creation_never_backfills(ddb: Any) -> None:
    made = create("by-a")["Create"] | {"WarmThroughput": {"WriteUnitsPerSecond": 9000}}
    names = ["pk", "a"]
    ddb.create_table(
        **SIMPLE
        | {
            "TableName": "two",
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
            "GlobalSecondaryIndexes": [made],
            "WarmThroughput": {"WriteUnitsPerSecond": 8000},
        }
    )
    found = ddb.describe_table(TableName="two")["Table"]
    assert found["WarmThroughput"] == {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 8000, "Status": "ACTIVE"}
    (held,) = found["GlobalSecondaryIndexes"]
    assert held["WarmThroughput"]["WriteUnitsPerSecond"] == 9000
    assert "Backfilling" not in held
