from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import pytest

from tests.sandbox.moving import BUCKET, arn_of, data_prefix, export, finish_export, ready, start_export, switch_on
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, make_bucket, refused


def read(sandbox: TestSandbox, key: str) -> bytes:
    body: bytes = sandbox.client("target", "s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def files(sandbox: TestSandbox, described: dict[str, Any]) -> list[dict[str, Any]]:
    summary = json.loads(read(sandbox, described["ExportManifest"]))
    return [json.loads(line) for line in read(sandbox, summary["manifestFilesS3Key"]).splitlines()]


def lines(sandbox: TestSandbox, described: dict[str, Any]) -> list[dict[str, Any]]:
    bodies = [gzip.decompress(read(sandbox, each["dataFileS3Key"])) for each in files(sandbox, described)]
    return [json.loads(line)["Item"] for body in bodies for line in body.splitlines()]


def test_it_takes_time_and_then_describes_itself_fully(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("speed", speed=0.3)
    started = start_export(fresh, ClientToken="token-1")
    assert started["ExportStatus"] == "IN_PROGRESS"
    assert "ItemCount" not in started
    done = finish_export(fresh, started)
    assert done["ExportStatus"] == "COMPLETED"
    assert done["StartTime"] < done["EndTime"]
    wanted = {
        "TableArn": arn_of("orders"),
        "S3Bucket": BUCKET,
        "S3BucketOwner": TARGET,
        "S3Prefix": "run/1",
        "S3SseAlgorithm": "AES256",
        "ClientToken": "token-1",
        "ExportFormat": "DYNAMODB_JSON",
        "ExportType": "FULL_EXPORT",
        "ItemCount": 30,
    }
    assert {name: done[name] for name in wanted} == wanted
    assert done["BilledSizeBytes"] > 0
    assert done["TableId"] == fresh.client("source", "dynamodb").describe_table(TableName="orders")["Table"]["TableId"]
    export_id = done["ExportArn"].rsplit("/", 1)[1]
    assert done["ExportManifest"] == f"run/1/AWSDynamoDB/{export_id}/manifest-summary.json"


def test_the_layout_is_that_of_aws(fresh: TestSandbox) -> None:
    ready(fresh)
    done = export(fresh)
    root = done["ExportManifest"].removesuffix("manifest-summary.json")
    names = [each["Key"] for each in fresh.client("target", "s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    plain = {f"{root}{name}" for name in ("_started", "manifest-summary.json", "manifest-summary.md5")}
    plain |= {f"{root}{name}" for name in ("manifest-files.json", "manifest-files.md5")}
    assert plain <= set(names)
    assert all(name.startswith(f"{root}data/") and name.endswith(".json.gz") for name in set(names) - plain)
    assert read(fresh, f"{root}_started") == b""
    summary = json.loads(read(fresh, done["ExportManifest"]))
    assert (summary["version"], summary["itemCount"]) == ("2020-06-30", 30)
    assert (summary["exportArn"], summary["tableId"]) == (done["ExportArn"], done["TableId"])
    for name in ("manifest-summary", "manifest-files"):
        digest = base64.b64encode(md5(read(fresh, f"{root}{name}.json"), usedforsecurity=False).digest())
        assert read(fresh, f"{root}{name}.md5") == digest
    for each in files(fresh, done):
        body = read(fresh, each["dataFileS3Key"])
        assert base64.b64encode(md5(body, usedforsecurity=False).digest()).decode() == each["md5Checksum"]
        assert len(gzip.decompress(body).splitlines()) == each["itemCount"]
    assert sum(each["itemCount"] for each in files(fresh, done)) == 30
    assert len(lines(fresh, done)) == 30


def test_an_empty_table_gives_empty_files(fresh: TestSandbox) -> None:
    ready(fresh)
    ddb = fresh.client("source", "dynamodb")
    ddb.create_table(
        TableName="empty", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip
    switch_on(fresh, "empty")
    done = export(fresh, "empty")
    assert done["ItemCount"] == 0
    assert files(fresh, done)
    assert lines(fresh, done) == []


def test_a_token_makes_one_export_only(fresh: TestSandbox) -> None:
    ready(fresh)
    first = start_export(fresh, ClientToken="t")
    again = start_export(fresh, ClientToken="t")
    assert again["ExportArn"] == first["ExportArn"]
    with refused("ExportConflictException"):
        start_export(fresh, ClientToken="t", S3Prefix="elsewhere")
    assert start_export(fresh, ClientToken="u")["ExportArn"] != first["ExportArn"]
    assert len(fresh.state()["jobs"]) == 2


def test_without_point_in_time_recovery_there_is_no_export(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    with refused("PointInTimeRecoveryUnavailableException"):
        start_export(fresh)
    with refused("TableNotFoundException"):
        start_export(fresh, "there-is-none")


@pytest.mark.parametrize("hours", [-2, 1])
def test_the_time_must_be_within_the_window(fresh: TestSandbox, hours: int) -> None:
    ready(fresh)
    with refused("InvalidExportTimeException"):
        start_export(fresh, ExportTime=datetime.now(UTC) + timedelta(hours=hours))


def test_it_holds_what_was_there_at_the_time(fresh: TestSandbox) -> None:
    ready(fresh)
    ddb = fresh.client("source", "dynamodb")
    before = len(ddb.scan(TableName="orders")["Items"])
    key = {"customer": {"S": "customer-0"}, "order": {"N": "1000"}}
    moment = datetime.now(UTC) + timedelta(seconds=5)
    fresh.control("clock", seconds=10)
    ddb.put_item(TableName="orders", Item={"customer": {"S": "new"}, "order": {"N": "1"}})
    ddb.update_item(
        TableName="orders", Key=key, UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":s": {"S": "changed"}},
    )  # fmt: skip
    ddb.delete_item(TableName="orders", Key={"customer": {"S": "customer-1"}, "order": {"N": "1001"}})
    found = lines(fresh, export(fresh, ExportTime=moment))
    assert len(found) == before
    assert {item["status"]["S"] for item in found} == {"new", "paid", "sent"}
    now = lines(fresh, export(fresh))
    assert len(now) == before
    assert {"S": "changed"} in [item.get("status") for item in now]


def fails(done: dict[str, Any], code: str) -> None:
    assert (done["ExportStatus"], done["FailureCode"]) == ("FAILED", code), done
    assert done["FailureMessage"]
    assert "ExportManifest" not in done


def test_a_missing_bucket_fails_it(fresh: TestSandbox) -> None:
    switch_on(fresh)
    fails(export(fresh), "S3NoSuchBucket")


def test_the_bucket_policy_must_let_the_caller_write(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    switch_on(fresh)
    fails(export(fresh), "S3AccessDenied")
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:user/source-admin"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/run/*",
    }
    s3 = fresh.client("target", "s3")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(allow))
    fails(export(fresh), "S3AccessDenied")
    actions = ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document({**allow, "Action": actions}))
    assert export(fresh)["ExportStatus"] == "COMPLETED"
    fails(export(fresh, S3Prefix="elsewhere"), "S3AccessDenied")


def test_the_owner_must_be_said_right(fresh: TestSandbox) -> None:
    ready(fresh)
    fails(export(fresh, S3BucketOwner=SOURCE), "S3AccessDenied")


def test_requester_pays_fails_it(fresh: TestSandbox) -> None:
    ready(fresh)
    payer = {"Payer": "Requester"}
    fresh.client("target", "s3").put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration=payer)
    fails(export(fresh), "S3AccessDenied")


def test_a_sealed_bucket_needs_the_key(fresh: TestSandbox) -> None:
    ready(fresh)
    kms = fresh.client("target", "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    sealed = {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": key}
    fails(export(fresh, **sealed), "S3AccessDenied")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    principal = {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    actions = ["kms:GenerateDataKey", "kms:Decrypt"]
    policy["Statement"].append({"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    done = export(fresh, **sealed)
    assert (done["ExportStatus"], done["S3SseKmsKeyId"]) == ("COMPLETED", key)
    assert fresh.client("target", "s3").head_object(Bucket=BUCKET, Key=done["ExportManifest"])["SSEKMSKeyId"] == key


def test_the_list_has_pages(fresh: TestSandbox) -> None:
    ready(fresh)
    switch_on(fresh, "sessions")
    arns = [export(fresh)["ExportArn"] for _ in range(3)]
    export(fresh, "sessions")
    ddb = fresh.client("source", "dynamodb")
    first = ddb.list_exports(TableArn=arn_of("orders"), MaxResults=2)
    rest = ddb.list_exports(TableArn=arn_of("orders"), MaxResults=2, NextToken=first["NextToken"])
    assert [row["ExportArn"] for row in first["ExportSummaries"] + rest["ExportSummaries"]] == arns[::-1]
    assert "NextToken" not in rest
    assert len(ddb.list_exports()["ExportSummaries"]) == 4
    with refused("ExportNotFoundException"):
        ddb.describe_export(ExportArn=arns[0] + "0")


def test_the_prefix_may_be_absent(fresh: TestSandbox) -> None:
    ready(fresh)
    done = export(fresh, S3Prefix="")
    assert done["ExportManifest"].startswith("AWSDynamoDB/")
    assert data_prefix(done).endswith("/data/")


@pytest.mark.parametrize("lie", ["missing-item", "changed-item", "wrong-md5", "wrong-count"])
def test_an_export_can_be_made_to_lie(fresh: TestSandbox, lie: str) -> None:
    ready(fresh)
    fresh.control("job-faults", jobs=[{"job": "export", "lie": lie}])
    done = export(fresh)
    assert done["ExportStatus"] == "COMPLETED"
    found, told = lines(fresh, done), files(fresh, done)
    wrong = [
        each
        for each in told
        if base64.b64encode(md5(read(fresh, each["dataFileS3Key"]), usedforsecurity=False).digest()).decode()
        != each["md5Checksum"]
    ]
    assert len(wrong) == (lie == "wrong-md5")
    assert len(found) == 30 - (lie == "missing-item")
    assert done["ItemCount"] == 30 + (lie == "wrong-count")
    assert sum("sandbox-changed" in item for item in found) == (lie == "changed-item")
    assert len(lines(fresh, export(fresh))) == 30


def test_an_export_can_be_made_to_fail(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("job-faults", jobs=[{"job": "export", "table": "orders", "code": "UNKNOWN", "message": "no luck"}])
    fails(export(fresh), "UNKNOWN")
    assert export(fresh)["ExportStatus"] == "COMPLETED"
