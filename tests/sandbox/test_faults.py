from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from ddbtui.aws.errors import code
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, refused


def describe(sandbox: TestSandbox, profile: str = "source", table: str = "orders") -> Any:
    return sandbox.client(profile, "dynamodb").describe_table(TableName=table)


def test_a_fault_hits_as_often_as_told_after_as_many_as_told(fresh: TestSandbox) -> None:
    fresh.fault("throttle", times=2, after=1, match={"service": "dynamodb", "operation": "DescribeTable"})
    describe(fresh)
    for _ in range(2):
        with refused("ThrottlingException"):
            describe(fresh)
    describe(fresh)
    assert fresh.state()["hits"] == [2]


def test_a_fault_can_last(fresh: TestSandbox) -> None:
    fresh.fault("throttle", times=-1, match={"table": "orders"})
    for _ in range(3):
        with refused("ThrottlingException"):
            describe(fresh)
    describe(fresh, table="sessions")
    fresh.control("faults", rules=[])
    describe(fresh)


def test_a_fault_of_one_account(fresh: TestSandbox) -> None:
    fresh.fault("denied", times=-1, match={"account": TARGET})
    describe(fresh)
    with refused("AccessDeniedException") as held:
        fresh.client("target", "dynamodb").list_tables()
    assert "not authorized to perform: dynamodb:ListTables" in str(held[0])
    with refused("AccessDenied"):
        fresh.client("target", "s3").list_buckets()


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [("dynamodb", "list_tables", "ExpiredTokenException"), ("s3", "list_buckets", "ExpiredToken"),
     ("sts", "get_caller_identity", "ExpiredToken")],
)  # fmt: skip
def test_expired_credentials(fresh: TestSandbox, service: str, call: str, expected: str) -> None:
    fresh.fault("expired", match={"account": SOURCE})
    with refused(expected):
        getattr(fresh.client("source", service), call)()


def test_throttling_differs_by_service(fresh: TestSandbox) -> None:
    fresh.fault("throttle", times=-1)
    with refused("SlowDown"):
        fresh.client("source", "s3").list_buckets()
    with refused("Throttling"):
        fresh.client("source", "sts").get_caller_identity()
    with refused("ProvisionedThroughputExceededException"):
        fresh.client("source", "dynamodb").scan(TableName="orders")


def test_errors_of_the_server_and_lost_connections(fresh: TestSandbox) -> None:
    fresh.fault("error500")
    with refused("InternalServerError") as held:
        describe(fresh)
    assert held[0].response["ResponseMetadata"]["HTTPStatusCode"] == 500
    fresh.fault("reset")
    with pytest.raises(ConnectionClosedError):
        describe(fresh)
    describe(fresh)


@pytest.mark.parametrize("kind", ["reset", "error500"])
@pytest.mark.parametrize("carried_out", [False, True])
def test_a_lost_answer_may_have_been_carried_out(fresh: TestSandbox, kind: str, carried_out: bool) -> None:
    fresh.fault(kind, match={"operation": "PutItem"}, carried_out=carried_out)
    ddb = fresh.client("source", "dynamodb")
    with pytest.raises(Exception, match=r"PutItem|Connection") as caught:
        ddb.put_item(TableName="sessions", Item={"id": {"S": "x"}})
    assert code(caught.value)
    assert ("Item" in ddb.get_item(TableName="sessions", Key={"id": {"S": "x"}})) is carried_out


def test_slow(fresh: TestSandbox) -> None:
    fresh.fault("slow", seconds=0.3)
    begin = time.monotonic()
    describe(fresh)
    assert time.monotonic() - begin > 0.28


def test_a_mistake_in_a_control_call_is_told(fresh: TestSandbox) -> None:
    from urllib.error import HTTPError

    for what, data in (("faults", {"rules": [{"kind": "x", "match": {}}]}), ("nonsense", {}), ("faults", {})):
        with pytest.raises(HTTPError) as caught:
            fresh.control(what, **data)
        assert b"error" in caught.value.read()
        caught.value.close()


def test_a_batch_can_be_left_half_unprocessed(fresh: TestSandbox) -> None:
    client = fresh.client("source", "dynamodb")
    puts = [{"PutRequest": {"Item": {"id": {"S": f"new-{number}"}, "b": {"B": b"\x00"}}}} for number in range(5)]
    fresh.fault("unprocessed", match={"operation": "BatchWriteItem"})
    answer = client.batch_write_item(RequestItems={"sessions": puts}, ReturnConsumedCapacity="TOTAL")
    assert answer["UnprocessedItems"] == {"sessions": [puts[1], puts[3]]}
    assert answer["ConsumedCapacity"]
    assert client.describe_table(TableName="sessions")["Table"]["ItemCount"] == 12 + 3
    assert client.batch_write_item(RequestItems=answer["UnprocessedItems"])["UnprocessedItems"] == {}
    assert client.describe_table(TableName="sessions")["Table"]["ItemCount"] == 12 + 5
