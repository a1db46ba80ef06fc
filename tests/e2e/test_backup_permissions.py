"""The printed policy is exact for AWS Backup, too: it suffices for a whole run, and nothing in it goes unused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ddbtui.cli import main
from tests.e2e.support import assert_equal_tables, environment, plan_file
from tests.e2e.test_permissions import (
    FOR_A_SERVICE,
    ROLE,
    compared,
    make_roles,
    refs,
    run_under_policy,
    used_by_roles,
)
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document

NAMES = ("shop-order-lines", "shop-products", "shop-stock")
TABLES = [*({"name": name} for name in NAMES), {"name": "shop-sessions", "target_name": "shop-web-sessions"}]
"""A local index, the other table class, scaling, and time to live."""
AFTER_TROUBLE = {"dynamodb:GetItem", "backup:StopBackupJob"}
AFTER_AN_INTERRUPTION = {
    f"backup:{name}"
    for name in ("ListBackupJobs", "ListTags", "ListCopyJobs", "ListRestoreJobs", "GetRestoreJobMetadata")
}
WHERE_TAGS_NEED_IT = {"backup:TagResource"}
"""AWS does not say whether the tags of a start need it; the sandbox does not ask for it."""
OF_A_KEY = {"kms:GetKeyPolicy", "kms:PutKeyPolicy"}
ALWAYS = AFTER_TROUBLE | AFTER_AN_INTERRUPTION | WHERE_TAGS_NEED_IT | FOR_A_SERVICE


@pytest.fixture
def organized(in_sandbox: TestSandbox) -> TestSandbox:
    """The shop, whose accounts have never used AWS Backup, with roles that may do everything as yet."""
    in_sandbox.control("reset", seed="demo", speed=0)
    manager = in_sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    for side in ("source", "target"):
        iam = in_sandbox.client(side, "iam")
        for role in (one["RoleName"] for one in iam.list_roles()["Roles"] if "Backup" in one["RoleName"]):
            for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
            iam.delete_role(RoleName=role)
    make_roles(in_sandbox)
    return in_sandbox


def printed(capsys: pytest.CaptureFixture[str], plan: Path) -> dict[str, dict[str, Any]]:
    """What `ddbtui permissions PLAN --remedies` prints."""
    assert main(["permissions", str(plan), "--remedies"]) == 0
    policies: dict[str, dict[str, Any]] = json.loads(capsys.readouterr().out)
    return policies


def new_key(sandbox: TestSandbox, side: str, whom: str) -> str:
    """A key that only these may use."""
    allow = {"Effect": "Allow", "Principal": {"AWS": whom}, "Action": "kms:*", "Resource": "*"}
    return str(sandbox.client(side, "kms").create_key(Policy=document(allow))["KeyMetadata"]["Arn"])


@pytest.mark.slow
@pytest.mark.parametrize("keys", ["AWS Backup's own keys", "customer managed keys"])
def test_the_policy_is_exact(
    organized: TestSandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: str
) -> None:
    method: dict[str, Any] = {"type": "backup"}
    if keys == "customer managed keys":
        method["source_vault_key"] = new_key(organized, "source", f"arn:aws:iam::{SOURCE}:root")
        method["target_vault_key"] = new_key(organized, "target", f"arn:aws:iam::{TARGET}:role/{ROLE}")
    plan = plan_file(tmp_path, **refs(tables=TABLES, method=method))
    policies = printed(capsys, plan)
    run_under_policy(organized, plan, environment(organized, tmp_path), policies)
    foreign, unused = compared(policies, used_by_roles(organized))
    assert foreign == set()
    rest = {one for one in unused if one[1] not in ALWAYS}
    assert {action for _, action, _ in rest} == (set() if len(method) > 1 else OF_A_KEY), rest
    assert_equal_tables(organized, *NAMES)
