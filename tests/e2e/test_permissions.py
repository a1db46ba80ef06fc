"""The printed policy is exact: a run under it passes, every call is allowed by it, and nothing in it goes unused."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from ddbtui.cli import main
from tests.e2e.support import BUCKET, assert_equal_tables, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, document, make_bucket

FEW = ("shop-customers", "shop-orders", "shop-products", "shop-stock", "shop-invoices", "shop-audit")
"""With `shop-sessions` every setting that is carried over, and keys of all three kinds."""
TABLES = [*({"name": name} for name in FEW), {"name": "shop-sessions", "target_name": "shop-web-sessions"}]
ROLE = "Mover"
ACCOUNTS = {"source": SOURCE, "target": TARGET}
AFTER_TROUBLE = {"dynamodb:DeleteTable", "dynamodb:GetItem", "logs:GetLogEvents"}
"""Used when an import fails and when items differ: `test_what_trouble_needs_is_in_the_policy` uses them."""
AFTER_TROUBLE_OF_A_JOB = {"glue:GetJob", "glue:GetJobRuns", "glue:BatchStopJobRun"}
"""Used when a run is interrupted or given up."""
FOR_A_SERVICE = {
    # https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DeleteAlarms",
    "iam:CreateServiceLinkedRole",
    "dynamodb:UpdateTable",
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
"""What Application Auto Scaling, S3 and DynamoDB ask of the caller and the simulation does not; AWS documents it."""
Policies = dict[str, dict[str, Any]]
Printed = Callable[..., Policies]


def refs(**changed: Any) -> dict[str, Any]:
    """Both accounts, each reached through a role of its own."""
    return {
        side: {
            "profile": side,
            "region": REGION,
            "account_id": account,
            "role_arn": f"arn:aws:iam::{account}:role/{ROLE}",
        }
        for side, account in ACCOUNTS.items()
    } | changed


def make_roles(sandbox: TestSandbox) -> None:
    """Roles that may do everything, for as long as the policy is not known."""
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for side, account in ACCOUNTS.items():
        sandbox.role(account, ROLE)
        restrict(sandbox, side, document(anything))


def restrict(sandbox: TestSandbox, side: str, policy: str) -> None:
    sandbox.client(side, "iam").put_role_policy(RoleName=ROLE, PolicyName="only", PolicyDocument=policy)


@pytest.fixture
def printed(in_sandbox: TestSandbox, capsys: pytest.CaptureFixture[str]) -> Printed:
    """What `ddbtui permissions PLAN` prints."""

    def carry_out(plan: Path, *options: str) -> Policies:
        assert main(["permissions", str(plan), *options]) == 0
        policies: Policies = json.loads(capsys.readouterr().out)
        return policies

    return carry_out


def pairs(policy: dict[str, Any]) -> set[tuple[str, str]]:
    statements = policy["Statement"]
    return {(action, resource) for one in statements for action in one["Action"] for resource in one["Resource"]}


def used_by_roles(sandbox: TestSandbox) -> dict[str, set[tuple[str, str]]]:
    """Action and resource of each call that a role made, or that a service made in its name."""
    used: dict[str, set[tuple[str, str]]] = {}
    for side, account in ACCOUNTS.items():
        calls = sandbox.calls(principal=f"arn:aws:iam::{account}:role/{ROLE}")
        used[side] = {(call["action"], call["resource"]) for call in calls if call["action"]}
    return used


def compared(policies: Policies, used: dict[str, set[tuple[str, str]]]) -> tuple[set[Any], set[Any]]:
    """What was used without being allowed, and what was allowed without being used."""
    foreign, unused = set(), set()
    for side, policy in policies.items():
        allowed = pairs(policy)
        hits = {(use, one) for use in used[side] for one in allowed if use[0] == one[0] and fnmatchcase(use[1], one[1])}
        foreign |= {(side, *use) for use in used[side] - {use for use, _ in hits}}
        unused |= {(side, *one) for one in allowed - {one for _, one in hits}}
    return foreign, unused


def needless(unused: set[Any], expected: set[str], *keys: str) -> set[Any]:
    """What is left of the unused without what another test uses, and what services ask for."""
    left = {one for one in unused if one[1] not in expected}
    scaled = f"arn:aws:dynamodb:{REGION}:{TARGET}:table/shop-stock"
    return {
        (side, action, resource)
        for side, action, resource in left
        if action not in FOR_A_SERVICE
        or (action.startswith("kms:") and resource not in keys)
        or (action == "dynamodb:UpdateTable" and resource != scaled)
    }


def run_under_policy(sandbox: TestSandbox, plan: Path, env: dict[str, str], policies: Policies) -> None:
    """Run with the printed policies and nothing else."""
    for side, policy in policies.items():
        restrict(sandbox, side, json.dumps(policy))
    sandbox.control("calls/clear")
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=plan.parent)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr)


@pytest.mark.slow
def test_the_policy_is_exact_where_the_bucket_is_made(fresh: TestSandbox, printed: Printed, tmp_path: Path) -> None:
    fresh.control("reset", seed="demo", speed=0)
    make_roles(fresh)
    plan, env = plan_file(tmp_path, **refs(tables=TABLES)), environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    run_under_policy(fresh, plan, env, policies)
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    other_bucket = {"s3:PutBucketRequestPayment", "s3:DeleteBucketPolicy"}
    assert not needless(unused, AFTER_TROUBLE | other_bucket)
    assert_equal_tables(fresh, *FEW)


@pytest.mark.slow
def test_the_policy_is_exact_where_a_bucket_and_a_key_must_be_put_right(
    fresh: TestSandbox, printed: Printed, tmp_path: Path
) -> None:
    fresh.control("reset", seed="demo", speed=0)
    make_roles(fresh)
    bad_bucket(fresh)
    key = new_key(fresh)
    method = {"type": "s3-import", "bucket": BUCKET, "encryption": {"kms_key_arn": key}}
    table_key = new_key(fresh)
    plan = plan_file(tmp_path, **refs(tables=TABLES, method=method, target_table={"encryption": table_key}))
    env = environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    run_under_policy(fresh, plan, env, policies)
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    made_bucket = {"CreateBucket", "DeleteBucket", "PutEncryptionConfiguration", "PutLifecycleConfiguration"}
    assert not needless(unused, AFTER_TROUBLE | {f"s3:{action}" for action in made_bucket}, key, table_key)
    assert_equal_tables(fresh, *FEW)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["s3-glue", "glue"])
def test_the_policy_is_exact_where_glue_does_it(
    fresh: TestSandbox, printed: Printed, tmp_path: Path, method: str
) -> None:
    fresh.control("reset", seed="demo", speed=0)
    fresh.control("glue", engine="substitute")
    make_roles(fresh)
    key, table_key = (new_key(fresh, Policy=sealed("target")) for _ in range(2))
    invoices = fresh.client("source", "dynamodb").describe_table(TableName="shop-invoices")["Table"]
    theirs = {"KeyId": invoices["SSEDescription"]["KMSMasterKeyArn"], "PolicyName": "default"}
    fresh.client("source", "kms").put_key_policy(**theirs, Policy=sealed("source"))
    options = {"type": method, "bucket": BUCKET, "encryption": {"kms_key_arn": key}, "indexes": "after-load"}
    names = ("shop-order-lines", "shop-orders", "shop-stock", "shop-invoices")
    tables = [{"name": name} for name in names]
    plan = plan_file(tmp_path, **refs(tables=tables, method=options, target_table={"encryption": table_key}))
    env = environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    run_under_policy(fresh, plan, env, policies)
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    other_bucket = {"s3:PutBucketRequestPayment", "s3:DeleteBucketPolicy", "s3:PutBucketOwnershipControls"}
    assert not needless(unused, AFTER_TROUBLE | AFTER_TROUBLE_OF_A_JOB | other_bucket, key, table_key)
    assert_equal_tables(fresh, *names)


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    [{"type": "s3-glue", "loader": "catalog"}, {"type": "glue", "reader": "connector"}],
    ids=["catalog", "connector"],
)
def test_the_policy_is_exact_where_glue_s_own_ways_do_it(
    fresh: TestSandbox, printed: Printed, tmp_path: Path, way: dict[str, str]
) -> None:
    """In an account whose databases Lake Formation decides on, which the loader `catalog` has to do with."""
    fresh.control("reset", seed="demo", speed=0)
    fresh.control("glue", engine="substitute")
    make_roles(fresh)
    decided: dict[str, Any] = {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    fresh.client("target", "lakeformation").put_data_lake_settings(DataLakeSettings=decided)
    names = ("shop-order-lines", "shop-stock")
    tables = [{"name": name} for name in names]
    plan = plan_file(tmp_path, **refs(tables=tables, method={"bucket": BUCKET, **way}))
    env = environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    run_under_policy(fresh, plan, env, policies)
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    other_bucket = {"s3:PutBucketRequestPayment", "s3:DeleteBucketPolicy", "s3:PutBucketOwnershipControls"}
    assert not needless(unused, AFTER_TROUBLE | AFTER_TROUBLE_OF_A_JOB | other_bucket | {"glue:StopCrawler"})
    assert_equal_tables(fresh, *names)


@pytest.mark.slow
def test_what_the_trouble_of_a_job_needs_is_in_the_policy(fresh: TestSandbox, printed: Printed, tmp_path: Path) -> None:
    fresh.control("glue", engine="substitute")
    make_roles(fresh)
    plan = plan_file(tmp_path, "sessions", **refs(method={"type": "glue", "bucket": BUCKET}))
    env = environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    for side, policy in policies.items():
        restrict(fresh, side, json.dumps(policy))
    fresh.control("calls/clear")
    fresh.control("job-faults", jobs=[{"job": "glue", "code": "FAILED", "message": "bad"}])
    failed = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert failed.returncode == 1, failed.stdout[-2000:]
    again = ddbtui("resume", "--output", "json", env=env, cwd=tmp_path)
    assert again.returncode == 0, again.stdout[-2000:]
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    assert not {"logs:GetLogEvents", "glue:GetJobRuns"} & {action for _, action, _ in unused}


def bad_bucket(sandbox: TestSandbox) -> None:
    """A bucket with every setting wrong, and without a policy."""
    make_bucket(sandbox, BUCKET, writers=None)
    s3 = sandbox.client("target", "s3")
    s3.put_bucket_request_payment(Bucket=BUCKET, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )


def sealed(side: str) -> str:
    """The policy of a key that lets in nobody but two principals."""
    start = f"arn:aws:iam::{ACCOUNTS[side]}"
    names = [f"{start}:user/{side}-admin", f"{start}:role/{ROLE}"]
    return document({"Effect": "Allow", "Principal": {"AWS": names}, "Action": "kms:*", "Resource": "*"})


def new_key(sandbox: TestSandbox, **policy: str) -> str:
    return str(sandbox.client("target", "kms").create_key(**policy)["KeyMetadata"]["Arn"])


def test_what_trouble_needs_is_in_the_policy(fresh: TestSandbox, printed: Printed, tmp_path: Path) -> None:
    make_roles(fresh)
    plan, env = plan_file(tmp_path, "sessions", **refs()), environment(fresh, tmp_path)
    policies = printed(plan, "--remedies")
    for side, policy in policies.items():
        restrict(fresh, side, json.dumps(policy))
    fresh.control("calls/clear")
    bad = {"job": "import", "table": "sessions", "code": "ItemValidationError", "message": "bad"}
    lie = {"job": "import", "table": "sessions", "lie": "changed-item"}
    fresh.control("job-faults", jobs=[bad, lie])
    failed = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert failed.returncode == 1, failed.stdout[-2000:]
    again = ddbtui("resume", "--acknowledge", "remove-partial-table", "--output", "json", env=env, cwd=tmp_path)
    assert again.returncode == 5, again.stdout[-2000:]
    foreign, unused = compared(policies, used_by_roles(fresh))
    assert foreign == set()
    assert not AFTER_TROUBLE & {action for _, action, _ in unused}


@pytest.mark.parametrize(
    ("side", "action", "code"),
    [
        ("source", "dynamodb:ExportTableToPointInTime", 1),
        ("source", "dynamodb:DescribeTable", 1),
    ],
)
def test_a_missing_permission_is_told_with_action_and_resource(
    fresh: TestSandbox, printed: Printed, tmp_path: Path, side: str, action: str, code: int
) -> None:
    make_roles(fresh)
    plan, env = plan_file(tmp_path, "sessions", **refs()), environment(fresh, tmp_path)
    for where, policy in printed(plan, "--remedies").items():
        if where == side:
            for statement in policy["Statement"]:
                statement["Action"] = [one for one in statement["Action"] if one != action]
            policy["Statement"] = [one for one in policy["Statement"] if one["Action"]]
        restrict(fresh, where, json.dumps(policy))
    ended = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert ended.returncode == code, ended.stdout[-2000:]
    last = json_lines(ended.stdout)[-1]
    told = json.dumps(last.get("tables") or last)
    assert action in told
    assert f"arn:aws:dynamodb:{REGION}:{ACCOUNTS[side]}:table/sessions" in told
    assert "Traceback" not in ended.stderr


def test_without_remedies_no_permission_to_change_what_stands(
    fresh: TestSandbox, printed: Printed, tmp_path: Path
) -> None:
    plan = plan_file(tmp_path, "sessions")
    without = {side: pairs(policy) for side, policy in printed(plan).items()}
    with_them = {side: pairs(policy) for side, policy in printed(plan, "--remedies").items()}
    assert without["source"] <= with_them["source"]
    assert without["target"] < with_them["target"]
    assert not {"s3:PutBucketPolicy", "s3:CreateBucket"} & {action for action, _ in without["target"]}
    assert pairs(printed(plan, "--side", "source")) == without["source"]


SAMPLES = sorted((Path(__file__).parents[2] / "sample-configs").glob("*.yaml"))
WRITES = {"DeleteTable", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_nothing_may_delete_a_source_table_or_write_its_items(
    in_sandbox: TestSandbox, printed: Printed, sample: Path
) -> None:
    """Together with the exactness above: no run calls it."""
    in_sandbox.control("reset", seed="demo", speed=0)
    allowed = {action.removeprefix("dynamodb:") for action, _ in pairs(printed(sample, "--remedies")["source"])}
    assert "DescribeTable" in allowed
    assert not any(fnmatchcase(action, pattern) for pattern in allowed for action in WRITES)
