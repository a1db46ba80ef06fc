"""Frames, transforms and casts as Glue documents them; sources and sinks refuse what the stand-in does not do.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.sandbox.glue.runtime.awsglue.casting import cast
from ddbtui.sandbox.glue.runtime.awsglue.context import GlueContext
from ddbtui.sandbox.glue.runtime.awsglue.dynamicframe import DynamicFrame, path
from ddbtui.sandbox.glue.runtime.awsglue.transforms import ApplyMapping, ResolveChoice
from tests.methods.glue.flat_jobs import make_table
from tests.support.sandbox import REGION, TestSandbox, items, refused

GLUE = GlueContext(None)


def frame(*records: dict[str, Any]) -> DynamicFrame:
    return DynamicFrame(records, GLUE)


def schema(*records: dict[str, Any]) -> dict[str, str]:
    return {field.name: repr(field.dataType) for field in frame(*records).schema().fields}


def test_the_schema_is_computed_of_all_records() -> None:
    assert schema({"a": 1, "b": "x", "c": True}, {"a": 1.5, "d": b"", "c": None}, {"e": [{"x": "1"}, {"y": [1]}]}) == {
        "a": "choice<double,long>",
        "b": "string",
        "c": "boolean",
        "d": "binary",
        "e": "array<struct<x:string,y:array<long>>>",
    }


def test_null_goes_with_any_type() -> None:
    assert schema({"a": None}, {"b": []}) == {"a": "null", "b": "array<null>"}
    assert schema({"a": None}, {"a": [None, "x"]}) == {"a": "array<string>"}


def test_a_mapping_takes_only_what_it_names() -> None:
    records = frame({"Item": {"a.b": {"N": "7"}, "c": {"S": "x"}}, "other": 1}, {"Item": {"c": {"S": "y"}}})
    mapped = ApplyMapping.apply(
        frame=records,
        mappings=[
            ("Item.`a.b`.N", "string", "`a.b`", "long"),
            ("Item.c.S", "string", "deep.c", "string"),
            ("Item.none.S", "string", "none", "string"),
        ],
    )
    assert mapped.records == [{"a.b": 7, "deep": {"c": "x"}}, {"deep": {"c": "y"}}]
    assert mapped.count() == 2


def test_a_choice_is_cast() -> None:
    resolved = ResolveChoice.apply(frame=frame({"a": 1, "b": 1}, {"a": "x"}), specs=[("a", "cast:string")])
    assert resolved.records == [{"a": "1", "b": 1}, {"a": "x"}]
    with pytest.raises(ValueError, match="can't resolve a choice by 'make_cols'"):
        frame().resolveChoice([("a", "make_cols")])


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", "`a", "a`b`", "``"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no path of a field"):
        path(text)


@pytest.mark.parametrize(
    ("value", "kind", "becomes"),
    [
        ("12", "long", 12),
        ("1.5", "long", None),
        ("99999999999999999999", "long", None),
        (1.9, "long", 1),
        (True, "long", 1),
        ([], "long", None),
        ("0.1", "double", 0.1),
        (2, "double", 2.0),
        ("x", "double", None),
        ("1e999", "double", None),
        (b"", "double", None),
        (True, "string", "true"),
        (b"\x00", "string", "AA=="),
        ({}, "string", None),
        ("TRUE", "boolean", True),
        ("yes", "boolean", None),
        ("AA==", "binary", b"AA=="),
        (b"x", "binary", b"x"),
        (1, "binary", None),
        ([1], "array", [1]),
        ("x", "array", None),
        ({"a": 1}, "struct", {"a": 1}),
        ("x", "struct", None),
        (None, "long", None),
    ],
    ids=repr,
)
def test_what_can_not_be_cast_becomes_null(value: Any, kind: str, becomes: Any) -> None:
    assert (type(cast(value, kind)), cast(value, kind)) == (type(becomes), becomes)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="can't cast to 'decimal'"):
        cast("1", "decimal")


def sink(**more: str) -> dict[str, str]:
    return {"dynamodb.region": REGION, "dynamodb.output.tableName": "flat", **more}


@pytest.fixture
def target(in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> TestSandbox:
    """A table that this process, as a job of the target account, may write."""
    monkeypatch.setenv("AWS_PROFILE", "target")
    make_table(in_sandbox, "target", "flat")
    return in_sandbox


KEY = {"id": "a", "at": 1}


def test_the_sink_leaves_null_out_and_knows_no_set(target: TestSandbox) -> None:
    record = {**KEY, "gone": None, "list": [None, 1.5, True], "map": {"x": None, "y": b"z"}}
    assert GLUE.write_dynamic_frame.from_options(frame(record), "dynamodb", sink()).count() == 1
    ((written),) = items(target.client("target", "dynamodb"), "flat").values()
    assert written == {
        "id": {"S": "a"},
        "at": {"N": "1"},
        "list": {"L": [{"N": "1.5"}, {"BOOL": True}]},
        "map": {"M": {"y": {"B": b"z"}}},
    }


def test_a_key_of_another_type_is_refused_by_dynamodb(target: TestSandbox) -> None:
    """https://github.com/awsdocs/aws-glue-developer-guide/issues/51 tells of it."""
    with refused("ValidationException"):
        GLUE.write_dynamic_frame.from_options(frame({**KEY, "at": "1"}), "dynamodb", sink())


