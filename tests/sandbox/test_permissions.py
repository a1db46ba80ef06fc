from __future__ import annotations

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
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, make_bucket, refused


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def test_without_a_policy_nothing_is_allowed_but_who_am_i(fresh: TestSandbox) -> None:
    session = fresh.role(SOURCE, "Nobody")
    assert fresh.client_of(session, "sts").get_caller_identity()["Arn"].endswith(":assumed-role/Nobody/test")
    with refused("AccessDeniedException") as held:
        fresh.client_of(session, "dynamodb").describe_table(TableName="orders")
    message = held[0].response["Error"]["Message"]
    assert message == (
        f"User: arn:aws:sts::{SOURCE}:assumed-role/Nobody/test is not authorized to perform: dynamodb:DescribeTable "
        f"on resource: {arn_of('orders')} because no identity-based policy allows the dynamodb:DescribeTable action"
    )
    with refused("AccessDenied"):
        fresh.client_of(session, "s3").list_buckets()


def test_a_policy_allows_what_it_names(fresh: TestSandbox) -> None:
    session = fresh.role(SOURCE, "Some", [allow("dynamodb:Describe*", resource=arn_of("order*"))])
    ddb = fresh.client_of(session, "dynamodb")
    ddb.describe_table(TableName="orders")
    ddb.describe_time_to_live(TableName="orders")
    for call, name in ((ddb.describe_table, "sessions"), (ddb.scan, "orders")):
        with refused("AccessDeniedException"):
            call(TableName=name)


def test_a_deny_wins_and_not_action_is_known(fresh: TestSandbox) -> None:
    deny = {"Effect": "Deny", "NotAction": ["dynamodb:List*", "sts:*"], "Resource": "*"}
    session = fresh.role(SOURCE, "Listing", [allow("*"), deny])
    ddb = fresh.client_of(session, "dynamodb")
    assert ddb.list_tables()["TableNames"]
    with refused("AccessDeniedException") as held:
        ddb.scan(TableName="orders")
    assert "with an explicit deny in an identity-based policy" in str(held[0])


def test_attached_policies_and_users_count(fresh: TestSandbox) -> None:
    import boto3

    iam = fresh.client("source", "iam")
    iam.create_user(UserName="reader")
    text = document(allow("dynamodb:Scan", resource=arn_of("orders")))
    policy = iam.create_policy(PolicyName="read", PolicyDocument=text)["Policy"]["Arn"]
    keys = iam.create_access_key(UserName="reader")["AccessKey"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], region_name="eu-west-1")
    ddb = fresh.client_of(session, "dynamodb")
    with refused("AccessDeniedException"):
        ddb.scan(TableName="orders")
    iam.attach_user_policy(UserName="reader", PolicyArn=policy)
    assert ddb.scan(TableName="orders")["Count"] == 30


WRITES = ("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload")
LOGS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
)


@pytest.mark.parametrize("missing", [None, *WRITES])
def test_an_export_needs_all_that_aws_documents(fresh: TestSandbox, missing: str | None) -> None:
    ready(fresh)
    wanted = [action for action in WRITES if action != missing]
    jobs = ("dynamodb:ExportTableToPointInTime", "dynamodb:DescribeExport")
    session = fresh.role(SOURCE, "Exporter", [allow(*jobs), allow(*wanted, resource=f"arn:aws:s3:::{BUCKET}/run/*")])
    done = export(fresh, client=fresh.client_of(session, "dynamodb"))
    assert done["ExportStatus"] == ("FAILED" if missing else "COMPLETED")
    if missing:
        assert missing in done["FailureMessage"]


