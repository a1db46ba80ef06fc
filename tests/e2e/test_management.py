"""The organization's management account in the plan: its remedy, its policy, and what becomes of the setting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.support import assert_equal_tables, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import MANAGEMENT, REGION, TestSandbox, document

ROLE = "Switcher"
REF = {"profile": "management", "region": REGION, "account_id": MANAGEMENT}
PLAN: dict[str, Any] = {"method": {"type": "backup"}, "management": REF}


def switch(sandbox: TestSandbox) -> str:
    settings = sandbox.client("source", "backup").describe_global_settings()["GlobalSettings"]
    return str(settings["isCrossAccountBackupEnabled"])


def test_a_run_switches_cross_account_backup_on_with_the_management_account(fresh: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "threads", **PLAN), environment(fresh, tmp_path)
    assert switch(fresh) == "false"
    refused = ddbtui("run", str(plan), "--output", "json", env=env, cwd=tmp_path)
    assert refused.returncode == 3, "without consent to remedies nothing is changed"
    assert switch(fresh) == "false"
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    assert_equal_tables(fresh, "threads")
    assert switch(fresh) == "true", "it stays on"
    changed = [call for call in fresh.calls(account=MANAGEMENT, via=None) if call["action"]]
    assert [call["action"] for call in changed] == ["backup:UpdateGlobalSettings"]
    told = ddbtui("status", env=env, cwd=tmp_path).stdout
    assert "stays, management: backup-global-setting isCrossAccountBackupEnabled of o-sandbox0001: others in" in told


def test_the_management_account_has_a_policy_of_its_own_that_is_enough(fresh: TestSandbox, tmp_path: Path) -> None:
    fresh.role(MANAGEMENT, ROLE)
    role_arn = f"arn:aws:iam::{MANAGEMENT}:role/{ROLE}"
    plan = plan_file(tmp_path, "threads", **{**PLAN, "management": {**REF, "role_arn": role_arn}})
    env = environment(fresh, tmp_path)
    printed = json.loads(ddbtui("permissions", str(plan), "--remedies", env=env, cwd=tmp_path).stdout)
    (statement,) = printed["management"]["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["backup:UpdateGlobalSettings"], "Resource": ["*"]}
    alone = ddbtui("permissions", str(plan), "--side", "management", env=env, cwd=tmp_path)
    assert alone.returncode == 2, "without remedies nothing is needed of it"
    assert "--remedies" in alone.stderr
    iam = fresh.client("management", "iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName="only", PolicyDocument=document(statement))
    fixed = ddbtui("check", str(plan), "--fix", "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert fixed.returncode == 0, fixed.stdout[-3000:]
    assert switch(fresh) == "true"


def test_another_profile_than_the_plans_management_account_starts_nothing(fresh: TestSandbox, tmp_path: Path) -> None:
    wrong = {**REF, "profile": "target"}
    plan, env = plan_file(tmp_path, "threads", **{**PLAN, "management": wrong}), environment(fresh, tmp_path)
    ended = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert ended.returncode == 2, ended.stdout
    assert "management: the credentials of profile" in json_lines(ended.stdout)[-1]["message"]
    assert switch(fresh) == "false"
