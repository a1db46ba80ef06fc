from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, make_bucket, refused

BUCKET = "sealed"
USES = ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"]


def make_key(sandbox: TestSandbox) -> str:
    arn: str = sandbox.client("target", "kms").create_key(Description="bucket key")["KeyMetadata"]["Arn"]
    return arn


def share(sandbox: TestSandbox, key: str, **more: Any) -> None:
    kms = sandbox.client("target", "kms")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    allow = {"Sid": "Share", "Effect": "Allow", "Action": USES, "Resource": "*", **more}
    allow.setdefault("Principal", {"AWS": f"arn:aws:iam::{SOURCE}:root"})
    policy["Statement"].append(allow)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))


def test_another_account_needs_the_key_policy(fresh: TestSandbox) -> None:
    key = make_key(fresh)
    kms = fresh.client("source", "kms")
    with refused("AccessDeniedException"):
        kms.describe_key(KeyId=key)
    share(fresh, key)
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["Arn"], described["KeyManager"], described["KeyState"]) == (key, "CUSTOMER", "Enabled")
    sealed = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], KeyId=key)["Plaintext"] == sealed["Plaintext"]


def test_the_policy_itself_stays_with_the_owner(fresh: TestSandbox) -> None:
    key = make_key(fresh)
    share(fresh, key, Action="kms:*")
    with refused("NotFoundException"):
        fresh.client("source", "kms").get_key_policy(KeyId=key, PolicyName="default")


def test_the_caller_needs_its_own_permission_too(fresh: TestSandbox) -> None:
    key = make_key(fresh)
    share(fresh, key)
    session = fresh.role(SOURCE, "NoKeys", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
    with refused("AccessDeniedException"):
        fresh.client_of(session, "kms").describe_key(KeyId=key)


def test_a_policy_may_not_name_an_unknown_principal(fresh: TestSandbox) -> None:
    key = make_key(fresh)
    with refused("MalformedPolicyDocumentException"):
        share(fresh, key, Principal={"AWS": f"arn:aws:iam::{SOURCE}:role/Nobody"})


def test_a_disabled_key_cannot_be_used(fresh: TestSandbox) -> None:
    key = make_key(fresh)
    kms = fresh.client("target", "kms")
    kms.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with refused("DisabledException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with refused("KMSInvalidStateException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_keys_of_aws_are_told_apart(fresh: TestSandbox) -> None:
    described = fresh.client("target", "kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert described["KeyManager"] == "AWS"


def test_a_missing_key(fresh: TestSandbox) -> None:
    with refused("NotFoundException"):
        fresh.client("target", "kms").describe_key(KeyId=f"arn:aws:kms:eu-west-1:{TARGET}:key/there-is-none")


def seal(sandbox: TestSandbox, key: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    sandbox.client("target", "s3").put_bucket_encryption(
        Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def test_writing_into_a_sealed_bucket_uses_the_key(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    key = make_key(fresh)
    seal(fresh, key)
    s3 = fresh.client("source", "s3")
    with refused("AccessDenied"):
        s3.put_object(Bucket=BUCKET, Key="x", Body=b"x")
    share(fresh, key)
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="y", Body=b"y", ServerSideEncryption="AES256")
    held = fresh.client("target", "s3").head_object(Bucket=BUCKET, Key="x")
    assert (held["ServerSideEncryption"], held["SSEKMSKeyId"]) == ("aws:kms", key)
    assert fresh.client("target", "s3").get_object(Bucket=BUCKET, Key="x")["Body"].read() == b"x"


def test_an_object_that_says_how_it_is_encrypted_has_nothing_to_do_with_the_buckets_key(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html"""
    make_bucket(fresh, BUCKET)
    seal(fresh, make_key(fresh))
    objects = [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{BUCKET}/*"}]
    s3 = fresh.client_of(fresh.role(TARGET, "without-key", objects), "s3")
    with refused("AccessDenied"):
        s3.put_object(Bucket=BUCKET, Key="x", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"x", ServerSideEncryption="AES256")
    assert s3.get_object(Bucket=BUCKET, Key="x")["Body"].read() == b"x"
    fresh.client("target", "s3").put_object(Bucket=BUCKET, Key="x", Body=b"y")
    with refused("AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key="x")


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": SOURCE}}, True),
        ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
        ({"StringEquals": {"kms:CallerAccount": TARGET}}, False),
    ],
)
def test_conditions_of_a_key_policy(fresh: TestSandbox, condition: dict[str, Any], passes: bool) -> None:
    make_bucket(fresh, BUCKET)
    key = make_key(fresh)
    seal(fresh, key)
    share(fresh, key, Condition=condition)
    s3 = fresh.client("source", "s3")
    if passes:
        s3.put_object(Bucket=BUCKET, Key="x", Body=b"x")
    else:
        with refused("AccessDenied"):
            s3.put_object(Bucket=BUCKET, Key="x", Body=b"x")


def test_a_key_of_aws_does_not_work_across_accounts(fresh: TestSandbox) -> None:
    make_bucket(fresh, BUCKET)
    seal(fresh, "alias/aws/s3")
    with refused("AccessDenied"):
        fresh.client("source", "s3").put_object(Bucket=BUCKET, Key="x", Body=b"x")
    assert document()


def test_items_of_a_table_need_its_key_in_the_reader_s_name(fresh: TestSandbox) -> None:
    key = fresh.client("source", "kms").create_key()["KeyMetadata"]["Arn"]
    fresh.client("source", "dynamodb").create_table(
        TableName="sealed",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    scans = {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}
    decrypts = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    without, withal = fresh.role(SOURCE, "scans", [scans]), fresh.role(SOURCE, "scans-and-decrypts", [scans, decrypts])
    with refused("AccessDeniedException") as told:
        fresh.client_of(without, "dynamodb").scan(TableName="sealed")
    assert "kms:Decrypt" in str(told[0])
    assert fresh.client_of(withal, "dynamodb").scan(TableName="sealed")["Count"] == 0
    assert fresh.calls(action="kms:Decrypt", outcome="ok")[0]["resource"] == key
