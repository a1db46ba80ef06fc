"""Glue's own reader and writer are told a share of the right number, and what they use too much of is said."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.table import Table
from ddbtui.methods.catalog import method
from ddbtui.methods.glue.shares import read_share, write_share
from tests.methods.glue.support import moving
from tests.methods.lab import Lab
from tests.methods.tables import index, move, provisioned, table

CATALOG = {"type": "s3-glue", "bucket": "staging", "loader": "catalog"}
CONNECTOR = {"type": "glue", "bucket": "staging", "reader": "connector"}
FAST = provisioned(write_units=1000, read_units=1000)


def of(given: Table, way: dict[str, Any], **options: Any) -> Any:
    made = move(given, method={**way, **options})
    return made, made.tables[0]


@pytest.mark.parametrize(
    ("given", "options", "share"),
    [
        (table(), {}, "0.100"),
        (table(), {"warm_write_units": 20_000}, "0.500"),
        (FAST, {}, "1.000"),
        (FAST, {"max_write_units": 250}, "0.250"),
        (provisioned(write_units=1000, global_indexes=(index(read_units=1, write_units=300),)), {}, "0.300"),
    ],
    ids=["on-demand", "warm", "provisioned", "by-wish", "slowest-index"],
)
def test_a_new_table_is_written_at_the_rate_of_the_load(given: Table, options: Any, share: str) -> None:
    assert write_share(*of(given, CATALOG, **options)) == share


def test_a_source_is_read_at_the_rate_of_the_scan() -> None:
    assert read_share(*of(FAST, CONNECTOR, read_share=0.3)) == "0.300"
    assert read_share(*of(table(max_read_units=20_000), CONNECTOR)) == "0.250"


@pytest.mark.parametrize(
    ("units", "options", "share"),
    [(None, {}, "0.100"), (8000, {}, "0.500"), (200, {}, "1.000"), (200, {"max_write_units": 50}, "0.250")],
    ids=["on-demand", "more-than-a-fresh-one", "less", "by-wish"],
)
def test_an_existing_table_is_asked_for_its_units(lab: Lab, units: int | None, options: Any, share: str) -> None:
    target = lab.client("target")
    given = {"ReadCapacityUnits": 1, "WriteCapacityUnits": units}
    target.create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        **(
            {"BillingMode": "PROVISIONED", "ProvisionedThroughput": given}
            if units
            else {"BillingMode": "PAY_PER_REQUEST"}
        ),
    )
    made = moving(lab, "s3-glue", "sessions", options={"loader": "catalog", "table": "existing", **options})
    assert write_share(made, made.tables[0]) == share


@pytest.mark.parametrize(
    ("given", "way", "options", "words"),
    [
        (table(), CATALOG, {}, ""),
        (table(), CATALOG, {"max_write_units": 500}, "at least 4,000 write units a second, not 500"),
        (table(max_read_units=1000), CONNECTOR, {}, "at least 4,000 read units a second, not 500"),
        (FAST, CONNECTOR, {"max_write_units": 99}, "at least 100 write units a second, not 99"),
    ],
    ids=["enough", "wish", "source", "provisioned"],
)
def test_what_glue_uses_too_much_of_is_told(given: Table, way: dict[str, Any], options: Any, words: str) -> None:
    made, _ = of(given, way, **options)
    (finding,) = (one.check() for one in method(way["type"]).prerequisites(made) if one.id == "glue-shares")
    assert finding.outcome == ("warn" if words else "pass")
    assert words in finding.evidence
    assert ("lossless" in finding.advice) == bool(words)
