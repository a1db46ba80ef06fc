from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.sandbox import TestSandbox, items, refused

KEY = {"customer": {"S": "c"}, "order": {"N": "1"}}


@pytest.fixture
def ddb(fresh: TestSandbox) -> Any:
    return fresh.client("source", "dynamodb")


def put(ddb: Any, **attributes: Any) -> dict[str, Any]:
    ddb.put_item(TableName="orders", Item={**KEY, **attributes})
    item: dict[str, Any] = ddb.get_item(TableName="orders", Key=KEY)["Item"]
    return item


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2.50", "2.5"),
        ("-0", "0"),
        ("0.0", "0"),
        ("1E3", "1000"),
        ("100", "100"),
        ("0007", "7"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1.2E+120", "1.2E+120"),
        ("-1E-130", "-1E-130"),
    ],
)
def test_numbers_are_normalised(ddb: Any, written: str, stored: str) -> None:
    got = put(ddb, n={"N": written}, ns={"NS": [written]}, m={"M": {"l": {"L": [{"N": written}]}}})
    assert got["n"] == {"N": stored}
    assert got["ns"] == {"NS": [stored]}
    assert got["m"]["M"]["l"]["L"] == [{"N": stored}]
    assert Decimal(got["n"]["N"]) == Decimal(written)


def test_equal_keys_are_one_item_however_they_are_written(ddb: Any) -> None:
    for text in ("7", "7.0", "0.7E1"):
        ddb.put_item(TableName="orders", Item={"customer": {"S": "c"}, "order": {"N": text}})
    assert (
        ddb.query(
            TableName="orders", KeyConditionExpression="customer = :c", ExpressionAttributeValues={":c": {"S": "c"}}
        )["Count"]
        == 1
    )
    assert "Item" in ddb.get_item(TableName="orders", Key={"customer": {"S": "c"}, "order": {"N": "7.00"}})


@pytest.mark.parametrize("text", ["1" * 39, "NaN", "Infinity", " 1", "x", "1E126", "1E-131"])
def test_what_is_no_number_is_refused(ddb: Any, text: str) -> None:
    with refused("ValidationException"):
        put(ddb, n={"N": text})


def test_duplicates_in_a_number_set_are_refused(ddb: Any) -> None:
    with refused("ValidationException"):
        put(ddb, ns={"NS": ["1", "1.0"]})


def test_too_deep_is_refused(ddb: Any) -> None:
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(33):
        deep = {"L": [deep]}
    with refused("ValidationException"):
        put(ddb, deep=deep)


def test_an_index_key_of_the_wrong_type_is_refused(ddb: Any) -> None:
    with refused("ValidationException"):
        put(ddb, status={"N": "1"})


def test_at_most_25_in_a_batch(ddb: Any) -> None:
    requests = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
    with refused("ValidationException"):
        ddb.batch_write_item(RequestItems={"sessions": requests})
    assert ddb.batch_write_item(RequestItems={"sessions": requests[:25]})["UnprocessedItems"] == {}


def test_an_item_may_not_be_too_large(ddb: Any) -> None:
    put(ddb, big={"S": "x" * 399_000})
    with refused("ValidationException"):
        put(ddb, big={"S": "x" * 411_000})


def fill(ddb: Any, count: int, size: int = 10) -> None:
    for start in range(0, count, 25):
        requests = [
            {"PutRequest": {"Item": {"id": {"S": f"n{number}"}, "text": {"S": "x" * size}}}}
            for number in range(start, min(start + 25, count))
        ]
        ddb.batch_write_item(RequestItems={"sessions": requests})


def test_a_scan_has_pages_of_a_megabyte(ddb: Any) -> None:
    fill(ddb, 30, 100_000)
    first = ddb.scan(TableName="sessions")
    assert 10 <= sum("text" in item for item in first["Items"]) <= 11
    assert "LastEvaluatedKey" in first
    assert len(items(ddb, "sessions")) == 42


def test_segments_share_the_table(ddb: Any) -> None:
    fill(ddb, 200)
    seen: list[str] = []
    for segment in range(4):
        pages = ddb.get_paginator("scan").paginate(TableName="sessions", Segment=segment, TotalSegments=4, Limit=20)
        found = [item["id"]["S"] for page in pages for item in page["Items"]]
        assert 20 < len(found) < 90
        seen += found
    assert len(seen) == len(set(seen)) == 212


def test_a_scan_goes_on_after_its_start_key_was_deleted(ddb: Any) -> None:
    fill(ddb, 50)
    first = ddb.scan(TableName="sessions", Limit=10)
    ddb.delete_item(TableName="sessions", Key=first["LastEvaluatedKey"])
    rest = ddb.scan(TableName="sessions", ExclusiveStartKey=first["LastEvaluatedKey"])
    assert first["Count"] + rest["Count"] == 62
    assert not {item["id"]["S"] for item in first["Items"]} & {item["id"]["S"] for item in rest["Items"]}


