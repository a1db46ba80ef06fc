from __future__ import annotations

from tests.support.sandbox import MANAGEMENT, SOURCE, TARGET, TestSandbox, document, refused


def test_profiles_belong_to_their_accounts(fresh: TestSandbox) -> None:
    got = {
        name: fresh.client(name, "sts").get_caller_identity()["Account"]
        for name in ("source", "target", "target-role", "management")
    }
    assert got == {"source": SOURCE, "target": TARGET, "target-role": TARGET, "management": MANAGEMENT}


def test_both_accounts_see_the_same_organization(fresh: TestSandbox) -> None:
    seen = [
        fresh.client(name, "organizations").describe_organization()["Organization"] for name in ("source", "target")
    ]
    assert seen[0] == seen[1]
    assert seen[0]["FeatureSet"] == "ALL"
    assert seen[0]["MasterAccountId"] == MANAGEMENT


def test_accounts_can_be_put_into_different_organizations(fresh: TestSandbox) -> None:
    fresh.control("organization", same=False)
    seen = [
        fresh.client(name, "organizations").describe_organization()["Organization"]["Id"]
        for name in ("source", "target")
    ]
    assert seen[0] != seen[1]


def test_accounts_can_be_in_no_organization(fresh: TestSandbox) -> None:
    fresh.control("organization", same=None)
    with refused("AWSOrganizationsNotInUseException"):
        fresh.client("source", "organizations").describe_organization()


def test_members_may_not_list_accounts(fresh: TestSandbox) -> None:
    with refused("AccessDeniedException"):
        fresh.client("source", "organizations").list_accounts()
    accounts = fresh.client("management", "organizations").list_accounts()["Accounts"]
    assert {account["Id"] for account in accounts} == {SOURCE, TARGET, MANAGEMENT}


def test_a_missing_role_cannot_be_assumed(fresh: TestSandbox) -> None:
    with refused("AccessDenied"):
        fresh.assume("source", f"arn:aws:iam::{TARGET}:role/NoSuchRole")


def test_a_role_that_trusts_another_cannot_be_assumed(fresh: TestSandbox) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
    fresh.client("target", "iam").create_role(RoleName="Other", AssumeRolePolicyDocument=document(trust))
    with refused("AccessDenied"):
        fresh.assume("source", f"arn:aws:iam::{TARGET}:role/Other")
    fresh.assume("management", f"arn:aws:iam::{TARGET}:role/Other")


def test_the_external_id_must_be_right(fresh: TestSandbox) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
    }
    fresh.client("target", "iam").create_role(RoleName="Guarded", AssumeRolePolicyDocument=document(trust))
    arn = f"arn:aws:iam::{TARGET}:role/Guarded"
    with refused("AccessDenied"):
        fresh.assume("source", arn)
    with refused("AccessDenied"):
        fresh.assume("source", arn, ExternalId="wrong")
    fresh.assume("source", arn, ExternalId="secret")


def test_an_unknown_key_is_refused(fresh: TestSandbox) -> None:
    import boto3

    session = boto3.Session("AKIANOBODYKNOWSTHIS1", "x", region_name="eu-west-1")
    with refused("InvalidClientTokenId"):
        fresh.client_of(session, "sts").get_caller_identity()
    with refused("UnrecognizedClientException"):
        fresh.client_of(session, "dynamodb").list_tables()


def test_a_reset_keeps_the_keys_and_forgets_the_rest(fresh: TestSandbox) -> None:
    fresh.client("target", "s3").create_bucket(
        Bucket="left-over", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    fresh.control("reset")
    assert fresh.client("target", "s3").list_buckets()["Buckets"] == []
    assert fresh.client("source", "dynamodb").list_tables()["TableNames"] == ["orders", "sessions", "threads"]
