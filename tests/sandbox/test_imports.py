from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from tests.sandbox.moving import (
    BUCKET,
    arn_of,
    data_prefix,
    export,
    finish_import,
    import_request,
    ready,
    switch_on,
)
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, items, make_bucket, refused, same_items, wait_for


def put(sandbox: TestSandbox, lines: list[Any], name: str = "1.json.gz", *, compress: bool = True) -> str:
    text = "".join((line if isinstance(line, str) else json.dumps({"Item": line})) + "\n" for line in lines).encode()
    body = gzip.compress(text) if compress else text
    sandbox.client("target", "s3").put_object(Bucket=BUCKET, Key=f"in/{name}", Body=body)
    return "in/"


def good(number: int) -> dict[str, Any]:
    return {"customer": {"S": "c"}, "order": {"N": str(number)}}


AWKWARD: dict[str, Any] = {
    "empty": {"S": ""},
    "control": {"S": "\x00\n\u2028\u202e"},
    "far": {"S": "Dynamo 🚚"},
    "exact": {"N": "12345678901234567890123456789012345678"},
    "small": {"N": "-9.9E-100"},
    "binary": {"B": bytes(range(256))},
    "no-bytes": {"B": b""},
    "null": {"NULL": True},
    "no": {"BOOL": False},
    "list": {"L": []},
    "map": {"M": {}},
    "strings": {"SS": ["b", "a"]},
    "numbers": {"NS": ["1", "-2.5"]},
    "binaries": {"BS": [b"\x00", b"\xff"]},
    "nested": {"M": {"": {"L": [{"M": {"x": {"B": b"\x01"}}}, {"NULL": True}]}}},
    "with.dots and spaces": {"S": '"quoted"'},
}


def test_everything_survives_export_and_import(fresh: TestSandbox) -> None:
    ready(fresh)
    source, target = fresh.client("source", "dynamodb"), fresh.client("target", "dynamodb")
    source.put_item(TableName="orders", Item={**good(1), **AWKWARD})
    source.put_item(TableName="orders", Item={**good(2), "big": {"S": "x" * 398_000}})
    fresh.control("speed", speed=0.3)
    done = export(fresh)
    request = import_request(fresh, "orders", data_prefix(done), ClientToken="i")
    started = target.import_table(**request)["ImportTableDescription"]
    assert started["ImportStatus"] == "IN_PROGRESS"
    assert target.describe_table(TableName="orders")["Table"]["TableStatus"] == "CREATING"
    with refused("ResourceNotFoundException"):
        target.scan(TableName="orders")
    counts: list[int] = []

    def look() -> dict[str, Any] | None:
        got: dict[str, Any] = target.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
        counts.append(got["ProcessedItemCount"])
        return got if got["ImportStatus"] != "IN_PROGRESS" else None

    finished = wait_for(look)
    assert finished["ImportStatus"] == "COMPLETED"
    assert (finished["ProcessedItemCount"], finished["ImportedItemCount"], finished["ErrorCount"]) == (32, 32, 0)
    assert finished["ProcessedSizeBytes"] > 398_000
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert same_items(items(source, "orders"), items(target, "orders"))
    described = target.describe_table(TableName="orders")["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["GlobalSecondaryIndexes"][0]["IndexName"] == "by-status"
    paid = target.query(
        TableName="orders", IndexName="by-status", KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":s": {"S": "paid"}},
    )  # fmt: skip
    assert paid["Count"] == 10


