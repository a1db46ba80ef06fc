"""How large a job is made, by the formulas that the module states."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.table import Table
from ddbtui.methods.glue.options import MOST_MINUTES, CopyOptions, S3GlueOptions
from ddbtui.methods.glue.sizing import Sizing, read_rate, scan_seconds, size_job, write_units
from tests.methods.tables import index, provisioned, table

GIB = 1024**3
LARGE = table(size_bytes=100 * GIB, item_count=100 * 1024 * 1024)


def loading(of: Table = LARGE, rate: float = 4000, **options: Any) -> Sizing:
    return size_job(of, S3GlueOptions(bucket="any", **options), rate)


def copying(of: Table = LARGE, rate: float = 4000, **options: Any) -> Sizing:
    return size_job(of, CopyOptions(bucket="any", **options), rate)


@pytest.mark.parametrize(
    ("size", "items", "local", "units"),
    [(1024, 1, 0, 1), (1025, 1, 0, 2), (10_000, 100, 0, 100), (10_000, 100, 1, 200), (10_000, 0, 0, 10), (0, 0, 2, 0)],
    ids=["exact", "rounded-up", "small-items", "with-a-local-index", "no-count", "nothing"],
)
def test_write_units_are_rounded_up_for_each_item(size: int, items: int, local: int, units: int) -> None:
    indexes = tuple(index(f"i{number}") for number in range(local))
    assert write_units(table(size_bytes=size, item_count=items, local_indexes=indexes)) == units


@pytest.mark.parametrize(
    ("rate", "options", "workers", "parallel"),
    [
        (4_000, {}, 3, 8),
        (40_000, {}, 21, 80),
        (40_000, {"worker_type": "G.2X"}, 11, 80),
        (5, {}, 2, 4),
        (1_000_000, {}, 100, 396),
        (4_000, {"workers": 10}, 10, 36),
        (4_000, {"workers": 10, "worker_type": "G.8X"}, 10, 288),
    ],
    ids=["new-table", "default-quota", "larger-workers", "tiny", "most", "chosen", "chosen-and-large"],
)
def test_workers_follow_from_the_write_rate(rate: float, options: Any, workers: int, parallel: int) -> None:
    sizing = loading(rate=rate, **options)
    assert (sizing.workers, sizing.parallel, sizing.write_rate) == (workers, parallel, int(rate))


def test_a_load_takes_as_long_as_its_writes() -> None:
    sizing = loading()
    assert sizing.seconds == 100 * 1024 * 1024 // 4000 + 1
    assert sizing.read_rate == 0


def test_a_copy_takes_as_long_as_the_slower_side() -> None:
    assert copying().seconds == loading().seconds
    slow = provisioned(size_bytes=100 * GIB, item_count=100, read_units=100)
    sizing = copying(slow, rate=40_000, read_share=0.2)
    assert (sizing.read_rate, sizing.seconds) == (20, 100 * GIB // (8192 * 20))


@pytest.mark.parametrize(
    ("of", "share", "units"),
    [
        (provisioned(read_units=100), 0.5, 50),
        (provisioned(read_units=1), 0.1, 1),
        (table(), 0.5, 6000),
        (table(max_read_units=1000), 0.25, 250),
    ],
    ids=["provisioned", "at-least-one", "on-demand", "on-demand-maximum"],
)
def test_the_source_keeps_its_share(of: Table, share: float, units: int) -> None:
    assert read_rate(of, CopyOptions(bucket="any", read_share=share)) == units
    assert read_rate(of, S3GlueOptions(bucket="any")) == 0


@pytest.mark.parametrize(
    ("size", "options", "segments"),
    [(0, {}, 8), (GIB, {}, 16), (100 * GIB, {}, 64), (GIB, {"segments": 5}, 5)],
    ids=["empty", "by-size", "most", "chosen"],
)
def test_segments_are_several_for_a_task(size: int, options: Any, segments: int) -> None:
    assert copying(table(size_bytes=size, item_count=1), **options).segments == segments


@pytest.mark.parametrize(
    ("of", "options", "minutes"),
    [
        (table(), {}, 60),
        (LARGE, {}, 30 + 26215 * 3 // 60),
        (table(size_bytes=10**15, item_count=10**12), {}, MOST_MINUTES),
        (LARGE, {"timeout_minutes": 5}, 5),
    ],
    ids=["least", "three-times", "most", "chosen"],
)
def test_the_timeout_leaves_room(of: Table, options: Any, minutes: int) -> None:
    assert loading(of, **options).timeout_minutes == minutes


def test_cost_is_by_workers_and_time_and_at_least_a_minute() -> None:
    sizing = loading(workers=10, worker_type="G.2X")
    assert sizing.dpu == 20
    assert sizing.dollars(3600) == pytest.approx(20 * 0.44)
    assert sizing.dollars(1) == pytest.approx(20 * 0.44 / 60)
    assert sizing.dollars() == pytest.approx(20 * 0.44 * sizing.seconds / 3600)


def test_a_scan_reads_8_kib_with_a_unit() -> None:
    assert scan_seconds(table(size_bytes=8192 * 100), 10) == 10
