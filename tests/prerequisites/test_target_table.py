"""A target table that is there already, and the target's throughput quotas."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import RUN
from ddbtui.prerequisites.target_table import TargetTableReady
from ddbtui.prerequisites.write_quota import Units, WriteQuota
from tests.aws.live import Live, declared
from tests.prerequisites.holding import checked

GOOD: dict[str, Any] = {
    "TableName": "orders",
    "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "order", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "customer", "AttributeType": "S"},
        {"AttributeName": "order", "AttributeType": "N"},
        {"AttributeName": "status", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-status",
            "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def without_index(**changed: Any) -> dict[str, Any]:
    found = {**GOOD, "AttributeDefinitions": GOOD["AttributeDefinitions"][:2], **changed}
    del found["GlobalSecondaryIndexes"]
    return found


def ready(live: Live, rate: float = 4000, indexes_needed: bool = True) -> TargetTableReady:
    move = live.move("orders")
    return TargetTableReady(move, move.tables[0], rate, indexes_needed)


def make(live: Live, parameters: dict[str, Any]) -> Any:
    client = live.admin("target", "dynamodb")
    client.create_table(**parameters)
    return client


def test_an_equal_and_empty_table(live: Live) -> None:
    make(live, GOOD)
    prerequisite = ready(live)
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.subject) == ("pass", "orders")
    assert live.used() == declared(prerequisite.access())


def test_no_table(live: Live) -> None:
    finding = checked(live, ready(live))
    assert finding.outcome == "fail"
    assert "does not exist in account 222222222222" in finding.evidence
    assert finding.remedy is None


def test_a_table_that_is_not_active(live: Live) -> None:
    live.sandbox.control("speed", speed=1000)
    make(live, GOOD)
    finding = checked(live, ready(live))
    assert (finding.outcome, finding.evidence) == ("fail", "The table or an index of it is CREATING.")


FEWER = {"KeySchema": GOOD["KeySchema"][:1], "AttributeDefinitions": GOOD["AttributeDefinitions"][:1]}
TEXTS = {"AttributeDefinitions": [{**one, "AttributeType": "S"} for one in GOOD["AttributeDefinitions"][:2]]}


@pytest.mark.parametrize("other", [FEWER, TEXTS], ids=["fewer keys", "other type"])
def test_other_keys(live: Live, other: dict[str, Any]) -> None:
    make(live, without_index(**other))
    finding = checked(live, ready(live))
    assert finding.outcome == "fail"
    assert "those of the source are customer (S, HASH), order (N, RANGE)" in finding.evidence


def test_a_table_with_an_item(live: Live) -> None:
    client = make(live, GOOD)
    client.put_item(TableName="orders", Item={"customer": {"S": "x"}, "order": {"N": "1"}})
    finding = checked(live, ready(live))
    assert (finding.outcome, finding.evidence) == ("fail", "The table is not empty.")


def test_a_table_that_deletes(live: Live) -> None:
    client = make(live, GOOD)
    client.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    finding = checked(live, ready(live))
    assert finding.outcome == "fail"
    assert "Time to live is on" in finding.evidence


@pytest.mark.parametrize(("needed", "outcome"), [(True, "warn"), (False, "pass")], ids=["needed", "added later"])
def test_a_missing_index(live: Live, needed: bool, outcome: str) -> None:
    make(live, without_index())
    finding = checked(live, ready(live, indexes_needed=needed))
    assert finding.outcome == outcome
    assert ("lacks global indexes of the source, which will not be added: by-status" in finding.evidence) == needed


@pytest.mark.parametrize("carried", [True, False], ids=["carried", "left out"])
def test_insights_of_a_missing_index_are_not_carried_over(live: Live, carried: bool) -> None:
    source = live.admin("source", "dynamodb")
    source.update_contributor_insights(TableName="orders", IndexName="by-status", ContributorInsightsAction="ENABLE")
    make(live, without_index())
    move = live.move("orders", carry_over="all" if carried else ["tags"])
    finding = checked(live, TargetTableReady(move, move.tables[0], 1, True))
    assert ("Contributor Insights of by-status will not be carried over." in finding.evidence) == carried


def test_an_index_that_is_otherwise(live: Live) -> None:
    (index,) = GOOD["GlobalSecondaryIndexes"]
    make(live, {**GOOD, "GlobalSecondaryIndexes": [{**index, "Projection": {"ProjectionType": "KEYS_ONLY"}}]})
    finding = checked(live, ready(live))
    assert finding.outcome == "warn"
    assert "has otherwise: by-status" in finding.evidence


def test_a_local_index_that_can_t_be_added(live: Live) -> None:
    make(
        live,
        {
            "TableName": "threads",
            "KeySchema": [
                {"AttributeName": "forum", "KeyType": "HASH"},
                {"AttributeName": "subject", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("forum", "subject")],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    move = live.move("threads")
    finding = checked(live, TargetTableReady(move, move.tables[0], 1, False))
    assert finding.outcome == "warn"
    assert "local indexes of the source, which can't be added: by-date" in finding.evidence


@pytest.mark.parametrize(("units", "outcome"), [(10, "warn"), (100, "pass")], ids=["too few", "enough"])
def test_too_little_capacity(live: Live, units: int, outcome: str) -> None:
    provisioned = {"ReadCapacityUnits": 5, "WriteCapacityUnits": units}
    make(live, without_index(BillingMode="PROVISIONED", ProvisionedThroughput=provisioned))
    finding = checked(live, ready(live, rate=100, indexes_needed=False))
    assert finding.outcome == outcome
    assert ("It has 10 write units, the load is to use 100: set max_write_units." in finding.evidence) == (
        outcome == "warn"
    )


def test_a_stream_sees_every_item(live: Live) -> None:
    make(live, {**GOOD, "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}})
    finding = checked(live, ready(live))
    assert finding.outcome == "warn"
    assert "Its stream is on" in finding.evidence


def test_two_tables_into_one(live: Live) -> None:
    made = live.move("orders", "sessions")
    tables = tuple(MovingTable(moving.table, "same") for moving in made.tables)
    both = Move(made.plan, made.source, made.target, tables)
    finding = TargetTableReady(both, tables[0], 1, True).check()
    assert (finding.outcome, finding.evidence) == ("fail", "sessions is to be called 'same' too.")


def test_no_permission(live: Live) -> None:
    prerequisite = ready(live)
    live.fault("denied", operation="DescribeTable")
    finding = prerequisite.check()
    assert finding.outcome == "unknown"
    assert "AccessDeniedException" in finding.evidence


def quota(live: Live, **units: Units) -> WriteQuota:
    return WriteQuota(live.move("orders"), units)


@pytest.mark.parametrize(
    ("units", "outcome", "words"),
    [
        ({"a": Units(0, 40_000, False)}, "pass", "A table may have 40,000 read and 40,000 write units"),
        ({"a": Units(0, 40_001, False)}, "fail", "More than that: a (0 read and 40,001 write units a second)"),
        ({"a": Units(40_001, 1, True)}, "fail", "More than that: a"),
        ({name: Units(30_000, 1, True) for name in "abc"}, "fail", "The new tables have 90,000 read and 3 write"),
        ({name: Units(0, 30_000, False) for name in "abc"}, "pass", "the account provisioned 80,000 read"),
    ],
    ids=["as much as may be", "too fast a load", "too large a table", "too many", "on-demand is not added up"],
)
def test_throughput_quotas(live: Live, units: dict[str, Units], outcome: str, words: str) -> None:
    prerequisite = quota(live, **units)
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.subject) == (outcome, RUN)
    assert words in finding.evidence
    assert live.used() == declared(prerequisite.access())
    assert ("Service Quotas" in finding.advice) == (outcome == "fail")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("denied", "AccessDeniedException"), ("throttle", "ThrottlingException")],
    ids=["denied", "often"],
)
def test_quotas_that_are_not_told(live: Live, monkeypatch: pytest.MonkeyPatch, fault: str, code: str) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # botocore tries again itself
    fast, slow = quota(live, a=Units(0, 50_000, False)), quota(live, a=Units(0, 5, False))
    live.fault(fault, operation="DescribeLimits")
    finding = fast.check()
    assert (finding.outcome, slow.check().outcome) == ("warn", "pass")
    assert f"(AWS's defaults; this account's own were not to be had: {code})" in finding.evidence
