"""The sample plan for accounts of no common organization, carried out by the program in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import assert_equal_tables, changing, ddbtui, environment, json_lines, plan_file
from tests.e2e.test_permissions import ACCOUNTS, compared, make_roles, refs, restrict, used_by_roles
from tests.e2e.test_replay import covered, covers
from tests.support.sandbox import TestSandbox

SAMPLE = Path(__file__).parents[2] / "sample-configs" / "backup-air-gapped.yaml"
GATE = "compliance-locked-vault"
METHOD = {"type": "backup", "way": "air-gapped-vault"}
BOTH = ["writes-stopped", GATE]
DAY = 24 * 3600
ONLY_AFTER_TROUBLE = {
    "dynamodb:GetItem",
    "backup:StopBackupJob",
    "backup:ListBackupJobs",
    "backup:ListRestoreJobs",
    "backup:ListTags",
    "backup:GetRestoreJobMetadata",
    "backup:DeleteBackupVault",  # of the logically air-gapped vault, once it is empty
    *("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"),  # of a vault with a key of the customer
    "backup:TagResource",  # AWS does not say whether the tags of a backup need it
}


@pytest.fixture
def apart(fresh: TestSandbox) -> TestSandbox:
    """Two organizations."""
    fresh.control("organization", same=False)
    return fresh


def vaults(sandbox: TestSandbox) -> set[str]:
    listed = sandbox.client("source", "backup").list_backup_vaults()["BackupVaultList"]
    return {vault["BackupVaultName"] for vault in listed}


def test_the_sample_asks_before_the_lock_moves_and_tells_what_stays(fresh: TestSandbox, tmp_path: Path) -> None:
    fresh.control("reset", seed="demo", speed=0)
    fresh.control("organization", same=False)
    env = environment(fresh, tmp_path)
    asked = ddbtui("run", str(SAMPLE), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert asked.returncode == 4, (asked.stdout[-3000:], asked.stderr)
    (gate,) = [one for one in json_lines(asked.stdout) if one["type"] == "gate"]
    assert (gate["gate"], "for 7 days nobody can delete" in gate["question"]) == (GATE, True)
    assert "ddbtui-air-gapped" not in vaults(fresh)
    done = ddbtui("resume", "--acknowledge", GATE, "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr)
    assert_equal_tables(fresh, "shop-order-lines", "shop-customers")
    table = fresh.client("target", "dynamodb").describe_table(TableName="shop-order-lines")["Table"]
    assert table["LocalSecondaryIndexes"]
    told = ddbtui("status", env=env, cwd=tmp_path).stdout
    assert (
        "source: air-gapped-vault arn:aws:backup:eu-west-1:111111111111:backup-vault:ddbtui-air-gapped: locked" in told
    )
    assert told.count("locked and billed for 7 days from its making") == 2
    assert vaults(fresh) == {"Default", "ddbtui-air-gapped"}
    too_early = ddbtui("clean-up", "--yes", env=env, cwd=tmp_path)
    assert too_early.returncode == 1
    assert "is locked and stays: 2 backups in it can't be deleted before" in too_early.stdout
    fresh.control("clock", seconds=7 * DAY)
    cleaned = ddbtui("clean-up", "--yes", env=env, cwd=tmp_path)
    assert cleaned.returncode == 0, cleaned.stdout
    assert vaults(fresh) == {"Default"}


def test_the_check_advises_it_and_warns_of_it(apart: TestSandbox, tmp_path: Path) -> None:
    env = environment(apart, tmp_path)
    copy = ddbtui("check", str(plan_file(tmp_path, "threads", method={"type": "backup"})), env=env, cwd=tmp_path)
    assert copy.returncode == 3
    assert "way: air-gapped-vault" in copy.stdout
    plan = plan_file(tmp_path, "threads", method=METHOD)
    found = ddbtui("check", str(plan), "--fix", "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert found.returncode == 0, found.stdout[-3000:]
    outcomes = {one["prerequisite"]: one["outcome"] for one in json_lines(found.stdout) if "prerequisite" in one}
    assert outcomes["air-gapped-vault"] == "warn"
    assert "cross-account-backup" not in outcomes
    assert "ddbtui-air-gapped" not in vaults(apart), "no remedy makes what can't be taken back"


@pytest.mark.parametrize("fixed", [False, True], ids=["remedies to be applied", "remedies applied before"])
def test_a_dry_run_lists_what_the_run_then_does(apart: TestSandbox, tmp_path: Path, fixed: bool) -> None:
    plan, env = plan_file(tmp_path, "threads", method=METHOD, acknowledge=BOTH), environment(apart, tmp_path)
    if fixed:
        done = ddbtui("check", str(plan), "--fix", "--yes", env=env, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-2000:]
    apart.control("calls/clear")
    dry = ddbtui("run", str(plan), "--dry-run", "--output", "json", env=env, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert changing(apart) == []
    changes = [one for one in json_lines(dry.stdout) if one["type"] == "change"]
    # A setting is listed with whose it is; to IAM it has no resource.
    listed = {(one["action"], one["resource"] if one["resource"].startswith("arn:") else "*") for one in changes}
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    # What is a part of calls that are listed: tags, and the ordinary vault that AWS wants named beside the other one.
    parts = {"backup:TagResource", "ram:TagResource"}
    ordinary = ("backup:StartBackupJob", "arn:aws:backup:eu-west-1:111111111111:backup-vault:ddbtui")
    made = {one for one in changing(apart) if one[0] not in parts and one != ordinary}
    assert {one for one in made if not covered(one, listed)} == set(), "made, but not listed"
    assert {one for one in listed if not any(covers(one, other) for other in made)} == set(), "listed, but not made"


def test_the_printed_policy_is_enough_and_no_more(apart: TestSandbox, tmp_path: Path) -> None:
    make_roles(apart)
    changed: dict[str, Any] = refs(method=METHOD, acknowledge=BOTH)
    plan, env = plan_file(tmp_path, "threads", "orders", **changed), environment(apart, tmp_path)
    printed = ddbtui("permissions", str(plan), "--remedies", env=env, cwd=tmp_path)
    policies = json.loads(printed.stdout)
    assert set(policies) == set(ACCOUNTS)
    for side, policy in policies.items():
        restrict(apart, side, json.dumps(policy))
    apart.control("calls/clear")
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr)
    foreign, unused = compared(policies, used_by_roles(apart))
    assert foreign == set()
    assert {action for _, action, _ in unused} <= ONLY_AFTER_TROUBLE
    assert_equal_tables(apart, "threads", "orders")
