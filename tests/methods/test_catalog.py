"""Every method is declared in full, and gives honest verdicts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import ddbtui
from ddbtui.aws.table import Encryption
from ddbtui.errors import UserError
from ddbtui.methods.base import Method
from ddbtui.methods.catalog import ATTRIBUTES, METHODS, method, option_models
from ddbtui.methods.glue.options import S3GlueOptions
from tests.methods.tables import index, move, provisioned, table

TIB = 1024**4
PACKAGE = Path(ddbtui.__file__).parent


def test_all_methods_stand_in_order() -> None:
    words = "s3-import s3-bulk backup s3-glue glue emr data-pipeline direct global-table"
    assert [one.id for one in METHODS] == words.split()


@pytest.mark.parametrize("one", METHODS, ids=lambda one: one.id)
def test_each_is_declared_in_full(one: Method) -> None:
    assert tuple(one.keeps) == ATTRIBUTES
    assert one.url.startswith("https://docs.aws.amazon.com/")
    assert one.title
    assert len(one.summary) > 80


@pytest.mark.parametrize("one", METHODS, ids=lambda one: one.id)
def test_each_estimates_more_for_more(one: Method) -> None:
    small, large = table(size_bytes=10**9, item_count=10**6), table(size_bytes=10**12, item_count=10**9)
    little, much = one.estimate([small], None), one.estimate([small, large], None)
    assert 0 < little.dollars < much.dollars
    assert little.seconds[0] < little.seconds[1] < much.seconds[1]
    assert one.estimate([table()], None).dollars >= 0


def test_a_plan_can_name_only_what_is_built() -> None:
    assert (
        set(option_models())
        == {one.id for one in METHODS if one.available}
        == {*("s3-import", "backup", "s3-glue", "glue")}
    )


@pytest.mark.parametrize("one", [one for one in METHODS if not one.available], ids=lambda one: one.id)
def test_what_is_not_built_says_so(one: Method) -> None:
    for ask in (one.prerequisites, one.access, one.changes, one.work):
        with pytest.raises(UserError, match="not available yet"):
            ask(move(table()))


def test_an_unknown_method_is_named_with_its_neighbour() -> None:
    assert method("s3-import") is METHODS[0]
    with pytest.raises(UserError, match="did you mean 's3-import'"):
        method("s3-imprt")


LSI = table(local_indexes=(index("by-x"), index("by-y")))
GLOBAL = table(replicas=("us-east-1",))
AWS_KEY = table(encryption=Encryption(kind="aws-managed", key_arn="arn:aws:kms:eu-west-1:111111111111:key/a"))


@pytest.mark.parametrize(
    ("method_id", "given", "suits", "words"),
    [
        ("s3-import", table(), True, None),
        ("s3-import", LSI, False, "2 local secondary indexes"),
        ("s3-import", LSI, False, "backup, s3-glue and glue keep them"),
        ("s3-import", table(local_indexes=(index(),)), False, "1 local secondary index,"),
        ("s3-import", table(size_bytes=16 * TIB), False, "15 TiB"),
        ("s3-import", table(size_bytes=2 * TIB), True, "more than 1 TiB"),
        ("s3-import", GLOBAL, True, "add replicas"),
        ("s3-import", table(kinesis_streams=("arn",)), True, "Kinesis"),
        ("s3-bulk", LSI, True, "StartBulkPutItems"),
        ("backup", LSI, True, None),
        ("backup", AWS_KEY, True, None),
        ("backup", GLOBAL, True, "add replicas"),
        ("backup", table(kinesis_streams=("arn",)), True, "Kinesis"),
        ("backup", table(max_read_units=10), True, "on-demand maximums"),
        ("backup", table(size_bytes=30 * TIB), True, "25 TiB"),
        ("s3-glue", LSI, True, None),
        ("s3-glue", GLOBAL, True, "add replicas"),
        ("glue", table(), True, "read by a scan"),
        ("emr", table(), True, "empty lists"),
        ("data-pipeline", table(), False, "25 July 2024"),
        ("direct", table(size_bytes=TIB), True, "is large"),
        ("global-table", table(), True, "different regions"),
        ("global-table", GLOBAL, False, "replicas must be dropped"),
        ("global-table", AWS_KEY, False, "can't be shared"),
    ],
)
def test_verdicts(method_id: str, given: Any, suits: bool, words: str | None) -> None:
    verdict = method(method_id).suits(given)
    assert verdict.suits is suits
    assert (words is None and verdict.reasons == ()) or words in " ".join(verdict.reasons)


def test_the_worked_example_of_a_terabyte() -> None:
    """1 TB of 1 KB items without indexes: export 102 $, import 154 $; loading by writes about 670 $."""
    big = table(size_bytes=TIB, item_count=TIB // 1024, pitr=True)
    lines = {line.what: line.dollars for line in method("s3-import").estimate([big], None).lines}
    assert lines["Export to S3"] == pytest.approx(102.4)
    assert lines["Import from S3 (uncompressed)"] == pytest.approx(153.6)
    assert lines["Read the copy once (proof: digest)"] == pytest.approx(33.55, abs=0.1)
    assert not any(what.startswith("Point-in-time") for what in lines)
    assert 669 < method("direct").estimate([big], None).dollars < 700


def test_recovery_that_is_off_costs_its_share_of_a_month() -> None:
    big = table(size_bytes=TIB, item_count=1)
    (line,) = [line for line in method("s3-import").estimate([big], None).lines if "recovery" in line.what]
    assert 0 < line.dollars < 1024 * 0.20 * 6 / 730


def test_every_index_is_written_too() -> None:
    plain, indexed = (
        table(size_bytes=10**9, item_count=10**6),
        table(size_bytes=10**9, item_count=10**6, global_indexes=(index(), index("b"))),
    )
    writes = [
        sum(line.dollars for line in method("s3-glue").estimate([one], None).lines if line.what.startswith("Write"))
        for one in (plain, indexed)
    ]
    assert writes[1] == pytest.approx(3 * writes[0])


def test_a_crawl_costs_ten_minutes_at_least() -> None:
    """Two DPU for ten minutes at 0.44 $ an hour, for each table."""
    catalog = S3GlueOptions.model_validate({"bucket": "staging", "loader": "catalog"})
    told = {
        loader: {line.what: line.dollars for line in method("s3-glue").estimate([table(), table()], options).lines}
        for loader, options in (("lossless", None), ("catalog", catalog))
    }
    assert told["catalog"].pop("Crawl the exports") == pytest.approx(2 * 0.1467, abs=0.001)
    assert told["catalog"] == told["lossless"]


def test_an_estimate_of_nothing_is_no_error() -> None:
    assert method("s3-import").estimate([], None).dollars == 0
    assert method("s3-import").estimate([provisioned()], None).dollars > 0


def test_every_prerequisite_is_one_of_a_method() -> None:
    """Each class of `ddbtui.prerequisites` that can be checked is named where a method or a step asks for it."""
    asked = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "methods").rglob("*.py"))
    found = {
        name
        for path in (PACKAGE / "prerequisites").glob("*.py")
        for name, text in re.findall(r"^class (\w+)\(.*?\n(.*?)(?=^\S|\Z)", path.read_text("utf-8"), re.M | re.S)
        if re.search(r"^    id = ", text, re.M)
    }
    assert len(found) > 30
    assert {name for name in found if not re.search(rf"\b{name}\b", asked)} == set()
