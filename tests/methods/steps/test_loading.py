"""What a load may use, what it costs, and what must hold before."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.table import Table
from ddbtui.methods.base import CostLine
from ddbtui.methods.steps.loaded_table import after_load, before_load
from ddbtui.methods.steps.loading import (
    LoadingOptions,
    likely_write_rate,
    loading_lines,
    loading_prerequisites,
    loading_quotas,
    write_rate,
)
from tests.methods.lab import Journal, Lab
from tests.methods.steps.loads import NAME, described, loading, make_rich, options, used_since
from tests.methods.tables import index, move, provisioned, table

FAST = provisioned(write_units=600, global_indexes=(index(read_units=5, write_units=200),))
LIMITED = table(max_write_units=3000, global_indexes=(index(max_write_units=1000),))
INDEXED = table(
    size_bytes=2 * 1024 * 10**6, item_count=10**6, global_indexes=(index(), index("by-b")), local_indexes=(index("l"),)
)


def moving(given: Table, chosen: LoadingOptions, **changed: Any) -> Any:
    made = move(given, method=chosen, **changed)
    return made, made.tables[0]


@pytest.mark.parametrize(
    ("given", "chosen", "rate"),
    [
        (table(), {}, 4000),
        (table(), {"warm_write_units": 9000}, 9000),
        (table(), {"warm_write_units": 100}, 4000),
        (table(), {"max_write_units": 50}, 50),
        (table(), {"max_write_units": 50_000}, 4000),
        (FAST, {}, 200),
        (FAST, {"indexes": "after-load"}, 600),
        (FAST, {"indexes": "after-load", "warm_write_units": 9000}, 600),
        (LIMITED, {"warm_write_units": 9000}, 1000),
        (LIMITED, {"warm_write_units": 9000, "indexes": "after-load"}, 3000),
        (FAST, {"table": "existing"}, 4000),
        (FAST, {"table": "existing", "max_write_units": 70}, 70),
    ],
    ids=[
        "a fresh one",
        "warmed",
        "warmed less than usual",
        "by wish",
        "wished more than it serves",
        "the slowest index",
        "without indexes",
        "provisioned is the limit",
        "maximum of an index",
        "maximum of the table",
        "existing",
        "existing by wish",
    ],
)
def test_the_rate_is_what_the_slowest_serves(given: Table, chosen: dict[str, Any], rate: float) -> None:
    assert write_rate(*moving(given, options(**chosen))) == rate
    assert likely_write_rate(given, options(**chosen)) == rate


def test_the_plan_s_billing_decides() -> None:
    assert write_rate(*moving(FAST, options(), target_table={"billing": "on-demand"})) == 4000


def lines(given: Table, **chosen: Any) -> dict[str, CostLine]:
    return {line.what: line for line in loading_lines([given], options(**chosen) if chosen else None)}


@pytest.mark.parametrize(
    ("way", "what"),
    [
        ("with-load", "Write the items to global indexes, too (on-demand)"),
        ("after-load", "Fill the global indexes after the load, at most (on-demand)"),
    ],
    ids=["with-load", "after-load"],
)
def test_the_cost_of_either_way_is_said(way: str, what: str) -> None:
    found = lines(INDEXED, indexes=way)
    assert list(found) == ["Write the items (on-demand)", what]
    assert found["Write the items (on-demand)"].dollars == pytest.approx(4 * 0.625)
    assert found[what].dollars == pytest.approx(4 * 0.625)
    assert found[what].quantity == "4.0 M write units"


def test_provisioned_capacity_is_paid_by_the_hour() -> None:
    (line,) = loading_lines([provisioned(size_bytes=1024 * 10**6, item_count=10**6)], None)
    assert line.what == "Write the items (provisioned, for as long as it takes)"
    assert line.dollars == pytest.approx(10**6 / 3600 * 0.00065)


def test_warm_throughput_is_paid_above_what_is_usual() -> None:
    what = "Warm throughput, once (it can't be lowered again)"
    assert lines(INDEXED, warm_write_units=40_000)[what].dollars == pytest.approx(3 * 36_000 * 0.00065)
    assert lines(INDEXED, warm_write_units=40_000, indexes="after-load")[what].quantity == "36,000 write units a second"
    assert lines(INDEXED, warm_write_units=100)[what].dollars == 0
    assert what not in lines(INDEXED)


def test_an_empty_table_costs_nothing() -> None:
    assert loading_lines([table()], None) == []


def ids(found: Any) -> list[str]:
    return [one.id for one in found]


def test_what_must_hold_depends_on_whose_table_it_is() -> None:
    created, existing = moving(FAST, options()), moving(FAST, options(table="existing"))
    assert (ids(loading_prerequisites(*created)), ids(loading_prerequisites(*existing))) == (
        ["target-name"],
        ["target-table"],
    )
    assert ids(loading_quotas(created[0])) == ["table-quota", "write-quota"]
    assert ids(loading_quotas(existing[0])) == ["write-quota"]


@pytest.mark.parametrize(
    ("given", "chosen", "outcome"),
    [
        (table(), {}, "pass"),
        (table(), {"warm_write_units": 50_000}, "fail"),
        (provisioned(write_units=39_999, global_indexes=(index(read_units=1, write_units=2),)), {}, "fail"),
        (provisioned(write_units=39_998, global_indexes=(index(read_units=1, write_units=2),)), {}, "pass"),
        (provisioned(write_units=50_000), {"table": "existing"}, "pass"),
        (provisioned(write_units=50_000), {"table": "existing", "max_write_units": 50_000}, "fail"),
    ],
    ids=["fresh", "too warm", "too much with its index", "just so", "existing", "too fast for any"],
)
def test_the_quota_counts_what_is_asked_for(lab: Lab, given: Table, chosen: Any, outcome: str) -> None:
    made = lab.move("orders", method=options(**chosen))
    moved = type(made)(made.plan, made.source, made.target, moving(given, options())[0].tables)
    assert loading_quotas(moved)[-1].check().outcome == outcome


@pytest.mark.parametrize("way", ["with-load", "after-load"])
def test_an_existing_table_keeps_its_own(lab: Lab, way: str) -> None:
    make_rich(lab)
    watched = lab.client("source")
    for place in ({}, {"IndexName": "by-a"}, {"IndexName": "by-b"}):
        watched.update_contributor_insights(TableName=NAME, ContributorInsightsAction="ENABLE", **place)
    names = {"pk": "S", "sk": "N"}
    key = lab.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    lab.client("target").create_table(
        TableName=NAME,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": of} for name, of in names.items()],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    plan = {"carry_over": ["tags", "table-class", "contributor-insights"]}
    made, journal = loading(lab, table="existing", indexes=way, plan=plan), Journal()
    assert list(before_load(made, made.tables[0])) == []
    steps = list(after_load(made, made.tables[0]))
    wanted = [f"carry-over-{name}" for name in ("table-class", "tags", "contributor-insights")] + ["structure"]
    assert [step.name for step in steps] == (["add-indexes", *wanted] if way == "after-load" else wanted)
    for step in steps:
        lab.tell("calls/clear")
        journal.carry_out(NAME, step)
        assert used_since(lab, step)[0] == set()
    told = " ".join(journal.results[NAME, "structure"]["intended"])
    for named in ("local indexes", "billing", "encryption"):
        assert f"{named}: " in told
    assert ("global indexes: " in told) == (way == "with-load")
    assert described(lab)["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    missing = [] if way == "after-load" else ["by-a", "by-b"]
    lost = [f"Contributor Insights of index {one}: not carried over, since rich has no such index" for one in missing]
    carried = journal.results[NAME, "carry-over-contributor-insights"]
    assert (carried["setting"], carried.get("intended", [])) == ("contributor-insights", lost)
    assert [text for level, text in journal.log if level == "warn"] == lost
    assert "contributor-insights" in journal.results[NAME, "structure"]["equal"]
    assert journal.resources == {}
