from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.bucket import BucketExists
from ddbtui.prerequisites.bucket_policy import BucketPolicy
from ddbtui.prerequisites.bucket_settings import BucketOwnership, BucketPublicAccess, BucketRequesterPays
from tests.aws.live import TARGET, Live, declared
from tests.prerequisites.holding import checked, remedied

NAME = "ddbtui-staging"


def made(live: Live, side: str = "target", region: str = "eu-west-1") -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    live.admin(side, "s3", region).create_bucket(Bucket=NAME, **where)  # type: ignore[arg-type]


def test_a_missing_bucket_is_made_private_encrypted_and_passing(live: Live) -> None:
    before, recorded = remedied(live, BucketExists(live.move(), NAME, "exports"))
    assert "404" in before.evidence
    assert {(r.kind, r.side, r.name, r.fate) for r in recorded} == {("bucket", "target", NAME, "remove")}
    assert [r.data["unfinished"] for r in recorded] == [True, False]
    s3 = live.admin("target", "s3")
    assert all(s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"].values())
    ownership = s3.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    assert (statement["Sid"], statement["Effect"]) == ("DdbtuiTlsOnly", "Deny")
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]}
    assert rules["ddbtui-abort-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    assert rules["ddbtui-expire-staging"]["Filter"] == {"Prefix": "exports/"}
    assert rules["ddbtui-expire-staging"]["Expiration"]["Days"] == 30


def test_a_remedy_that_was_cut_off_is_finished(live: Live) -> None:
    prerequisite = BucketExists(live.move(), NAME, "exports")
    recorded: list[Resource] = []
    prerequisite.apply(recorded.append)
    s3 = live.admin("target", "s3")
    s3.delete_bucket_policy(Bucket=NAME)
    prerequisite.finish(recorded[-1:], recorded.append)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=NAME)
    prerequisite.finish(recorded[:1], recorded.append)
    assert "DdbtuiTlsOnly" in s3.get_bucket_policy(Bucket=NAME)["Policy"]
    assert recorded[-1].data["unfinished"] is False


def test_what_was_made_passes_all_other_checks(live: Live) -> None:
    move = live.move()
    BucketExists(move, NAME, "exports").apply(lambda _: None)
    for prerequisite in (BucketPublicAccess(move, NAME), BucketOwnership(move, NAME), BucketRequesterPays(move, NAME)):
        assert checked(live, prerequisite).outcome == "pass"


def test_the_default_encryption_takes_the_chosen_key(live: Live) -> None:
    key = live.admin("target", "kms").create_key()["KeyMetadata"]["Arn"]
    remedied(live, BucketExists(live.move(), NAME, "exports", key))
    s3 = live.admin("target", "s3")
    (rule,) = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}


def test_us_east_1_is_made_without_a_location(live: Live) -> None:
    target = live.account("target", region="us-east-1")
    remedied(live, BucketExists(live.move(target=target), NAME, "exports"))
    assert live.admin("target", "s3").get_bucket_location(Bucket=NAME)["LocationConstraint"] is None


@pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1", "us-east-1"])
def test_a_bucket_of_any_region_will_do_and_its_region_is_shown(live: Live, region: str) -> None:
    made(live, region=region)
    prerequisite = BucketExists(live.move(), NAME, "exports")
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert f"'{NAME}' belongs to account {TARGET} and is in {region}" in finding.evidence
    assert ("the new tables are in eu-west-1" in finding.evidence) == (region != "eu-west-1")
    assert live.used() == declared(prerequisite.access())


@pytest.mark.parametrize(("region", "outcome"), [("eu-west-1", "pass"), ("eu-central-1", "warn")])
def test_the_region_counts_where_a_method_says_so(live: Live, region: str, outcome: str) -> None:
    made(live, region=region)
    finding = checked(live, BucketExists(live.move(), NAME, "exports", elsewhere="warn"))
    assert (finding.outcome, "Name a bucket in eu-west-1" in finding.advice) == (outcome, outcome == "warn")


