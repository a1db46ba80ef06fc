from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sandbox import MANAGEMENT, REGION, SOURCE, TARGET, TestSandbox, document, make_bucket, refused

BUCKET = "moving-house"
ADMIN = f"arn:aws:iam::{SOURCE}:user/source-admin"


def allow(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": ADMIN},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/in/*",
        **more,
    }


def put(sandbox: TestSandbox, key: str = "in/x", **more: Any) -> None:
    sandbox.client("source", "s3").put_object(Bucket=BUCKET, Key=key, Body=b"x", **more)


def set_policy(sandbox: TestSandbox, *statements: dict[str, Any]) -> None:
    sandbox.client("target", "s3").put_bucket_policy(Bucket=BUCKET, Policy=document(*statements))


def test_another_account_needs_the_bucket_policy(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    with refused("AccessDenied"):
        put(fresh)
    set_policy(fresh, allow())
    put(fresh)
    with refused("AccessDenied"):
        put(fresh, "elsewhere/x")
    with refused("AccessDenied"):
        fresh.client("source", "s3").get_object(Bucket=BUCKET, Key="in/x")


def test_a_deny_wins(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    set_policy(fresh, allow(), {**allow(Effect="Deny"), "Principal": "*", "Action": "s3:*"})
    with refused("AccessDenied"):
        put(fresh)
    with refused("AccessDenied"):
        fresh.client("target", "s3").put_object(Bucket=BUCKET, Key="in/x", Body=b"")


def test_a_rule_for_tls_only_harms_nobody(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    set_policy(fresh, allow(), {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    put(fresh)


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ({"ArnEquals": {"aws:PrincipalArn": ADMIN}}, True),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{SOURCE}:user/*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{SOURCE}:role/*"}}, False),
        ({"StringLike": {"aws:PrincipalArn": "*source*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-sandbox0001"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": ["o-other", "o-sandbox0001"]}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-other"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": SOURCE}}, True),
        ({"StringEquals": {"aws:SourceAccount": SOURCE}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
    ],
)
def test_conditions(fresh: TestSandbox, condition: dict[str, Any], passes: bool) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    set_policy(fresh, allow(Condition=condition))
    if passes:
        put(fresh)
    else:
        with refused("AccessDenied"):
            put(fresh)


def test_an_unknown_condition_makes_a_deny_hold(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    set_policy(fresh, allow(), allow(Effect="Deny", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    with refused("AccessDenied"):
        put(fresh)


def test_the_expected_owner_must_be_the_owner(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    put(fresh, ExpectedBucketOwner=TARGET)
    with refused("AccessDenied"):
        put(fresh, ExpectedBucketOwner=SOURCE)
    with refused("403"):
        fresh.client("target", "s3").head_bucket(Bucket=BUCKET, ExpectedBucketOwner=SOURCE)


def test_a_new_bucket_is_as_aws_makes_it(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    s3 = fresh.client("target", "s3")
    rules = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    default = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert default["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == REGION
    assert s3.head_bucket(Bucket=BUCKET)["BucketRegion"] == REGION
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)


def test_a_name_can_be_taken_once(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    with refused("BucketAlreadyOwnedByYou"):
        make_bucket(fresh, BUCKET)
    with refused("BucketAlreadyExists"):
        make_bucket(fresh, BUCKET, profile="source")


def test_acls_are_refused_where_the_owner_is_enforced(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    put(fresh, ACL="bucket-owner-full-control")
    with refused("AccessControlListNotSupported"):
        put(fresh, ACL="public-read")
    fresh.client("target", "s3").put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    put(fresh, ACL="public-read")


def test_requester_pays_can_be_switched(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    s3 = fresh.client("target", "s3")
    assert s3.get_bucket_request_payment(Bucket=BUCKET)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=BUCKET)["Payer"] == "Requester"


@pytest.mark.parametrize(
    "principal", [f"arn:aws:iam::{SOURCE}:role/Nobody", "arn:aws:iam::999999999999:root", "nonsense"]
)
def test_a_policy_may_not_name_an_unknown_principal(fresh: TestSandbox, principal: str) -> None:
    make_bucket(fresh, BUCKET)
    with refused("MalformedPolicy") as held:
        set_policy(fresh, allow(Principal={"AWS": principal}))
    assert "Invalid principal in policy" in str(held[0])


def test_a_policy_must_be_json(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    with refused("MalformedPolicy"):
        fresh.client("target", "s3").put_bucket_policy(Bucket=BUCKET, Policy="{")


def test_a_public_policy_is_blocked(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    with refused("AccessDenied"):
        set_policy(fresh, allow(Principal="*"))
    set_policy(fresh, allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-sandbox0001"}}))


def test_the_policy_is_given_back_as_it_was(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    s3 = fresh.client("target", "s3")
    text = json.dumps(json.loads(document(allow())), indent=3)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"] == text
    s3.delete_bucket_policy(Bucket=BUCKET)
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)
    with refused("AccessDenied"):
        put(fresh)


def test_only_the_owner_sees_the_policy(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    set_policy(fresh, allow(Action="s3:*", Resource=f"arn:aws:s3:::{BUCKET}"))
    with refused("MethodNotAllowed"):
        fresh.client("source", "s3").get_bucket_policy(Bucket=BUCKET)


def test_a_policy_takes_its_time_where_told(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    fresh.control("propagation", seconds=3600)
    set_policy(fresh, allow())
    assert json.loads(fresh.client("target", "s3").get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    with refused("AccessDenied"):
        put(fresh)


def test_objects_pages_multipart_and_deletes(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, writers=None)
    s3 = fresh.client("target", "s3")
    for number in range(5):
        s3.put_object(Bucket=BUCKET, Key=f"a b/é{number}+x", Body=b"0")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="a b/", PaginationConfig={"PageSize": 2})
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    assert keys == [f"a b/é{number}+x" for number in range(5)]
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="big", UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key="big", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket=BUCKET, Key="big")["Body"].read() == b"part"


def test_lifecycle_encryption_and_tags_are_kept(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    s3 = fresh.client("target", "s3")
    rule = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "in/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"][0]["Expiration"] == {"Days": 3}
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "ddbtui:run", "Value": "r1"}]})
    assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == [{"Key": "ddbtui:run", "Value": "r1"}]
    assert s3.get_bucket_versioning(Bucket=BUCKET).get("Status") is None


def test_a_missing_bucket(fresh: TestSandbox) -> None:
    with refused("404"):
        fresh.client("target", "s3").head_bucket(Bucket="there-is-none")
    with refused("NoSuchBucket"):
        fresh.client("target", "s3").list_objects_v2(Bucket="there-is-none")


def test_members_of_another_organization_are_refused(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET, profile="source", writers=None)
    statement = allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-sandbox0001"}})
    fresh.client("source", "s3").put_bucket_policy(Bucket=BUCKET, Policy=document(statement))
    for profile in ("target", "management"):
        fresh.client(profile, "s3").put_object(Bucket=BUCKET, Key="in/x", Body=b"", ExpectedBucketOwner=SOURCE)
    fresh.control("organization", same=False)
    with pytest.raises(ClientError, match="AccessDenied"):
        fresh.client("target", "s3").put_object(Bucket=BUCKET, Key="in/x", Body=b"")
    assert MANAGEMENT