@pytest.mark.parametrize("missing", [None, "s3:GetObject", "s3:ListBucket", *LOGS])
def test_an_import_needs_all_that_aws_documents(fresh: TestSandbox, missing: str | None) -> None:
    ready(fresh)
    prefix = data_prefix(export(fresh))
    statements = [
        allow("dynamodb:ImportTable", resource=arn_of("orders", TARGET)),
        allow("dynamodb:DescribeImport", resource=arn_of("orders/import/*", TARGET)),
    ]
    if missing != "s3:GetObject":
        statements.append(allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/*"))
    if missing != "s3:ListBucket":
        statements.append(allow("s3:ListBucket", resource=f"arn:aws:s3:::{BUCKET}"))
    logs = f"arn:aws:logs:eu-west-1:{TARGET}:log-group:/aws-dynamodb/*"
    statements.append(allow(*[action for action in LOGS if action != missing], resource=logs))
    session = fresh.role(TARGET, "Importer", statements)
    done = finish_import(fresh, import_request(fresh, "orders", prefix), fresh.client_of(session, "dynamodb"))
    assert done["ImportStatus"] == ("FAILED" if missing else "COMPLETED"), done
    if missing:
        assert missing in done["FailureMessage"]


def test_every_call_is_recorded_with_its_action(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    fresh.control("calls/clear")
    s3 = fresh.client("target", "s3")
    for call in (
        lambda: s3.head_bucket(Bucket=BUCKET),
        lambda: s3.get_bucket_encryption(Bucket=BUCKET),
        lambda: s3.get_bucket_ownership_controls(Bucket=BUCKET),
        lambda: s3.list_objects_v2(Bucket=BUCKET),
        lambda: s3.get_public_access_block(Bucket=BUCKET),
        lambda: s3.get_bucket_request_payment(Bucket=BUCKET),
        lambda: s3.get_bucket_policy(Bucket=BUCKET),
        lambda: s3.put_object(Bucket=BUCKET, Key="a", Body=b""),
        lambda: s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "a"}, {"Key": "b&c"}]}),
        lambda: fresh.client("target", "sts").get_caller_identity(),
        lambda: fresh.client("target", "dynamodb").list_imports(),
    ):
        call()
    calls = fresh.calls()
    here = f"arn:aws:s3:::{BUCKET}"
    assert [(call["operation"], call["action"], call["resource"]) for call in calls] == [
        ("HeadBucket", "s3:ListBucket", here),
        ("GetBucketEncryption", "s3:GetEncryptionConfiguration", here),
        ("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", here),
        ("ListObjectsV2", "s3:ListBucket", here),
        ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", here),
        ("GetBucketRequestPayment", "s3:GetBucketRequestPayment", here),
        ("GetBucketPolicy", "s3:GetBucketPolicy", here),
        ("PutObject", "s3:PutObject", f"{here}/a"),
        ("DeleteObjects", "s3:DeleteObject", f"{here}/a"),
        ("DeleteObjects", "s3:DeleteObject", f"{here}/b&c"),
        ("GetCallerIdentity", None, None),
        ("ListImports", "dynamodb:ListImports", "*"),
    ]
    assert {call["principal"] for call in calls} == {f"arn:aws:iam::{TARGET}:user/target-admin"}
    assert {(call["account"], call["outcome"], call["via"]) for call in calls} == {(TARGET, "ok", None)}
    assert [call["seq"] for call in calls] == sorted(call["seq"] for call in calls)


def test_refused_and_faulty_calls_are_recorded_too(fresh: TestSandbox) -> None:
    fresh.control("calls/clear")
    session = fresh.role(SOURCE, "Nobody")
    with refused("AccessDeniedException"):
        fresh.client_of(session, "dynamodb").scan(TableName="orders")
    fresh.fault("throttle", match={"operation": "ListTables"})
    with refused("ThrottlingException"):
        fresh.client("source", "dynamodb").list_tables()
    scan = fresh.calls(operation="Scan")[0]
    assert (scan["outcome"], scan["principal"]) == ("AccessDeniedException", f"arn:aws:iam::{SOURCE}:role/Nobody")
    assert fresh.calls(operation="ListTables")[0]["outcome"] == "ThrottlingException"


def test_what_jobs_do_in_their_callers_name_is_recorded(fresh: TestSandbox) -> None:
    ready(fresh)
    switch_on(fresh)
    fresh.control("calls/clear")
    prefix = data_prefix(export(fresh))
    finish_import(fresh, import_request(fresh, "orders", prefix))
    exported = {call["action"] for call in fresh.calls(via="export")}
    imported = {call["action"] for call in fresh.calls(via="import")}
    assert exported == set(WRITES)
    assert imported == {"s3:GetObject", "s3:ListBucket", *LOGS}
    assert {call["account"] for call in fresh.calls(via="export")} == {SOURCE}
    assert {call["account"] for call in fresh.calls(via="import")} == {TARGET}
    requests = fresh.calls(operation="ImportTable")
    assert requests[0]["resource"] == arn_of("orders", TARGET)
    assert requests[0]["params"]["TableName"] == "orders"