def test_a_bucket_of_the_source_account_is_not_taken(live: Live) -> None:
    made(live, "source")
    finding = checked(live, BucketExists(live.move(), NAME, "exports"))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "403" in finding.evidence
    everyone = {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "s3:ListBucket"}
    policy = {"Version": "2012-10-17", "Statement": [{**everyone, "Resource": f"arn:aws:s3:::{NAME}"}]}
    live.admin("source", "s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))
    finding = checked(live, BucketExists(live.move(), NAME, "exports"))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"does not belong to account {TARGET}" in finding.evidence


def test_a_bucket_that_may_not_be_seen(live: Live) -> None:
    made(live)
    finding = BucketExists(live.move(target=live.limited("target")), NAME, "exports").check()
    assert finding.outcome == "fail"
    assert "s3:ListBucket" in finding.evidence


def test_a_bucket_is_recorded_before_it_is_made_and_a_refusal_is_told(live: Live) -> None:
    prerequisite = BucketExists(live.move(), NAME, "exports")
    live.fault("denied", times=1, service="s3", operation="CreateBucket")
    recorded: list[Resource] = []
    with pytest.raises(UserError, match="s3:CreateBucket"):
        prerequisite.apply(recorded.append)
    assert [one.fate for one in recorded] == ["remove", "keep"], "recorded before the call, and let go after it"
    made(live)
    prerequisite.finish(recorded[-1:], recorded.append)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        live.admin("target", "s3").get_bucket_policy(Bucket=NAME)


def test_a_bucket_made_by_someone_else_meanwhile_is_not_ours(live: Live) -> None:
    prerequisite = BucketExists(live.move(), NAME, "exports")
    assert prerequisite.check().outcome == "fail"
    made(live)
    recorded: list[object] = []
    live.forget()
    prerequisite.apply(recorded.append)
    assert recorded == []
    assert live.used() == declared(prerequisite.access())


def test_settings_of_a_missing_bucket_are_not_known_yet(live: Live) -> None:
    move = live.move()
    for prerequisite in (BucketPublicAccess(move, NAME), BucketOwnership(move, NAME), BucketRequesterPays(move, NAME)):
        finding = checked(live, prerequisite)
        assert (finding.outcome, finding.remedy) == ("unknown", None)
        assert "NoSuchBucket" in finding.evidence


def test_public_access_is_blocked(live: Live) -> None:
    made(live)
    s3 = live.admin("target", "s3")
    some = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }
    s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=some)
    before, recorded = remedied(live, BucketPublicAccess(live.move(), NAME))
    assert '"BlockPublicPolicy": false' in before.evidence
    assert before.remedy
    assert json.loads(before.remedy.changes[0].before) == some
    assert json.loads(str(recorded[0].data["before"])) == some
    assert recorded[0].fate == "keep"


def test_public_access_that_was_never_set_is_blocked(live: Live) -> None:
    made(live)
    live.admin("target", "s3").delete_public_access_block(Bucket=NAME)
    remedied(live, BucketPublicAccess(live.move(), NAME))


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred", None])
def test_acls_are_switched_off(live: Live, ownership: str | None) -> None:
    made(live)
    s3 = live.admin("target", "s3")
    if ownership:
        s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    else:
        s3.delete_bucket_ownership_controls(Bucket=NAME)
    before, _ = remedied(live, BucketOwnership(live.move(), NAME))
    assert (ownership or "ObjectWriter") in before.evidence


def test_the_owner_pays(live: Live) -> None:
    made(live)
    live.admin("target", "s3").put_bucket_request_payment(
        Bucket=NAME, RequestPaymentConfiguration={"Payer": "Requester"}
    )
    before, _ = remedied(live, BucketRequesterPays(live.move(), NAME))
    assert "Requester" in before.evidence


def test_a_denied_look_is_no_verdict(live: Live) -> None:
    made(live)
    move = live.move(target=live.limited("target"))
    for prerequisite, action in (
        (BucketPublicAccess(move, NAME), "s3:GetBucketPublicAccessBlock"),
        (BucketOwnership(move, NAME), "s3:GetBucketOwnershipControls"),
        (BucketRequesterPays(move, NAME), "s3:GetBucketRequestPayment"),
        (BucketPolicy(move, NAME, "exports"), "s3:GetBucketPolicy"),
    ):
        finding = prerequisite.check()
        assert finding.outcome == "unknown"
        assert action in finding.evidence
        assert "AccessDenied" in finding.evidence
