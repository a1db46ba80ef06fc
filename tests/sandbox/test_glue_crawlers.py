"""Crawlers: they read the files in their role's name and make a table of them.

https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.sandbox import moving
from tests.sandbox.gluing import TRUST, WRITE_LOGS, make_role, role_arn
from tests.support.sandbox import REGION, TARGET, TestSandbox, document, make_bucket, refused, wait_for

NAME = "looker"
START = f"arn:aws:glue:{REGION}:{TARGET}"
CATALOG = [f"{START}:catalog", f"{START}:database/moves", f"{START}:table/moves/*"]
WRITES = {
    "Effect": "Allow",
    "Action": ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"],
    "Resource": CATALOG,
}


def reads(bucket: str) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": resources}


def make_crawler(sandbox: TestSandbox, path: str, *, target: dict[str, Any] | None = None, **more: Any) -> Any:
    glue = sandbox.client("target", "glue")
    targets = {"S3Targets": [{"Path": path, **(target or {})}]}
    glue.create_crawler(Name=NAME, Role=role_arn(), DatabaseName="moves", Targets=targets, **more)
    return glue


def ready(sandbox: TestSandbox, bucket: str = "crawled", *statements: dict[str, Any]) -> Any:
    """A bucket, a database, and a role that may read and write them."""
    if bucket == "crawled":
        make_bucket(sandbox, bucket, writers=None)
    make_role(sandbox, *(statements or (reads(bucket), WRITES, WRITE_LOGS)))
    glue = sandbox.client("target", "glue")
    glue.create_database(DatabaseInput={"Name": "moves"})
    return glue


def put(sandbox: TestSandbox, key: str, *records: Any, packed: bool = True) -> None:
    text = "\n".join(json.dumps(record) for record in records).encode()
    body = gzip.compress(text) if packed else text
    sandbox.client("target", "s3").put_object(Bucket="crawled", Key=key, Body=body)


def finish(sandbox: TestSandbox) -> dict[str, Any]:
    """Wait until the crawler is READY; its last crawl."""
    glue = sandbox.client("target", "glue")

    def look() -> Any:
        told = glue.get_crawler(Name=NAME)["Crawler"]
        return told["LastCrawl"] if told["State"] == "READY" else None

    found: dict[str, Any] = wait_for(look)
    return found


def crawl(sandbox: TestSandbox) -> dict[str, Any]:
    sandbox.client("target", "glue").start_crawler(Name=NAME)
    return finish(sandbox)


def tables(sandbox: TestSandbox) -> dict[str, str]:
    """Names of the tables that there are, and the types of their first columns."""
    found = sandbox.client("target", "glue").get_tables(DatabaseName="moves")["TableList"]
    columns = {table["Name"]: table["StorageDescriptor"]["Columns"] for table in found}
    return {name: held[0]["Type"] if held else "" for name, held in columns.items()}


def test_an_export_becomes_a_table_with_one_struct(fresh: TestSandbox) -> None:
    moving.ready(fresh)
    prefix = moving.data_prefix(moving.export(fresh))
    glue = ready(fresh, moving.BUCKET)
    make_crawler(fresh, f"s3://{moving.BUCKET}/{prefix}", TablePrefix="mine_", Tags={"ddbtui:run": "1"})
    assert glue.get_tags(ResourceArn=f"{START}:crawler/{NAME}")["Tags"] == {"ddbtui:run": "1"}
    last = crawl(fresh)
    assert (last["Status"], last["LogGroup"], last["LogStream"]) == ("SUCCEEDED", "/aws-glue/crawlers", NAME)
    table = glue.get_table(DatabaseName="moves", Name="mine_data")["Table"]
    storage = table["StorageDescriptor"]
    lines = "lines:struct<L:array<struct<M:struct<sku:struct<S:string>,count:struct<N:string>>>>>"
    inside = "customer:struct<S:string>,order:struct<N:string>,status:struct<S:string>,total:struct<N:string>"
    assert storage["Columns"] == [{"Name": "item", "Type": f"struct<{inside},{lines},gift:struct<BOOL:boolean>>"}]
    assert storage["Location"] == f"s3://{moving.BUCKET}/{prefix}"
    assert storage["SerdeInfo"]["SerializationLibrary"] == "org.openx.data.jsonserde.JsonSerDe"
    assert (table["TableType"], table["Parameters"]["classification"]) == ("EXTERNAL_TABLE", "json")
    assert (table["Parameters"]["recordCount"], table["Parameters"]["compressionType"]) == ("30", "gzip")
    assert table["CreatedBy"] == f"arn:aws:sts::{TARGET}:assumed-role/GlueWorker/AWS-Crawler"


def test_a_crawl_works_in_its_role(fresh: TestSandbox) -> None:
    ready(fresh)
    put(fresh, "a/one.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    fresh.control("calls/clear")
    assert crawl(fresh)["Status"] == "SUCCEEDED"
    noted = {call["action"] for call in fresh.calls(via="crawl", principal=role_arn())}
    catalog = {"glue:GetDatabase", "glue:GetTable", "glue:CreateTable"}
    logs = {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert noted == {"s3:ListBucket", "s3:GetObject"} | catalog | logs


def test_the_states_of_a_crawler(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    put(fresh, "a/one.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    assert "LastCrawl" not in glue.get_crawler(Name=NAME)["Crawler"]
    with refused("CrawlerNotRunningException"):
        glue.stop_crawler(Name=NAME)
    fresh.control("speed", speed=1000)
    glue.start_crawler(Name=NAME)
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "RUNNING"
    for call in (glue.start_crawler, glue.delete_crawler):
        with refused("CrawlerRunningException"):
            call(Name=NAME)
    glue.stop_crawler(Name=NAME)
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "STOPPING"
    with refused("CrawlerStoppingException"):
        glue.stop_crawler(Name=NAME)
    fresh.control("clock", seconds=300)
    assert finish(fresh)["Status"] == "CANCELLED"
    assert tables(fresh) == {}
    glue.start_crawler(Name=NAME)
    fresh.control("clock", seconds=900)
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "STOPPING"
    fresh.control("clock", seconds=300)
    assert finish(fresh)["Status"] == "SUCCEEDED"
    glue.delete_crawler(Name=NAME)
    with refused("EntityNotFoundException"):
        glue.get_crawler(Name=NAME)
    assert tables(fresh) == {"a": "int"}


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("s3:GetObject", "Insufficient permission on s3://crawled/a/one.json.gz"),
        ("s3:ListBucket", "Insufficient permission on s3://crawled"),
        ("glue:CreateTable", "glue:CreateTable"),
    ],
)
def test_a_role_that_may_not_fails_the_crawl(fresh: TestSandbox, lacking: str, message: str) -> None:
    deny = {"Effect": "Deny", "Action": lacking, "Resource": "*"}
    ready(fresh, "crawled", reads("crawled"), WRITES, deny)
    put(fresh, "a/one.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    last = crawl(fresh)
    assert last["Status"] == "FAILED"
    assert message in last["ErrorMessage"]


def test_files_of_a_folder_with_other_columns_are_tables_of_their_own(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    put(fresh, "a/same/1.json.gz", {"x": 1})
    put(fresh, "a/same/2.json", {"x": "text"}, packed=False)
    put(fresh, "a/mixed/1.json.gz", {"x": 1})
    put(fresh, "a/mixed/Two.json.gz", {"y": True})
    put(fresh, "a/mixed/empty.json.gz")
    fresh.client("target", "s3").put_object(Bucket="crawled", Key="a/mixed/sum.md5", Body=b"c3Vt")
    make_crawler(fresh, "s3://crawled/a")
    assert crawl(fresh)["Status"] == "SUCCEEDED"
    whole = {"same": "union<string,int>", "1_json_gz": "int", "two_json_gz": "boolean", "sum_md5": ""}
    assert tables(fresh) == whole
    unknown = glue.get_table(DatabaseName="moves", Name="sum_md5")["Table"]
    assert unknown["Parameters"]["classification"] == "UNKNOWN"


def test_exclusions_and_grouping(fresh: TestSandbox) -> None:
    ready(fresh)
    put(fresh, "a/in/1.json.gz", {"x": 1})
    put(fresh, "a/in/deep/1.json.gz", {"x": 1})
    put(fresh, "a/out/1.json.gz", {"y": 1})
    put(fresh, "a/in/1.md5", {"z": 1})
    grouping = '{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}'
    make_crawler(fresh, "s3://crawled/a/", target={"Exclusions": ["out/**", "**.{md5,tmp}"]}, Configuration=grouping)
    assert crawl(fresh)["Status"] == "SUCCEEDED"
    assert tables(fresh) == {"a": "int"}


def test_a_second_crawl_changes_the_table(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    put(fresh, "a/1.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    crawl(fresh)
    put(fresh, "a/1.json.gz", {"x": 1.5})
    crawl(fresh)
    assert tables(fresh) == {"a": "double"}
    assert glue.get_table(DatabaseName="moves", Name="a")["Table"]["VersionId"] == "1"
    glue.update_crawler(Name=NAME, SchemaChangePolicy={"UpdateBehavior": "LOG"})
    put(fresh, "a/1.json.gz", {"x": "text"})
    crawl(fresh)
    assert tables(fresh) == {"a": "double"}


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"Role": "Nobody"}, "InvalidInputException", "Service is unable to assume provided role."),
        ({"Targets": {}}, "InvalidInputException", "S3 targets only"),
        ({"Targets": {"DynamoDBTargets": [{"Path": "t"}]}}, "InvalidInputException", "S3 targets only"),
        ({"Schedule": "cron(0 1 * * ? *)"}, "InvalidInputException", "Schedule"),
        ({}, "AlreadyExistsException", "already exists"),
    ],
    ids=["role", "no-target", "dynamodb", "schedule", "twice"],
)
def test_what_cannot_be_is_refused(fresh: TestSandbox, more: dict[str, Any], code: str, message: str) -> None:
    glue = ready(fresh)
    make_crawler(fresh, "s3://crawled/a/")
    request = {"Name": NAME, "Role": role_arn(), "DatabaseName": "moves"}
    request |= {"Targets": {"S3Targets": [{"Path": "s3://crawled/a/"}]}, **more}
    with refused(code) as held:
        glue.create_crawler(**request)
    assert message in str(held[0])


def test_passing_the_role_needs_a_right(fresh: TestSandbox) -> None:
    ready(fresh)
    create = {"Effect": "Allow", "Action": "glue:CreateCrawler", "Resource": f"{START}:crawler/{NAME}"}
    glue = fresh.client_of(fresh.role(TARGET, "Maker", [create]), "glue")
    targets = {"S3Targets": [{"Path": "s3://crawled/a/"}]}
    with refused("AccessDeniedException") as held:
        glue.create_crawler(Name=NAME, Role=role_arn(), DatabaseName="moves", Targets=targets)
    assert "iam:PassRole" in str(held[0])


def test_a_role_that_no_longer_trusts_glue_fails_the_crawl(fresh: TestSandbox) -> None:
    ready(fresh)
    make_crawler(fresh, "s3://crawled/a/")
    other = {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}
    iam = fresh.client("target", "iam")
    iam.update_assume_role_policy(RoleName="GlueWorker", PolicyDocument=document(other))
    assert crawl(fresh)["ErrorMessage"].startswith("Service is unable to assume provided role.")


def test_a_crawl_goes_wrong_on_demand(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_crawler(fresh, "s3://crawled/a/")
    fresh.control("job-faults", jobs=[{"job": "crawl", "code": "FAILED", "message": "out of luck"}])
    assert crawl(fresh)["ErrorMessage"] == "out of luck"
    fresh.control("job-faults", jobs=[{"job": "crawl", "code": "DREAMING"}])
    glue.start_crawler(Name=NAME)
    assert glue.get_crawler(Name=NAME)["Crawler"]["State"] == "DREAMING"
    glue.stop_crawler(Name=NAME)
    assert finish(fresh)["Status"] == "CANCELLED"


def test_crawlers_are_listed(fresh: TestSandbox) -> None:
    glue = ready(fresh)
    make_crawler(fresh, "s3://crawled/a/", Tags={"a": "1"})
    assert [crawler["Name"] for crawler in glue.get_crawlers()["Crawlers"]] == [NAME]
    assert glue.list_crawlers(Tags={"a": "1"})["CrawlerNames"] == [NAME]
    assert glue.list_crawlers(Tags={"a": "2"})["CrawlerNames"] == []
