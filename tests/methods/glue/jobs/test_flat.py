"""What the two scripts of AWS's article share: paths are quoted, names are corrected, and what is not there is told.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ddbtui.methods.glue.jobs.failures import JobFailed
from ddbtui.methods.glue.jobs.flat import corrected, quoted
from ddbtui.sandbox.glue.runtime.awsglue.gluetypes import StructType, type_of
from tests.methods.glue.flat_jobs import BUCKET, FLAT, prepare, try_script
from tests.support.sandbox import TestSandbox


def schema(record: dict[str, Any]) -> StructType:
    found = type_of(record)
    assert isinstance(found, StructType)
    return found


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["Item", "id", "N"], "Item.id.N"),
        (["Item", "a.b", "S"], "Item.`a.b`.S"),
        (["größe"], "`größe`"),
        (["a b", "c-d"], "`a b`.`c-d`"),
    ],
    ids=["plain", "a dot", "no ASCII", "other signs"],
)
def test_names_that_are_no_plain_words_are_quoted(names: list[str], text: str) -> None:
    assert quoted(names) == text


def test_names_are_spelled_as_the_frame_has_them() -> None:
    mapping = [[["Item", "orderId", "N"], "string", "orderId", "long"]]
    assert corrected(mapping, schema({"item": {"orderid": {"n": "1"}}})) == [
        ("item.orderid.n", "string", "orderId", "long")
    ]
    both = schema({"Item": {"orderId": {"N": "1"}, "orderid": {"S": "x"}}})
    assert corrected(mapping, both) == [("Item.orderId.N", "string", "orderId", "long")]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        pytest.param({"Item": {}}, "no field for Item.orderId.N", id="no attribute"),
        pytest.param({"Item": {"orderId": {"S": "x"}}}, "no field for Item.orderId.N", id="no such type"),
        pytest.param({"Item": "text"}, "no field for Item.orderId.N", id="no struct"),
        pytest.param({"Item": {"ORDERID": {}, "orderid": {}}}, "'ORDERID', 'orderid'", id="two of one name"),
    ],
)
def test_what_the_frame_has_not_is_told(record: dict[str, Any], told: str) -> None:
    with pytest.raises(JobFailed, match=told):
        corrected([[["Item", "orderId", "N"], "string", "orderId", "long"]], schema(record))


def crawled(sandbox: TestSandbox) -> None:
    """An export of three items, with the table that a crawler makes of it."""
    lines = [json.dumps({"Item": {"id": item["id"], "at": item["at"]}}).encode() for item in FLAT[:3]]
    s3, glue = sandbox.client("target", "s3"), sandbox.client("target", "glue")
    s3.put_object(Bucket=BUCKET, Key="data/one.json.gz", Body=gzip.compress(b"\n".join(lines)))
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {"Columns": [{"Name": "item", "Type": "struct<>"}], "Location": f"s3://{BUCKET}/data/"}
    given = {"Name": "data", "StorageDescriptor": storage, "Parameters": {"classification": "json"}}
    glue.create_table(DatabaseName="lake", TableInput=given)


def load(sandbox: TestSandbox, engine: str = "substitute", **changed: str) -> tuple[int, dict[str, Any]]:
    mapping = [[["Item", "id", "S"], "string", "id", "string"], [["Item", "at", "N"], "string", "at", "long"]]
    given = {"database": "lake", "catalog_table": "data", "mapping": json.dumps(mapping), "items": "3", **changed}
    done = try_script(sandbox, "load_catalog", engine, **given)
    told = sandbox.client("target", "s3").get_object(Bucket=BUCKET, Key="progress.json")["Body"].read()
    return done.returncode, json.loads(told)


def test_a_catalog_table_is_loaded_and_counted(fresh: TestSandbox) -> None:
    prepare(fresh, [])
    crawled(fresh)
    code, told = load(fresh, "auto")  # on Spark where it is installed
    assert (code, told["finished"], told["done"], told["total"]) == (0, True, 3, 3)
    assert fresh.client("target", "dynamodb").scan(TableName="flat")["Count"] == 3


def test_a_catalog_table_of_other_length_fails_before_it_is_written(fresh: TestSandbox) -> None:
    prepare(fresh, [])
    crawled(fresh)
    code, told = load(fresh, items="4")
    assert (code, told["finished"], told["error"]) == (1, False, "the Data Catalog table has 3 records, not 4")
    assert fresh.client("target", "dynamodb").scan(TableName="flat")["Count"] == 0


def test_an_attribute_that_is_not_there_fails_by_name(fresh: TestSandbox) -> None:
    prepare(fresh, [])
    crawled(fresh)
    code, told = load(fresh, mapping=json.dumps([[["Item", "none", "S"], "string", "none", "string"]]))
    assert (code, told["error"]) == (1, "the Data Catalog table has no field for Item.none.S")
