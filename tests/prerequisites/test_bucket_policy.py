from __future__ import annotations

import json
from typing import Any

import pytest

from ddbtui.aws import settle as settling
from ddbtui.aws.policies import diff, parse
from ddbtui.errors import UserError
from ddbtui.prerequisites.bucket_policy import BucketPolicy
from tests.aws.live import SOURCE, TARGET, Live, declared
from tests.prerequisites.holding import checked, remedied

NAME = "ddbtui-staging"
ARN = f"arn:aws:s3:::{NAME}"
ME = f"arn:aws:iam::{SOURCE}:user/source-admin"
EXPORT = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"]
FOREIGN = {
    "Sid": "Auditors",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"},
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/audit/*",
}


@pytest.fixture
def bucket(live: Live) -> Any:
    s3 = live.admin("target", "s3")
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3


def allow(**changed: Any) -> dict[str, Any]:
    statement = {
        "Sid": "Writer", "Effect": "Allow", "Principal": {"AWS": ME}, "Action": EXPORT, "Resource": f"{ARN}/exports/*"
    }  # fmt: skip
    return {**statement, **changed}


def put(bucket: Any, *statements: dict[str, Any]) -> str:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=3)
    bucket.put_bucket_policy(Bucket=NAME, Policy=text)
    return text


def test_without_a_policy_the_statement_is_added(live: Live, bucket: Any) -> None:
    before, recorded = remedied(live, BucketPolicy(live.move(), NAME, "exports"))
    assert "s3:PutObject" in before.evidence
    assert "AccessDenied" in before.evidence
    (statement,) = json.loads(bucket.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": ME}
    assert statement["Action"] == EXPORT
    assert statement["Resource"] == f"{ARN}/exports/*"
    (resource,) = recorded
    assert (resource.kind, resource.side, resource.fate) == ("bucket-policy-statement", "target", "remove")
    assert resource.data == {"bucket": NAME, "statement": statement, "before": None}
    assert "Contents" not in bucket.list_objects_v2(Bucket=NAME), "the probe is removed"


def test_statements_of_others_stay_byte_for_byte(live: Live, bucket: Any) -> None:
    text = put(bucket, FOREIGN)
    before, recorded = remedied(live, BucketPolicy(live.move(), NAME, "exports"))
    assert before.remedy
    change = before.remedy.changes[0]
    assert json.loads(change.before)["Statement"] == [FOREIGN]
    assert json.loads(change.after)["Statement"][0] == FOREIGN
    assert diff(change.before, change.after).count("\n+") > 5
    after = bucket.get_bucket_policy(Bucket=NAME)["Policy"]
    assert parse(after).source(parse(after).parts[0]) == parse(text).source(parse(text).parts[0])
    assert recorded[0].data["before"] == text


def test_a_policy_that_suffices_is_left_alone(live: Live, bucket: Any) -> None:
    put(bucket, allow())
    prerequisite = BucketPolicy(live.move(), NAME, "exports")
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert f"{ME} wrote s3://{NAME}/exports/.ddbtui-probe" in finding.evidence
    assert live.used() == declared(prerequisite.access())
    assert "Contents" not in bucket.list_objects_v2(Bucket=NAME)


def test_a_write_alone_does_not_suffice(live: Live, bucket: Any) -> None:
    put(bucket, allow(Action="s3:PutObject"))
    before, _ = remedied(live, BucketPolicy(live.move(), NAME, "exports"))
    assert "does not allow s3:AbortMultipartUpload and s3:PutObjectAcl" in before.evidence


def test_another_prefix_does_not_suffice(live: Live, bucket: Any) -> None:
    put(bucket, allow(Resource=f"{ARN}/other/*"))
    remedied(live, BucketPolicy(live.move(), NAME, "exports"))


def test_what_is_denied_cannot_be_added(live: Live, bucket: Any) -> None:
    put(bucket, allow(), allow(Sid="NoStrangers", Effect="Deny", Principal="*"))
    finding = checked(live, BucketPolicy(live.move(), NAME, "exports"))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "Statement 'NoStrangers' of the bucket's policy denies it" in finding.evidence


def test_the_source_credentials_must_be_allowed_at_home_too(live: Live, bucket: Any) -> None:
    source = live.limited("source", ("sts:GetCallerIdentity", "*"))
    put(bucket, allow(Principal={"AWS": source.identity.arn}))
    finding = checked(live, BucketPolicy(live.move(source=source), NAME, "exports"))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "the source account's own policies do not" in finding.evidence


def test_a_policy_that_is_not_understood_is_not_edited(live: Live, bucket: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [FOREIGN], "Hint": "of the future"})
    bucket.put_bucket_policy(Bucket=NAME, Policy=text)
    prerequisite = BucketPolicy(live.move(), NAME, "exports")
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "an element 'Hint'" in finding.evidence
    with pytest.raises(UserError, match="not edited"):
        prerequisite.apply(lambda _: None)
    assert bucket.get_bucket_policy(Bucket=NAME)["Policy"] == text


def test_a_missing_bucket_has_the_remedy_for_later(live: Live) -> None:
    finding = checked(live, BucketPolicy(live.move(), NAME, "exports"))
    assert finding.outcome == "fail"
    assert "NoSuchBucket" in finding.evidence
    assert finding.remedy
    assert finding.remedy.changes[0].before == ""


def test_a_role_of_unknown_path_is_let_in_by_a_condition(live: Live, bucket: Any) -> None:
    iam = live.admin("source", "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="Mover", Path="/deep/down/", AssumeRolePolicyDocument=document)
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="Mover", PolicyName="p", PolicyDocument=json.dumps(everything))
    with open(live.sandbox.environment["AWS_CONFIG_FILE"], "a") as config:
        role = f"arn:aws:iam::{SOURCE}:role/deep/down/Mover"
        config.write(f"\n[profile mover]\nrole_arn = {role}\nsource_profile = source\nregion = eu-west-1\n")
    source = live.account("source", profile="mover")
    assert source.identity.principal_arn == f"arn:aws:iam::{SOURCE}:role/Mover", "STS leaves the path out"
    remedied(live, BucketPolicy(live.move(source=source), NAME, "exports"))
    (statement,) = json.loads(bucket.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    assert f"arn:aws:iam::{SOURCE}:role/*/Mover" in statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    other = live.account("source", profile="source").client("s3")
    with pytest.raises(other.exceptions.ClientError, match="AccessDenied"):
        other.put_object(Bucket=NAME, Key="exports/x", Body=b"")


def test_a_change_that_takes_its_time_is_waited_for(live: Live, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "sleep", lambda _: None)
    live.sandbox.control("propagation", seconds=3600)
    prerequisite = BucketPolicy(live.move(), NAME, "exports")
    prerequisite.apply(lambda _: None)
    finding = prerequisite.check()
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "up to a minute" in finding.advice


def test_the_whole_bucket_without_a_prefix(live: Live, bucket: Any) -> None:
    prerequisite = BucketPolicy(live.move(), NAME, "")
    remedied(live, prerequisite)
    assert prerequisite.objects == f"{ARN}/*"


@pytest.fixture
def key(live: Live) -> str:
    """A key of the target account that the source may not use."""
    arn: str = live.admin("target", "kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def test_a_bucket_s_default_key_does_not_matter_to_exports(live: Live, bucket: Any, key: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    bucket.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put(bucket, allow())
    assert checked(live, BucketPolicy(live.move(), NAME, "exports")).outcome == "pass"


def test_the_key_of_the_exports_must_be_usable_too(live: Live, bucket: Any, key: str) -> None:
    put(bucket, allow())
    prerequisite = BucketPolicy(live.move(), NAME, "exports", key)
    finding = checked(live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"the policy of key {key}" in finding.evidence
    assert live.used() <= declared(prerequisite.access())
