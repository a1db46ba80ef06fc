"""Removers: they take away what is the run's own, nothing else, and can be repeated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import ddbtui
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.removal.tables import table_is_ours
from ddbtui.methods.resources import KINDS, remove
from tests.methods.lab import BUCKET, Lab

OWN = {"Sid": "DdbtuiExport", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}
STATEMENT = OWN | {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/ddbtui/*"}
FOREIGN = STATEMENT | {"Sid": "Theirs", "Resource": f"arn:aws:s3:::{BUCKET}/other/*"}


@pytest.fixture
def s3(lab: Lab) -> Any:
    client = lab.client("target", "s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def objects(prefix: str) -> Resource:
    return Resource("s3-objects", "target", f"s3://{BUCKET}/{prefix}", "remove", {"bucket": BUCKET, "prefix": prefix})


STAYS = {"backup-global-setting", "backup-settings", "bucket-setting"}
"""Settings on which others may count from then on: only ever recorded to be kept."""


def test_every_kind_that_is_recorded_has_a_remover_or_stays() -> None:
    files = Path(ddbtui.__file__).parent.rglob("*.py")
    kinds = {kind for file in files for kind in re.findall(r'\bResource\(\s*"([a-z0-9-]+)"', file.read_text())}
    assert kinds == set(KINDS) | STAYS


def test_an_unknown_kind_is_refused(lab: Lab) -> None:
    with pytest.raises(UserError, match="can't remove"):
        remove(lab.account("target"), Resource("house", "target", "x", "remove"))


def test_objects_of_the_folder_go_and_no_others(lab: Lab, s3: Any) -> None:
    for key in ("ddbtui/r1/orders/a", "ddbtui/r1/orders/b/c", "ddbtui/r1/orders-2/a", "ddbtui/r2/orders/a"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    for _ in range(2):
        remove(lab.account("target"), objects("ddbtui/r1/orders/"))
    left = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert left == ["ddbtui/r1/orders-2/a", "ddbtui/r2/orders/a"]


@pytest.mark.parametrize("prefix", ["", "/", "ddbtui", "ddbtui/"])
def test_a_whole_bucket_is_no_folder_of_a_run(lab: Lab, s3: Any, prefix: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="ddbtui/a", Body=b"x")
    with pytest.raises(UserError, match="no folder of a run"):
        remove(lab.account("target"), objects(prefix))


def test_objects_of_a_bucket_that_is_gone_are_gone(lab: Lab) -> None:
    remove(lab.account("target"), objects("ddbtui/r1/orders/"))


def test_a_bucket_goes_only_when_it_is_empty(lab: Lab, s3: Any) -> None:
    bucket = Resource("bucket", "target", BUCKET, "remove", {"bucket": BUCKET})
    s3.put_object(Bucket=BUCKET, Key="theirs", Body=b"x")
    with pytest.raises(UserError, match="not empty"):
        remove(lab.account("target"), bucket)
    s3.delete_object(Bucket=BUCKET, Key="theirs")
    for _ in range(2):
        remove(lab.account("target"), bucket)
    assert s3.list_buckets()["Buckets"] == []


def test_a_bucket_with_old_versions_stays(lab: Lab, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="theirs", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="theirs")
    with pytest.raises(UserError, match="not empty"):
        remove(lab.account("target"), Resource("bucket", "target", BUCKET, "remove", {"bucket": BUCKET}))


def statement() -> Resource:
    data = {"bucket": BUCKET, "statement": STATEMENT, "before": None}
    return Resource("bucket-policy-statement", "target", f"{BUCKET}#DdbtuiExport", "remove", data)


def test_only_our_statement_leaves_the_bucket_policy(lab: Lab, s3: Any) -> None:
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(FOREIGN, STATEMENT))
    for _ in range(2):
        remove(lab.account("target"), statement())
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"] == [FOREIGN]


def test_a_policy_of_nothing_else_goes_as_a_whole(lab: Lab, s3: Any) -> None:
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(STATEMENT))
    for _ in range(2):
        remove(lab.account("target"), statement())
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)


def test_a_statement_that_was_changed_stays(lab: Lab, s3: Any) -> None:
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(STATEMENT | {"Action": "s3:GetObject"}))
    with pytest.raises(UserError, match="was changed"):
        remove(lab.account("target"), statement())


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_our_statement_leaves_the_key_policy_wherever_the_key_is(lab: Lab, region: str) -> None:
    kms = lab.account("target").client("kms", region)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    before = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    own = OWN | {"Action": "kms:Decrypt", "Resource": "*"}
    kms.put_key_policy(
        KeyId=arn, PolicyName="default", Policy=json.dumps({**before, "Statement": [*before["Statement"], own]})
    )
    resource = Resource("key-policy-statement", "target", f"{arn}#x", "remove", {"key_arn": arn, "statement": own})
    for _ in range(2):
        remove(lab.account("target"), resource)
    assert json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]) == before


def test_recovery_is_switched_off_again(lab: Lab) -> None:
    client = lab.client("source")
    on = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=on)
    arn = client.describe_table(TableName="orders")["Table"]["TableArn"]
    for _ in range(2):
        remove(lab.account("source"), Resource("pitr", "source", arn, "remove", {"table": "orders"}))
    found = client.describe_continuous_backups(TableName="orders")["ContinuousBackupsDescription"]
    assert found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_recovery_of_a_table_that_is_gone_is_off(lab: Lab) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/gone"
    remove(lab.account("source"), Resource("pitr", "source", arn, "remove"))


def test_a_source_table_is_never_deleted(lab: Lab) -> None:
    described = lab.client("source").describe_table(TableName="orders")["Table"]
    data = {"table_id": described["TableId"]}
    with pytest.raises(UserError, match="never deletes"):
        remove(lab.account("source"), Resource("table", "source", described["TableArn"], "ask", data))


def test_a_table_goes_only_by_its_own_id(lab: Lab) -> None:
    client = lab.client("target")
    described = client.create_table(
        TableName="copy",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    account, arn = lab.account("target"), described["TableArn"]
    for data in ({}, {"table_id": "another"}, {"client_token": "never-used"}):
        foreign = Resource("table", "target", arn, "ask", data)
        assert not table_is_ours(account, foreign)
        with pytest.raises(UserError, match="not made by this run"):
            remove(account, foreign)
    ours = Resource("table", "target", arn, "ask", {"table_id": described["TableId"]})
    assert table_is_ours(account, ours)
    for _ in range(2):
        remove(account, ours)
    assert client.list_tables()["TableNames"] == []
