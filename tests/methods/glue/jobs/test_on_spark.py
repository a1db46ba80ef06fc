"""The lossless jobs on real Spark: every item of every type arrives, whatever happens on the way.

One sandbox for all, with a table of 20,000 items and an export of it; each test loads into a table of its own.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ddbtui.dataplane.digest import Digest, Hasher, bits_for
from ddbtui.dataplane.scan import SegmentedScan
from ddbtui.sandbox.process import start
from ddbtui.sandbox.seeds import items as seed_items
from tests.methods.glue.jobs.running import BUCKET, Jobs, export, make_reader, make_target, need_spark, on_spark
from tests.support.sandbox import REGION, TestSandbox, make_bucket, wait_for

COUNT = 20_000
SECRET = b"only for this comparison"
KINDS = (seed_items.product, seed_items.invoice, seed_items.audit, seed_items.customer, seed_items.session)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[TestSandbox]:
    """The source: `everything` with 20,000 items and `few` with 40."""
    need_spark()
    with start(seed="none", speed=0) as process:
        made = TestSandbox(process)
        make_bucket(made, BUCKET)
        make_bucket(made, "seed-111111111111", profile="source", writers=None)
        for table, count in (("everything", COUNT), ("few", 40)):
            seed(made, table, count)
        yield made


def seed(sandbox: TestSandbox, table: str, count: int) -> None:
    """Import a table: the fastest way to so many items."""
    random = Random(7)
    lines = []
    for number in range(count):
        item = KINDS[number % len(KINDS)](random, number // len(KINDS))
        key = {"pk": {"S": f"p-{number % 97}"}, "at": {"N": str(number)}}
        lines.append(json.dumps({"Item": item | key}) + "\n")
    body = gzip.compress("".join(lines).encode(), compresslevel=1)
    sandbox.client("source", "s3").put_object(Bucket="seed-111111111111", Key=f"{table}/items.json.gz", Body=body)
    client = sandbox.client("source", "dynamodb")
    keys = {"pk": ("HASH", "S"), "at": ("RANGE", "N")}
    started = client.import_table(
        S3BucketSource={"S3Bucket": "seed-111111111111", "S3KeyPrefix": f"{table}/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": table,
            "KeySchema": [{"AttributeName": name, "KeyType": role} for name, (role, _) in keys.items()],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, (_, kind) in keys.items()
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    arn = started["ImportTableDescription"]["ImportArn"]
    described = wait_for(lambda: ended(client.describe_import(ImportArn=arn)["ImportTableDescription"]), 60)
    assert (described["ImportStatus"], described["ImportedItemCount"]) == ("COMPLETED", count)


def ended(described: dict[str, Any]) -> dict[str, Any] | None:
    return described if described["ImportStatus"] != "IN_PROGRESS" else None


@pytest.fixture
def jobs(sandbox: TestSandbox, tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(sandbox, tmp_path, on_spark())
    yield made
    made.stop()


def digest(sandbox: TestSandbox, profile: str, table: str) -> Digest:
    """What is in a table, by the product's own digest."""
    made = Digest(Hasher(SECRET, ("pk", "at"), bits_for(COUNT)))

    def take(_: int, page: list[Any]) -> None:
        for item in page:
            made.add(item)

    assert SegmentedScan(sandbox.client(profile, "dynamodb"), table, segments=1).run(take)
    return made


@pytest.fixture(scope="module")
def source(sandbox: TestSandbox) -> Digest:
    """What is in `everything`."""
    return digest(sandbox, "source", "everything")


def assert_equal(source: Digest, target: Digest) -> None:
    assert source.differing(target) == []
    assert (source.count, target.count) == (COUNT, COUNT)


def stored(sandbox: TestSandbox, table: str) -> int:
    """How many items there are; the sandbox counts at once what AWS counts every six hours."""
    time.sleep(0.2)  # looking too often slows the writing down
    found = sandbox.client("target", "dynamodb").describe_table(TableName=table)["Table"]
    return int(found["ItemCount"])


def test_a_load_that_was_killed_midway_and_begun_again_ends_equal(
    sandbox: TestSandbox, jobs: Jobs, source: Digest
) -> None:
    target = make_target(sandbox, "everything", "loaded")
    given = {"target_table": target, **export(sandbox, "everything")}
    killed = jobs.start("load_export", **given)
    wait_for(lambda: stored(sandbox, target) > COUNT // 10, 200)
    jobs.kill(killed)
    assert COUNT // 10 < stored(sandbox, target) < COUNT
    code, said = jobs.run("load_export", **given, token="token-2")
    assert code == 0, said
    told = jobs.progress()
    assert (told["token"], told["done"], told["total"], told["finished"]) == ("token-2", COUNT, COUNT, True)
    assert_equal(source, digest(sandbox, "target", target))


def test_a_copy_of_a_table_of_another_account_is_equal(sandbox: TestSandbox, jobs: Jobs, source: Digest) -> None:
    target = make_target(sandbox, "everything", "copied")
    place = {"source_table": "everything", "source_region": REGION, "source_role_arn": make_reader(sandbox)}
    code, said = jobs.run("copy_table", target_table=target, segments=8, max_rcu=100_000, **place)
    assert code == 0, said
    told = jobs.progress()
    assert (told["done"], told["files"], told["parts"], told["finished"]) == (COUNT, 8, 8, True)
    assert_equal(source, digest(sandbox, "target", target))


def test_a_file_with_a_wrong_md5_fails_the_job_and_is_named(sandbox: TestSandbox, jobs: Jobs) -> None:
    target = make_target(sandbox, "few", "damaged")
    code, said = jobs.run("load_export", target_table=target, **export(sandbox, "few", lie="wrong-md5"))
    assert code == 1
    (cause,) = [line for line in said.splitlines() if "JobFailed: " in line]
    assert "JobFailed: ddbtui/r1/few/AWSDynamoDB/" in cause
    assert cause.endswith(".json.gz does not have the MD5 that the manifest gives")
    assert jobs.progress()["error"] in cause
    assert "py4j" not in said, "Spark does not bury the cause"
    assert stored(sandbox, target) < 40


def test_the_table_has_every_type_of_attribute(sandbox: TestSandbox) -> None:
    kinds: set[str] = set()
    for page in sandbox.client("source", "dynamodb").get_paginator("scan").paginate(TableName="few"):
        for item in page["Items"]:
            for value in item.values():
                kinds |= value.keys()
    assert kinds == {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}
