from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Encryption
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.table import PointInTimeRecovery, TableActive, TableSettings, TargetNameFree
from tests.aws.live import SOURCE, Live, declared
from tests.prerequisites.holding import checked, remedied

ARN = f"arn:aws:dynamodb:eu-west-1:{SOURCE}:table/orders"


def one(move: Move) -> tuple[Move, MovingTable]:
    return move, move.tables[0]


def with_table(move: Move, **changed: Any) -> tuple[Move, MovingTable]:
    return move, MovingTable(move.tables[0].table.model_copy(update=changed), move.tables[0].target_name)


def test_an_active_table(live: Live) -> None:
    prerequisite = TableActive(*one(live.move("orders")))
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.subject) == ("pass", "orders")
    assert live.used() == declared(prerequisite.access())


def test_a_table_that_is_gone(live: Live) -> None:
    prerequisite = TableActive(*one(live.move("orders")))
    live.admin("source", "dynamodb").delete_table(TableName="orders")
    finding = prerequisite.check()
    assert finding.outcome == "fail"
    assert "ResourceNotFoundException" in finding.evidence


def test_a_table_that_changes(live: Live) -> None:
    prerequisite = TableActive(*one(live.move("orders")))
    live.sandbox.control("speed", speed=1000)
    live.admin("source", "dynamodb").update_table(TableName="orders", DeletionProtectionEnabled=True)
    finding = prerequisite.check()
    assert finding.outcome == "fail"
    assert "UPDATING" in finding.evidence


def test_the_key_of_a_table_must_be_enabled(live: Live) -> None:
    kms = live.admin("source", "kms")
    made = kms.create_key()["KeyMetadata"]
    key = made["Arn"]
    encryption = Encryption(kind="customer", key_arn=key)
    prerequisite = TableActive(*with_table(live.move("orders"), encryption=encryption))
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert f"its key {key} is Enabled" in finding.evidence
    assert live.used() == declared(prerequisite.access())
    kms.disable_key(KeyId=made["KeyId"])
    finding = prerequisite.check()
    assert finding.outcome == "fail"
    assert f"key {key} is Disabled" in finding.evidence
    live.fault("denied", service="kms")
    finding = prerequisite.check()
    assert finding.outcome == "warn"
    assert "AccessDeniedException" in finding.evidence


def test_settings_that_could_not_be_read_are_named_until_they_can(live: Live) -> None:
    prerequisite = TableSettings(*one(live.move("orders")))
    assert checked(live, prerequisite).outcome == "pass"
    assert live.used() == set()
    prerequisite = TableSettings(*with_table(live.move("orders"), unknown=("tags",)))
    live.fault("denied", service="dynamodb", operation="ListTagsOfResource")
    finding = checked(live, prerequisite)
    assert finding.outcome == "warn"
    assert "tags" in finding.evidence
    live.sandbox.control("faults", rules=[])
    assert checked(live, prerequisite).outcome == "pass"
    assert live.used() == declared(prerequisite.access())


def test_recovery_is_switched_on_and_will_be_switched_off(live: Live) -> None:
    before, recorded = remedied(live, PointInTimeRecovery(*one(live.move("orders"))))
    assert "DISABLED" in before.evidence
    assert [(r.kind, r.side, r.name, r.fate) for r in recorded] == [("pitr", "source", ARN, "remove")]
    after = PointInTimeRecovery(*one(live.move("orders"))).check()
    assert "ENABLED" in after.evidence
    assert "UTC" in after.evidence


def test_recovery_that_is_on_is_not_ours_to_switch_off(live: Live) -> None:
    live.admin("source", "dynamodb").update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    prerequisite = PointInTimeRecovery(*one(live.move("orders")))
    assert checked(live, prerequisite).outcome == "pass"
    recorded: list[object] = []
    prerequisite.apply(recorded.append)
    assert recorded == []


def test_recovery_that_could_not_be_switched_on_is_not_ours_to_switch_off(live: Live) -> None:
    live.fault("denied", service="dynamodb", operation="UpdateContinuousBackups")
    recorded: list[Resource] = []
    with pytest.raises(UserError, match="dynamodb:UpdateContinuousBackups"):
        PointInTimeRecovery(*one(live.move("orders"))).apply(recorded.append)
    assert [made.fate for made in recorded] == ["remove", "keep"]


def test_recovery_without_permission_to_look(live: Live) -> None:
    source = live.limited("source")
    finding = PointInTimeRecovery(*one(live.move("orders", source=source))).check()
    assert finding.outcome == "unknown"
    assert "AccessDeniedException" in finding.evidence
    assert f"dynamodb:DescribeContinuousBackups on {ARN}" in finding.evidence


def test_a_free_name(live: Live) -> None:
    prerequisite = TargetNameFree(*one(live.move("orders")))
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert "'orders' is free in account 222222222222 in eu-west-1" in finding.evidence
    assert live.used() == declared(prerequisite.access())


def test_a_taken_name(live: Live) -> None:
    live.admin("target", "dynamodb").create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    finding = TargetNameFree(*one(live.move("orders"))).check()
    assert finding.outcome == "fail"
    assert "'orders' exists in account 222222222222" in finding.evidence
    assert "0 items" in finding.evidence
    assert "target_name" in finding.advice
    assert finding.remedy is None


def test_a_name_wanted_twice(live: Live) -> None:
    move = live.move("orders", "sessions")
    tables = tuple(MovingTable(moving.table, "same") for moving in move.tables)
    move = Move(move.plan, move.source, move.target, tables)
    finding = TargetNameFree(move, tables[0]).check()
    assert finding.outcome == "fail"
    assert "sessions is to be called 'same' too" in finding.evidence
