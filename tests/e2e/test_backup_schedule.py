"""The sample of a backup plan, carried out by the program; the sandbox's clock is put forward while it waits."""

from __future__ import annotations

import json
import signal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scheduling import DAY, assigned, jobs, time_goes_on
from tests.e2e.support import assert_equal_tables, changing, ddbtui, environment, json_lines, plan_file, started
from tests.e2e.test_permissions import compared, make_roles, refs, restrict, used_by_roles
from tests.support.sandbox import TestSandbox, wait_for

SAMPLE = Path(__file__).parents[2] / "sample-configs" / "backup-schedule.yaml"
METHOD = {"type": "backup", "schedule": {"cron": "cron(0 5 ? * * *)"}}
ONLY_AFTER_TROUBLE = {
    "dynamodb:GetItem",
    "backup:StartCopyJob",
    "backup:StopBackupJob",
    "backup:ListRestoreJobs",
    "backup:GetRestoreJobMetadata",
    "backup:DeleteBackupVaultAccessPolicy",
}
ONLY_WITH_A_CUSTOMERS_KEY = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"}


@pytest.fixture
def organized(fresh: TestSandbox) -> TestSandbox:
    """Cross-account backup is on."""
    switch_on(fresh)
    return fresh


def switch_on(sandbox: TestSandbox) -> None:
    manager = sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def test_the_sample_moves_its_tables_by_the_first_scheduled_copy(fresh: TestSandbox, tmp_path: Path) -> None:
    fresh.control("reset", seed="demo", speed=0)
    switch_on(fresh)
    env = environment(fresh, tmp_path)
    with time_goes_on(fresh, tables=2):
        done = ddbtui("run", str(SAMPLE), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr)
    assert_equal_tables(fresh, "shop-order-lines", "shop-orders")
    table = fresh.client("target", "dynamodb").describe_table(TableName="shop-order-lines")["Table"]
    assert table["LocalSecondaryIndexes"]
    told = [one["text"] for one in json_lines(done.stdout) if one["type"] == "event"]
    assert sum(text.startswith("the backup plan runs next at 20") for text in told) == 2
    assert {kind: jobs(fresh, kind) for kind in ("backup", "copy", "restore")} == {"backup": 2, "copy": 2, "restore": 2}
    nothing_is_left(fresh)


def nothing_is_left(sandbox: TestSandbox) -> None:
    backup = sandbox.client("source", "backup")
    assert backup.list_backup_plans()["BackupPlansList"] == []
    for side in ("source", "target"):
        vaults = sandbox.client(side, "backup").list_backup_vaults()["BackupVaultList"]
        assert [vault["BackupVaultName"] for vault in vaults] == ["Default"]


def test_a_run_that_was_left_goes_on_after_the_schedules_time(organized: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "threads", method=METHOD), environment(organized, tmp_path)
    first = started("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    wait_for(lambda: assigned(organized), 60)
    first.send_signal(signal.SIGINT)
    output, errors = first.communicate(timeout=60)
    assert first.returncode == 130, errors
    assert json_lines(output)[-1]["state"] == "stopped"
    organized.control("clock", seconds=DAY)
    done = ddbtui("resume", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (jobs(organized, "backup"), jobs(organized, "copy")) == (1, 1)
    assert_equal_tables(organized, "threads")
    nothing_is_left(organized)


def test_a_run_that_is_given_up_leaves_no_plan_at_work(organized: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "threads", method=METHOD), environment(organized, tmp_path)
    first = started("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    wait_for(lambda: any('"backup"' in line and "waits for" in line for line in lines_of(first)), 60)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    given_up = ddbtui("cancel", "--yes", env=env, cwd=tmp_path)
    assert given_up.returncode == 0, given_up.stderr
    assert assigned(organized) == 0
    organized.control("clock", seconds=DAY)
    assert jobs(organized, "backup") == 0
    cleaned = ddbtui("clean-up", "--yes", env=env, cwd=tmp_path)
    assert cleaned.returncode == 0, cleaned.stdout
    nothing_is_left(organized)


def lines_of(process: Any) -> list[str]:
    line = process.stdout.readline()
    return [line] if line else []


def test_a_plan_that_is_kept_goes_on_copying_and_a_later_run_restores_its_newest(
    organized: TestSandbox, tmp_path: Path
) -> None:
    plan, env = plan_file(tmp_path, "threads", method=METHOD, clean_up="nothing"), environment(organized, tmp_path)
    with time_goes_on(organized):
        done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert assigned(organized) == 1
    organized.control("clock", seconds=DAY)
    wait_for(lambda: jobs(organized, "copy") == 2)
    newer = {"name": "threads", "target_name": "threads-newer"}
    later = plan_file(tmp_path, tables=[newer], method={"type": "backup", "recovery_point": "newest"})
    found = json.loads(ddbtui("recovery-points", str(later), "--output", "json", env=env, cwd=tmp_path).stdout)
    assert [one["status"] for one in found] == ["COMPLETED", "COMPLETED"]
    again = ddbtui("run", str(later), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert again.returncode == 0, again.stdout[-2000:]
    events = [one for one in json_lines(again.stdout) if one["type"] == "event"]
    chosen = [one["text"] for one in events if one["step"] == "recovery-point-chosen"]
    assert any(text.startswith(f"restores from {found[0]['arn']}: ") for text in chosen)
    assert (jobs(organized, "backup"), jobs(organized, "copy"), jobs(organized, "restore")) == (2, 2, 2)
    assert "threads-newer" in organized.client("target", "dynamodb").list_tables()["TableNames"]


def test_a_dry_run_lists_what_the_run_then_does(organized: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "threads", method=METHOD), environment(organized, tmp_path)
    organized.control("calls/clear")
    dry = ddbtui("run", str(plan), "--dry-run", "--output", "json", env=env, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert changing(organized) == []
    listed = {(one["action"], one["resource"]) for one in json_lines(dry.stdout) if one["type"] == "change"}
    with time_goes_on(organized):
        done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    made = {(action, resource) for action, resource in changing(organized) if not for_a_service(action)}
    assert [one for one in made if not any(alike(one, other) for other in listed)] == [], "made, but not listed"
    assert [one for one in listed if not any(alike(other, one) for other in made)] == [], "listed, but not made"


def alike(made: tuple[str, str], listed: tuple[str, str]) -> bool:
    """Settings of a region have no ARN: they are listed in words."""
    return made[0] == listed[0] and (fnmatchcase(made[1], listed[1]) or made[1] == "*")


def for_a_service(action: str) -> bool:
    """What comes with a call that is listed: a role that is handed over, a tag."""
    return action in ("iam:PassRole", "backup:TagResource", "backup-storage:MountCapsule")


@pytest.mark.slow
def test_the_printed_policy_is_exact(organized: TestSandbox, tmp_path: Path) -> None:
    make_roles(organized)
    plan, env = plan_file(tmp_path, "threads", **refs(method=METHOD)), environment(organized, tmp_path)
    policies = json.loads(ddbtui("permissions", str(plan), "--remedies", env=env, cwd=tmp_path).stdout)
    for side, policy in policies.items():
        restrict(organized, side, json.dumps(policy))
    organized.control("calls/clear")
    with time_goes_on(organized):
        done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    foreign, unused = compared(policies, used_by_roles(organized))
    assert foreign == set()
    assert {action for _, action, _ in unused} <= ONLY_AFTER_TROUBLE | ONLY_WITH_A_CUSTOMERS_KEY