def test_the_description_is_full(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    request = import_request(fresh, "orders", put(fresh, [good(1)]), ClientToken="t")
    done = finish_import(fresh, request)
    for name, value in request.items():
        assert done[name] == value
    assert done["ImportArn"].startswith(arn_of("orders", TARGET) + "/import/")
    assert done["CloudWatchLogGroupArn"].endswith(":log-group:/aws-dynamodb/imports:*")


def test_billing_and_encryption_are_taken(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    key = fresh.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    creation = {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 3},
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    }
    request = import_request(fresh, "sessions", put(fresh, [{"id": {"S": "1"}}]), creation=creation)
    finish_import(fresh, request)
    described = fresh.client("target", "dynamodb").describe_table(TableName="sessions")["Table"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
    assert described["SSEDescription"]["KMSMasterKeyArn"] == key


def test_a_token_makes_one_import_only(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    prefix = put(fresh, [good(1)])
    target = fresh.client("target", "dynamodb")
    request = import_request(fresh, "orders", prefix, ClientToken="t")
    first = target.import_table(**request)["ImportTableDescription"]["ImportArn"]
    assert target.import_table(**request)["ImportTableDescription"]["ImportArn"] == first
    with refused("ImportConflictException"):
        target.import_table(**{**request, "InputCompressionType": "NONE"})
    with refused("ResourceInUseException"):
        target.import_table(**{**request, "ClientToken": "u"})
    rows = target.list_imports(TableArn=arn_of("orders", TARGET))["ImportSummaryList"]
    assert [row["ImportArn"] for row in rows] == [first]


def test_local_indexes_cannot_be_imported(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    request = import_request(fresh, "threads", "in/")
    assert "LocalSecondaryIndexes" not in request["TableCreationParameters"]
    request["TableCreationParameters"]["AttributeDefinitions"] = request["TableCreationParameters"][
        "AttributeDefinitions"
    ][:2]
    members = fresh.client("target", "dynamodb").meta.service_model.shape_for("TableCreationParameters").members
    assert "LocalSecondaryIndexes" not in members


def fails(done: dict[str, Any], code: str) -> None:
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", code), done
    assert done["FailureMessage"]


def test_bad_items_fail_it_and_the_good_ones_stay(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    bad: list[Any] = [
        {"customer": {"S": "c"}},
        {"customer": {"S": "c"}, "order": {"S": "1"}},
        {"customer": {"S": ""}, "order": {"N": "1"}},
        {**good(7), "status": {"N": "1"}},
        {**good(8), "n": {"N": "x"}},
        "{not json",
    ]
    done = finish_import(fresh, import_request(fresh, "orders", put(fresh, [good(1), good(2), *bad])))
    fails(done, "ItemValidationError")
    assert (done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == (8, 2, 6)
    target = fresh.client("target", "dynamodb")
    assert target.describe_table(TableName="orders")["Table"]["TableStatus"] == "ACTIVE"
    assert len(items(target, "orders")) == 2
    logs = fresh.client("target", "logs")
    stream = done["ImportArn"].rsplit("/", 1)[1] + "/error"
    events = logs.get_log_events(logGroupName="/aws-dynamodb/imports", logStreamName=stream)["events"]
    assert len(events) == 6
    assert "Missing the key order" in json.loads(events[0]["message"])["errorMessage"]


def test_equal_keys_are_one_item(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    lines = [{**good(1), "v": {"S": "a"}}, {**good(1), "v": {"S": "b"}}]
    done = finish_import(fresh, import_request(fresh, "orders", put(fresh, lines)))
    assert (done["ImportStatus"], done["ImportedItemCount"]) == ("COMPLETED", 2)
    assert len(items(fresh.client("target", "dynamodb"), "orders")) == 1


def test_the_prefix_must_be_that_of_the_data(fresh: TestSandbox) -> None:
    ready(fresh)
    done = export(fresh)
    short = data_prefix(done).removesuffix("data/")
    failed = finish_import(fresh, import_request(fresh, "orders", short))
    fails(failed, "ItemValidationError")
    assert failed["ErrorCount"] >= 4


def test_the_compression_must_be_right(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    fails(
        finish_import(fresh, import_request(fresh, "orders", put(fresh, [good(1)], compress=False))),
        "ItemValidationError",
    )
    fresh.client("target", "dynamodb").delete_table(TableName="orders")
    request = import_request(fresh, "orders", put(fresh, [good(1)], compress=False), InputCompressionType="NONE")
    assert finish_import(fresh, request)["ImportStatus"] == "COMPLETED"


def test_nothing_under_the_prefix(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    fails(finish_import(fresh, import_request(fresh, "orders", "nowhere/")), "S3NoSuchKey")


def test_a_missing_bucket(fresh: TestSandbox) -> None:
    fails(finish_import(fresh, import_request(fresh, "orders", "in/")), "S3NoSuchBucket")


def test_the_owner_must_be_said_right(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    request = import_request(fresh, "orders", put(fresh, [good(1)]))
    request["S3BucketSource"]["S3BucketOwner"] = SOURCE
    fails(finish_import(fresh, request), "S3AccessDenied")


def test_from_the_other_accounts_bucket(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, profile="source", writers=None)
    body = gzip.compress(json.dumps({"Item": good(1)}).encode())
    s3 = fresh.client("source", "s3")
    s3.put_object(Bucket=BUCKET, Key="in/x.gz", Body=body)
    request = import_request(fresh, "orders", "in/")
    request["S3BucketSource"]["S3BucketOwner"] = SOURCE
    fails(finish_import(fresh, request), "S3AccessDenied")
    fresh.client("target", "dynamodb").delete_table(TableName="orders")
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}}
    read = {**allow, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/in/*"}
    look = {**allow, "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read, look]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    assert finish_import(fresh, request)["ImportStatus"] == "COMPLETED"


@pytest.mark.parametrize("lie", ["lost-item", "changed-item", "error-count"])
def test_an_import_can_be_made_to_lie(fresh: TestSandbox, lie: str) -> None:
    make_bucket(fresh, BUCKET)
    fresh.control("job-faults", jobs=[{"job": "import", "lie": lie}])
    done = finish_import(fresh, import_request(fresh, "orders", put(fresh, [good(1), good(2)])))
    assert done["ImportStatus"] == "COMPLETED"
    assert (done["ImportedItemCount"], done["ErrorCount"]) == (2, int(lie == "error-count"))
    found = items(fresh.client("target", "dynamodb"), "orders")
    assert len(found) == 2 - (lie == "lost-item")
    assert sum("sandbox-changed" in item for item in found.values()) == (lie == "changed-item")


def test_an_import_can_be_made_to_fail_half_way(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    fresh.control("job-faults", jobs=[{"job": "import", "code": "UNKNOWN", "message": "no luck"}])
    done = finish_import(fresh, import_request(fresh, "orders", put(fresh, [good(number) for number in range(10)])))
    fails(done, "UNKNOWN")
    assert len(items(fresh.client("target", "dynamodb"), "orders")) == 5


def test_a_sealed_export_can_be_imported_with_the_key(fresh: TestSandbox) -> None:
    ready(fresh)
    kms = fresh.client("target", "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    principal = {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    policy["Statement"].append({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    prefix = data_prefix(export(fresh, S3SseAlgorithm="KMS", S3SseKmsKeyId=key))
    kms.disable_key(KeyId=key)
    fails(finish_import(fresh, import_request(fresh, "orders", prefix)), "S3AccessDenied")
    kms.enable_key(KeyId=key)
    fresh.client("target", "dynamodb").delete_table(TableName="orders")
    assert finish_import(fresh, import_request(fresh, "orders", prefix))["ImportStatus"] == "COMPLETED"


def test_the_list_has_pages(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    prefix = put(fresh, [good(1)])
    arns = [
        finish_import(fresh, import_request(fresh, "orders", prefix, creation={"TableName": f"orders-{number}"}))[
            "ImportArn"
        ]
        for number in range(3)
    ]
    target = fresh.client("target", "dynamodb")
    first = target.list_imports(PageSize=2)
    rest = target.list_imports(PageSize=2, NextToken=first["NextToken"])
    assert [row["ImportArn"] for row in first["ImportSummaryList"] + rest["ImportSummaryList"]] == arns[::-1]
    with refused("ImportNotFoundException"):
        target.describe_import(ImportArn=arns[0] + "0")


def test_binary_keys_survive(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    source = fresh.client("source", "dynamodb")
    source.create_table(
        TableName="bytes", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "B"}],
    )  # fmt: skip
    for key in (b"\x00", b"\xff\x00", base64.b64encode(b"x")):
        source.put_item(TableName="bytes", Item={"k": {"B": key}})
    switch_on(fresh, "bytes")
    finish_import(fresh, import_request(fresh, "bytes", data_prefix(export(fresh, "bytes"))))
    assert same_items(items(source, "bytes"), items(fresh.client("target", "dynamodb"), "bytes"))
