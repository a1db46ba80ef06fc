"""AWS Backup with a customer managed key on both vaults and on the new table, from the dry run to the clean-up."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import assert_equal_tables, changing, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document

TABLES = ("threads", "sessions")
BEFORE = ("as it was", "was fixed", "has a policy")
Pairs = set[tuple[str, str]]


@pytest.fixture
def keys(in_sandbox: TestSandbox) -> dict[str, str]:
    """A key for each side: the source's lets only its own account in."""
    manager = in_sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    made = {}
    for side, account in (("source", SOURCE), ("target", TARGET)):
        root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*"}
        made[side] = in_sandbox.client(side, "kms").create_key(Policy=document({**root, "Resource": "*"}))
    return {side: answer["KeyMetadata"]["Arn"] for side, answer in made.items()}


def plan_with(keys: dict[str, str], folder: Path) -> Path:
    method = {"type": "backup", "source_vault_key": keys["source"], "target_vault_key": keys["target"]}
    return plan_file(folder, *TABLES, method=method, target_table={"encryption": keys["target"]})


@pytest.mark.parametrize("before", BEFORE)
def test_the_dry_run_lists_what_the_run_then_does(
    in_sandbox: TestSandbox, keys: dict[str, str], tmp_path: Path, before: str
) -> None:
    plan, env = plan_with(keys, tmp_path), environment(in_sandbox, tmp_path)
    if before == "was fixed":
        fixed = ddbtui("check", str(plan), "--fix", "--yes", env=env, cwd=tmp_path)
        assert fixed.returncode == 0, fixed.stdout[-2000:]
    if before == "has a policy":
        give_policy(in_sandbox, keys["target"])
    in_sandbox.control("calls/clear")
    dry = ddbtui("run", str(plan), "--dry-run", "--output", "json", env=env, cwd=tmp_path)
    assert (dry.returncode, changing(in_sandbox)) == (0, []), dry.stderr
    listed = {(one["action"], one["resource"]) for one in json_lines(dry.stdout) if one["type"] == "change"}
    in_sandbox.control("calls/clear")
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    made = {pair for pair in changing(in_sandbox) if not pair[0].startswith(("kms:CreateGrant", "iam:PassRole"))}
    assert {one for one in made if not covers(listed, one)} == set(), "made, but not listed"
    assert {one for one in listed if not covers({one}, *made)} == set(), "listed, but not made"
    assert_equal_tables(in_sandbox, *TABLES)
    assert_as_before(in_sandbox, keys)


def give_policy(sandbox: TestSandbox, key: str) -> None:
    """The target's vault is there, with a statement of somebody else's."""
    backup = sandbox.client("target", "backup")
    backup.create_backup_vault(BackupVaultName="ddbtui", EncryptionKeyArn=key)
    deny = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Resource": "*"}
    policy = document({**deny, "Action": "backup:UpdateRecoveryPointLifecycle"})
    backup.put_backup_vault_access_policy(BackupVaultName="ddbtui", Policy=policy)


def covers(listed: Pairs, *made: tuple[str, str]) -> bool:
    """Whether one of the calls made is one of those listed; settings have no ARN and are listed in words."""
    hits = [(one, other) for one in listed for other in made if one[0] == other[0]]
    return any(other[1] == "*" or fnmatchcase(other[1], one[1]) for one, other in hits)


def assert_as_before(sandbox: TestSandbox, keys: dict[str, str]) -> None:
    """The table has the key of the plan; the source's key lets in only its own account again."""
    for name in TABLES:
        table: dict[str, Any] = sandbox.client("target", "dynamodb").describe_table(TableName=name)["Table"]
        assert table["SSEDescription"]["KMSMasterKeyArn"] == keys["target"]
    policy = sandbox.client("source", "kms").get_key_policy(KeyId=keys["source"], PolicyName="default")["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{SOURCE}:root"}
