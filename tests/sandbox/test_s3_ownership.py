"""Objects of a bucket that still has ACLs belong to the account that wrote them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox import TestSandbox, make_bucket, refused, wait_for

BUCKET = "moving-house"
FULL_CONTROL = "bucket-owner-full-control"


def with_acls(sandbox: TestSandbox, rule: str = "ObjectWriter") -> tuple[Any, Any]:
    """The source's and the target's client for a bucket of the target that keeps its ACLs."""
    make_bucket(sandbox, BUCKET)
    source, target = sandbox.client("source", "s3"), sandbox.client("target", "s3")
    target.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": rule}]})
    return source, target


@pytest.mark.parametrize("rule", ["ObjectWriter", "BucketOwnerPreferred"])
def test_the_bucket_s_owner_reads_only_what_it_is_let(fresh: TestSandbox, rule: str) -> None:
    source, target = with_acls(fresh, rule)
    source.put_object(Bucket=BUCKET, Key="in/x", Body=b"x")
    assert target.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
    with refused("AccessDenied"):
        target.get_object(Bucket=BUCKET, Key="in/x")
    with refused("403"):
        target.head_object(Bucket=BUCKET, Key="in/x")
    with refused("AccessDenied"):
        target.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "in/x"})
    with refused("AccessDenied"):
        target.put_object_acl(Bucket=BUCKET, Key="in/x", ACL=FULL_CONTROL)
    source.put_object_acl(Bucket=BUCKET, Key="in/x", ACL=FULL_CONTROL)
    assert target.get_object(Bucket=BUCKET, Key="in/x")["Body"].read() == b"x"
    source.put_object_acl(Bucket=BUCKET, Key="in/x", ACL="private")
    with refused("AccessDenied"):
        target.get_object(Bucket=BUCKET, Key="in/x")


def test_the_bucket_s_owner_may_always_remove(fresh: TestSandbox) -> None:
    source, target = with_acls(fresh)
    source.put_object(Bucket=BUCKET, Key="in/x", Body=b"x")
    target.delete_object(Bucket=BUCKET, Key="in/x")
    assert target.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_an_acl_in_the_write_lets_at_once(fresh: TestSandbox) -> None:
    source, target = with_acls(fresh)
    source.put_object(Bucket=BUCKET, Key="in/x", Body=b"x", ACL=FULL_CONTROL)
    assert target.get_object(Bucket=BUCKET, Key="in/x")["Body"].read() == b"x"


def test_the_setting_counts_from_the_moment_it_is_made(fresh: TestSandbox) -> None:
    source, target = with_acls(fresh)
    source.put_object(Bucket=BUCKET, Key="in/x", Body=b"x")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    target.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=enforced)
    assert target.get_object(Bucket=BUCKET, Key="in/x")["Body"].read() == b"x"
    with refused("AccessControlListNotSupported"):
        source.put_object_acl(Bucket=BUCKET, Key="in/x", ACL=FULL_CONTROL)


def test_an_export_belongs_to_the_source_and_can_t_be_imported_so(fresh: TestSandbox) -> None:
    _, target = with_acls(fresh)
    there, here = fresh.client("source", "dynamodb"), fresh.client("target", "dynamodb")
    there.update_continuous_backups(
        TableName="sessions", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table = there.describe_table(TableName="sessions")["Table"]
    export = there.export_table_to_point_in_time(
        TableArn=table["TableArn"], S3Bucket=BUCKET, S3BucketOwner="222222222222", S3Prefix="x"
    )["ExportDescription"]["ExportArn"]

    def exported() -> Any:
        found = there.describe_export(ExportArn=export)["ExportDescription"]
        return found if found["ExportStatus"] == "COMPLETED" else None

    manifest = wait_for(exported)["ExportManifest"]
    with refused("AccessDenied"):
        target.get_object(Bucket=BUCKET, Key=manifest)
    answer = here.import_table(
        S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": manifest.rsplit("/", 1)[0] + "/data/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": "sessions",
            "AttributeDefinitions": table["AttributeDefinitions"],
            "KeySchema": table["KeySchema"],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]["ImportArn"]

    def failed() -> Any:
        found = here.describe_import(ImportArn=answer)["ImportTableDescription"]
        return found if found["ImportStatus"] == "FAILED" else None

    assert wait_for(failed)["FailureCode"] == "S3AccessDenied"
