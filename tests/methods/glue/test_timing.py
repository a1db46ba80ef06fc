"""A job that Glue would end before it is through is not started."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.table import Table
from ddbtui.methods.catalog import method
from ddbtui.prerequisites.base import Finding
from ddbtui.prerequisites.glue_time import JobTime
from tests.methods.tables import move, provisioned, table

GIB = 1024**3
LARGE: dict[str, Any] = {"size_bytes": 100 * GIB, "item_count": 100 * 1024**2}
SLOW = provisioned(**LARGE, read_units=10_000, write_units=25)


def found(of: Table, kind: str, options: dict[str, Any], **plan: Any) -> Finding:
    chosen = move(of, method={"type": kind, "bucket": "staging", **options}, **plan)
    (finding,) = (one.check() for one in method(kind).prerequisites(chosen) if isinstance(one, JobTime))
    return finding


@pytest.mark.parametrize("kind", ["glue", "s3-glue"])
def test_a_load_that_takes_longer_than_any_job_is_refused(kind: str) -> None:
    finding = found(SLOW, kind, {})
    assert finding.outcome == "fail"
    assert "about 48 d 13 h" in finding.evidence
    assert "Glue ends it after 7 d." in finding.evidence
    assert "billing: on-demand" in finding.advice


@pytest.mark.parametrize("kind", ["glue", "s3-glue"])
def test_more_capacity_lets_it_pass(kind: str) -> None:
    assert found(SLOW, kind, {}, target_table={"billing": "on-demand"}).outcome == "pass"
    assert found(table(**LARGE), kind, {}).outcome == "pass"


def test_a_timeout_of_the_plan_that_is_too_short_is_refused() -> None:
    finding = found(table(**LARGE), "s3-glue", {"timeout_minutes": 60})
    assert (finding.outcome, "timeout_minutes" in finding.advice) == ("fail", True)


def test_a_scan_that_is_too_slow_is_named_as_what_it_is() -> None:
    finding = found(provisioned(**LARGE, read_units=10, write_units=40_000), "glue", {})
    assert (finding.outcome, "read_share" in finding.advice) == ("fail", True)