def test_a_scan_that_moto_answers(ddb: Any) -> None:
    assert ddb.scan(TableName="orders", Select="COUNT")["Count"] == 30
    found = ddb.scan(
        TableName="orders", FilterExpression="#s = :s", ProjectionExpression="#s",
        ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":s": {"S": "new"}},
    )  # fmt: skip
    assert found["Items"] == [{"status": {"S": "new"}}] * 10
    assert found["ScannedCount"] == 30


def test_binary_comes_back_as_it_went(ddb: Any) -> None:
    ddb.update_item(
        TableName="orders", Key=KEY, UpdateExpression="SET b = :b, bs = :bs",
        ExpressionAttributeValues={":b": {"B": b"\x00\xff"}, ":bs": {"BS": [b"\x01", b""]}},
    )  # fmt: skip
    scanned = next(item for item in ddb.scan(TableName="orders")["Items"] if item["customer"] == {"S": "c"})
    assert scanned == ddb.get_item(TableName="orders", Key=KEY)["Item"]
    assert scanned["b"] == {"B": b"\x00\xff"}


def test_transactions_are_normalised_too(ddb: Any) -> None:
    item = {**KEY, "n": {"N": "1.0"}}
    ddb.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": item}}])
    assert ddb.get_item(TableName="orders", Key=KEY)["Item"]["n"] == {"N": "1"}


def test_what_an_update_computes_is_normalised(ddb: Any) -> None:
    put(ddb, n={"N": "2.5"})
    ddb.update_item(
        TableName="orders", Key=KEY, UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "0.5"}}
    )
    assert ddb.get_item(TableName="orders", Key=KEY)["Item"]["n"] == {"N": "3"}


def test_a_scan_sees_every_write_at_once(ddb: Any) -> None:
    for number in range(3):
        ddb.put_item(TableName="sessions", Item={"id": {"S": "session-0"}, "n": {"N": str(number)}})
        assert {"N": str(number)} in [item.get("n") for item in ddb.scan(TableName="sessions")["Items"]]
    ddb.delete_item(TableName="sessions", Key={"id": {"S": "session-0"}})
    assert ddb.scan(TableName="sessions")["Count"] == 11


def test_partiql_is_not_simulated(ddb: Any) -> None:
    with refused("UnknownOperationException"):
        ddb.execute_statement(Statement="SELECT * FROM orders")


def made_with_indexes(ddb: Any) -> None:
    """An own table with a local index and two global ones, one of which has keys only."""

    def index(name: str, *keys: str, kind: str = "ALL") -> dict[str, Any]:
        schema = [{"AttributeName": key, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=False)]
        return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": kind}}

    ddb.create_table(
        TableName="indexed",
        KeySchema=index("", "pk", "at")["KeySchema"],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "at", "day", "who")],
        LocalSecondaryIndexes=[index("by-day", "pk", "day")],
        GlobalSecondaryIndexes=[index("by-who", "who"), index("days", "day", kind="KEYS_ONLY")],
        BillingMode="PAY_PER_REQUEST",
    )


def units_of(ddb: Any, *put: dict[str, str], told: str = "INDEXES") -> Any:
    requests = [
        {"PutRequest": {"Item": {name: {"S": text} for name, text in {"at": "1", **item}.items()}}} for item in put
    ]
    answer = ddb.batch_write_item(RequestItems={"indexed": requests}, ReturnConsumedCapacity=told)
    return answer.get("ConsumedCapacity")


def test_a_write_uses_units_of_the_table_and_of_each_index(ddb: Any) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html"""
    made_with_indexes(ddb)
    large, plain = {"pk": "a", "day": "1", "who": "x", "text": "y" * 2000}, {"pk": "b"}
    assert units_of(ddb, large, plain) == [
        {
            "TableName": "indexed",
            "CapacityUnits": 2 + 1 + 2 + 2 + 1,
            "Table": {"CapacityUnits": 3},
            "LocalSecondaryIndexes": {"by-day": {"CapacityUnits": 2}},
            "GlobalSecondaryIndexes": {"by-who": {"CapacityUnits": 2}, "days": {"CapacityUnits": 1}},
        }
    ]
    assert units_of(ddb, {"pk": "c", "text": "y" * 1020}, told="TOTAL") == [
        {"TableName": "indexed", "CapacityUnits": 2}
    ]
    assert units_of(ddb, plain, told="NONE") is None


def test_a_write_over_an_item_uses_units_of_the_larger_and_of_the_entries_that_change(ddb: Any) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes"""
    made_with_indexes(ddb)
    units_of(ddb, {"pk": "a", "day": "1", "who": "x", "text": "y" * 2000})
    (consumed,) = units_of(ddb, {"pk": "a", "day": "1", "who": "z"})
    assert consumed["Table"] == {"CapacityUnits": 2}
    assert consumed["LocalSecondaryIndexes"] == {"by-day": {"CapacityUnits": 2}}
    assert consumed["GlobalSecondaryIndexes"] == {"by-who": {"CapacityUnits": 3}}, "a deletion of 2 and a put of 1"
