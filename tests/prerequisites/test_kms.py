from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.plan.model import Side
from ddbtui.prerequisites.kms import BucketKey, TableKey, via
from tests.aws.live import SOURCE, TARGET, Live, declared
from tests.prerequisites.holding import checked, remedied

NAME = "ddbtui-staging"
ME = f"arn:aws:iam::{SOURCE}:user/source-admin"


def key(live: Live, side: Side = "target", region: str = "eu-west-1") -> tuple[Any, str, str]:
    kms = live.admin(side, "kms", region)
    root = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SIDE_IDS[side]}:root"}}
    policy = {"Version": "2012-10-17", "Statement": [{**root, "Action": "kms:*", "Resource": "*"}]}
    made = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]
    return kms, made["KeyId"], made["Arn"]


SIDE_IDS = {"source": SOURCE, "target": TARGET}


@pytest.fixture
def bucket(live: Live) -> None:
    s3 = live.admin("target", "s3")
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@pytest.mark.usefixtures("bucket")
def test_the_source_is_let_in_through_s3_only(live: Live) -> None:
    kms, name, arn = key(live)
    before, recorded = remedied(live, BucketKey(live.move(), NAME, arn))
    assert f"does not let {ME} do kms:GenerateDataKey and kms:Decrypt" in before.evidence
    first, own = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])["Statement"]
    assert first["Sid"] == "Root"
    assert own["Principal"] == {"AWS": ME}
    assert own["Condition"]["StringEquals"] == {
        "kms:ViaService": "s3.eu-west-1.amazonaws.com",
        "kms:CallerAccount": SOURCE,
    }
    (resource,) = recorded
    assert (resource.kind, resource.side, resource.fate) == ("key-policy-statement", "target", "remove")
    assert (resource.data["key_arn"], resource.data["statement"]) == (arn, own)


def test_a_bucket_to_be_made_will_be_in_the_targets_region(live: Live) -> None:
    _, _, arn = key(live)
    remedied(live, BucketKey(live.move(), NAME, arn))
    _, _, far = key(live, region="eu-central-1")
    finding = checked(live, BucketKey(live.move(), NAME, far))
    assert finding.outcome == "fail"
    assert "The key is in eu-central-1, the bucket in eu-west-1" in finding.evidence


@pytest.mark.usefixtures("bucket")
def test_a_key_of_the_source_must_let_the_target_read(live: Live) -> None:
    _, _, arn = key(live, "source")
    kms = live.admin("source", "kms")
    policy = json.loads(kms.get_key_policy(KeyId=arn.rsplit("/", 1)[1], PolicyName="default")["Policy"])
    look = {"Sid": "Look", "Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "kms:DescribeKey"}
    policy["Statement"].append({**look, "Resource": "*"})
    kms.put_key_policy(KeyId=arn.rsplit("/", 1)[1], PolicyName="default", Policy=json.dumps(policy))
    prerequisite = BucketKey(live.move(), NAME, arn)
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "user/target-admin do kms:Decrypt" in finding.evidence
    assert live.used() == declared(prerequisite.access())


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("kind", [BucketKey, TableKey])
def test_a_key_that_cannot_serve(live: Live, kind: type) -> None:
    kms, name, arn = key(live)
    move = live.move()
    made = BucketKey(move, NAME, arn) if kind is BucketKey else TableKey(move, arn)
    kms.disable_key(KeyId=name)
    finding = checked(live, made)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "its state is Disabled" in finding.evidence
    gone = f"{arn[:-4]}0000"
    made = BucketKey(move, NAME, gone) if kind is BucketKey else TableKey(move, gone)
    finding = checked(live, made)
    assert finding.outcome == "fail"
    assert "there is no such key (NotFoundException)" in finding.evidence
    asymmetric = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    made = BucketKey(move, NAME, asymmetric) if kind is BucketKey else TableKey(move, asymmetric)
    assert "RSA_2048" in made.check().evidence
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    made = BucketKey(move, NAME, managed["Arn"]) if kind is BucketKey else TableKey(move, managed["Arn"])
    assert "AWS's own key" in made.check().evidence


@pytest.mark.usefixtures("bucket")
def test_a_key_of_a_third_account_cannot_be_judged(live: Live) -> None:
    management = live.account("target", profile="management", account_id="333333333333")
    statement = {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "kms:DescribeKey", "Resource": "*"}
    root = {**statement, "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "kms:*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, statement]})
    arn = management.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    for prerequisite in (BucketKey(live.move(), NAME, arn), TableKey(live.move(), arn)):
        finding = checked(live, prerequisite)
        assert (finding.outcome, finding.remedy) == ("warn", None)
        assert "333333333333" in finding.evidence
        assert live.used() == declared(prerequisite.access())
        assert prerequisite.remedy_access() == ()


@pytest.mark.usefixtures("bucket")
def test_a_denied_look_is_no_verdict(live: Live) -> None:
    _, _, arn = key(live)
    target = live.limited("target")
    for prerequisite in (
        BucketKey(live.move(target=target), NAME, arn),
        TableKey(live.move(target=target), arn),
    ):
        finding = prerequisite.check()
        assert finding.outcome == "unknown"
        assert f"kms:DescribeKey on {arn}" in finding.evidence
        assert "AccessDeniedException" in finding.evidence


def test_a_key_for_the_new_tables(live: Live) -> None:
    _, _, arn = key(live)
    prerequisite = TableKey(live.move(), arn)
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert f"Key {arn} is Enabled" in finding.evidence
    assert live.used() == declared(prerequisite.access())


def test_a_key_for_the_new_tables_that_lets_others_in_only(live: Live) -> None:
    kms, name, arn = key(live)
    reader = {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": ["kms:Describe*", "kms:Get*", "kms:Put*"]}
    policy = {"Version": "2012-10-17", "Statement": [{**reader, "Resource": "*"}]}
    kms.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(policy))
    finding = checked(live, TableKey(live.move(), arn))
    assert finding.outcome == "fail"
    assert "do kms:Encrypt and kms:Decrypt" in finding.evidence


def test_conditions_that_cannot_be_judged_are_a_warning(live: Live) -> None:
    kms, name, arn = key(live)
    office = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": [SOURCE, TARGET]}, "Action": "kms:*", "Resource": "*"}
    look = {**statement, "Principal": {"AWS": TARGET}, "Action": ["kms:Describe*", "kms:GetKeyPolicy"]}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": office}, look]}
    kms.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(policy))
    for prerequisite in (BucketKey(live.move(), NAME, arn), TableKey(live.move(), arn)):
        finding = checked(live, prerequisite)
        assert (finding.outcome, finding.remedy) == ("warn", None)
        assert "can't be judged from here" in finding.evidence


def test_a_key_for_the_new_tables_of_another_region(live: Live) -> None:
    _, _, arn = key(live, region="us-east-1")
    finding = checked(live, TableKey(live.move(), arn))
    assert finding.outcome == "fail"
    assert "The key is in us-east-1, the new tables in eu-west-1" in finding.evidence
    assert live.used() == set()


def test_china_has_its_own_suffix() -> None:
    assert via("s3", "cn-north-1", "aws-cn") == "s3.cn-north-1.amazonaws.com.cn"


@pytest.mark.usefixtures("bucket")
def test_a_policy_that_would_be_too_large_is_left_alone(live: Live) -> None:
    kms, name, arn = key(live)
    policy = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
    policy["Statement"].append({**policy["Statement"][0], "Sid": "Long", "Action": [f"kms:A{n}" for n in range(3500)]})
    kms.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(policy))
    finding = checked(live, BucketKey(live.move(), NAME, arn))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "the policy is not edited" in finding.evidence
