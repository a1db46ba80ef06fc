from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.move import Move, MovingTable
from ddbtui.prerequisites import quotas
from ddbtui.prerequisites.quotas import ExportSlots, ImportSize, ImportSlots, TableQuota
from tests.aws.live import Live, declared
from tests.prerequisites.holding import checked

TIB = 1024**4


def sized(live: Live, *sizes: int, **ref: Any) -> Move:
    move = live.move("orders", target=live.account("target", **ref))
    table = move.tables[0].table
    tables = tuple(
        MovingTable(table.model_copy(update={"name": f"t{n}", "size_bytes": size}), f"t{n}")
        for n, size in enumerate(sizes)
    )
    return Move(move.plan, move.source, move.target, tables)


@pytest.mark.parametrize("kind", [ExportSlots, ImportSlots, TableQuota])
def test_there_is_room(live: Live, kind: Any) -> None:
    prerequisite = kind(live.move("orders", "sessions"))
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert live.used() == declared(prerequisite.access())


def test_exports_that_run_take_up_room(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live.sandbox.control("speed", speed=1000)
    s3, dynamodb = live.admin("source", "s3"), live.admin("source", "dynamodb")
    s3.create_bucket(Bucket="own", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    dynamodb.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    move = live.move("orders")
    for _ in range(26):
        dynamodb.export_table_to_point_in_time(TableArn=move.tables[0].table.arn, S3Bucket="own")
    assert "26 exports running and 1 to come; AWS runs 300 at a time" in ExportSlots(move).check().evidence
    monkeypatch.setattr(quotas, "EXPORTS", 26)
    finding = ExportSlots(move).check()
    assert finding.outcome == "warn"
    assert "queues" in finding.advice


def test_imports_are_queued(live: Live) -> None:
    finding = checked(live, ImportSlots(sized(live, *[1] * 51)))
    assert finding.outcome == "warn"
    assert "0 imports running and 51 to come; AWS runs 50 at a time" in finding.evidence


def test_the_table_quota_counts_what_is_there(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = TableQuota(sized(live, *[1] * 2501)).check()
    assert finding.outcome in ("warn", "fail")
    assert "0 tables in eu-west-1 and 2501 more; the quota is 2,500" in finding.evidence
    assert "L-F98FE922" in finding.advice


def test_a_quota_that_may_not_be_asked_is_assumed(live: Live) -> None:
    target = live.limited("target", ("dynamodb:ListTables", "*"))
    finding = checked(live, TableQuota(live.move("orders", target=target)))
    assert finding.outcome == "pass"
    assert "AWS's default" in finding.evidence


def test_without_a_count_there_is_no_verdict(live: Live) -> None:
    finding = checked(live, TableQuota(live.move("orders", target=live.limited("target"))))
    assert finding.outcome == "unknown"
    assert "dynamodb:ListTables" in finding.evidence


@pytest.mark.parametrize(
    ("region", "sizes", "outcome", "words"),
    [
        ("eu-west-1", (8 * TIB, 7 * TIB), "pass", "15.0 TiB"),
        ("eu-west-1", (8 * TIB, 8 * TIB), "warn", "16.0 TiB in all"),
        ("eu-west-1", (16 * TIB,), "fail", "t0"),
        ("eu-central-1", (TIB,), "pass", "eu-central-1 takes 1.0 TiB"),
        ("eu-central-1", (TIB, 1), "warn", "eu-central-1 takes 1.0 TiB"),
        ("eu-central-1", (TIB + 1,), "fail", "alone: t0"),
    ],
)
def test_import_sizes(live: Live, region: str, sizes: tuple[int, ...], outcome: str, words: str) -> None:
    finding = checked(live, ImportSize(sized(live, *sizes, region=region)))
    assert finding.outcome == outcome
    assert words in finding.evidence
    assert live.used() == set()