def test_unprocessed_items_are_sent_again(target: TestSandbox) -> None:
    target.fault("unprocessed", times=1, match={"operation": "BatchWriteItem"})
    records = [{**KEY, "at": number} for number in range(30)]
    GLUE.write_dynamic_frame.from_options(frame(*records), "dynamodb", sink())
    assert len(items(target.client("target", "dynamodb"), "flat")) == 30
    target.fault("unprocessed", times=-1, match={"operation": "BatchWriteItem"})
    with pytest.raises(RuntimeError, match="items are unprocessed"):
        GLUE.write_dynamic_frame.from_options(frame(*records), "dynamodb", sink(**{"dynamodb.output.retry": "0"}))


@pytest.mark.parametrize("percent", ["0.05", "1.6"])
def test_a_share_has_bounds(percent: str) -> None:
    with pytest.raises(ValueError, match=r"write.percent is a number from 0.1 to 1.5"):
        GLUE.write_dynamic_frame.from_options(
            frame(), "dynamodb", sink(**{"dynamodb.throughput.write.percent": percent})
        )


@pytest.mark.parametrize(("units", "rate"), [(None, 8000), (50, 10)], ids=["on-demand", "provisioned"])
def test_a_share_is_of_the_tables_units(
    target: TestSandbox, capsys: pytest.CaptureFixture[str], units: int | None, rate: int
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html"""
    if units:
        given = {"ReadCapacityUnits": 1, "WriteCapacityUnits": units}
        target.client("target", "dynamodb").update_table(
            TableName="flat", BillingMode="PROVISIONED", ProvisionedThroughput=given
        )
    GLUE.write_dynamic_frame.from_options(frame(), "dynamodb", sink(**{"dynamodb.throughput.write.percent": "0.2"}))
    assert f"Write rate {rate} units/s" in capsys.readouterr().out


def test_other_connections_are_refused() -> None:
    with pytest.raises(ValueError, match="no connection of type 's3'"):
        GLUE.create_dynamic_frame.from_options("s3", {})


def test_a_table_of_other_files_is_refused(target: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    glue = target.client("target", "glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {"Columns": [], "Location": "s3://lake/"}
    given = {"Name": "logs", "StorageDescriptor": storage, "Parameters": {"classification": "csv"}}
    glue.create_table(DatabaseName="lake", TableInput=given)
    with pytest.raises(ValueError, match=r"table lake.logs has the classification csv, not json"):
        GLUE.create_dynamic_frame.from_catalog("lake", "logs")
