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


def test_a_role_cannot_trust_what_is_not_there(fresh: TestSandbox) -> None:
    iam = fresh.client("source", "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:role/Nobody"}, "Action": "sts:AssumeRole"}
    with refused("MalformedPolicyDocument") as held:
        iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=document(trust))
    assert f"arn:aws:iam::{TARGET}:role/Nobody" in str(held[0])
    fresh.role(TARGET, "Nobody")
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=document(trust))
    other = {**trust, "Principal": {"AWS": [f"arn:aws:iam::{TARGET}:root", f"arn:aws:iam::{TARGET}:user/nobody"]}}
    with refused("MalformedPolicyDocument"):
        iam.update_assume_role_policy(RoleName="Reader", PolicyDocument=document(other))


def test_a_session_lasts_as_long_as_its_role_allows(fresh: TestSandbox) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"}
    fresh.client("source", "iam").create_role(
        RoleName="Long", AssumeRolePolicyDocument=document(trust), MaxSessionDuration=7200
    )
    request = {"RoleArn": f"arn:aws:iam::{SOURCE}:role/Long", "RoleSessionName": "test"}
    sts = fresh.client("source", "sts")
    sts.assume_role(**request, DurationSeconds=7200)
    with refused("ValidationError"):
        sts.assume_role(**request, DurationSeconds=7201)
    assume = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]
    chained = fresh.client_of(fresh.role(SOURCE, "First", assume), "sts")
    chained.assume_role(**request, DurationSeconds=3600)
    with refused("ValidationError") as held:
        chained.assume_role(**request, DurationSeconds=3601)
    assert "1 hour session limit for roles assumed by role chaining" in str(held[0])


def test_aws_has_a_policy_for_glue_roles(fresh: TestSandbox) -> None:
    iam = fresh.client("target", "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="Worker", AssumeRolePolicyDocument=document(trust))
    policy = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    iam.attach_role_policy(RoleName="Worker", PolicyArn=policy)
    [held] = iam.list_attached_role_policies(RoleName="Worker")["AttachedPolicies"]
    assert held["PolicyArn"] == policy
