"""`ddbtui recovery-points`, on the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ddbtui.cli import main
from tests.e2e.support import plan_file
from tests.sandbox.backing_up import THERE, backup, copy, ready
from tests.support.sandbox import SOURCE, TestSandbox

METHOD = {"type": "backup", "target_vault": THERE}


def stocked(sandbox: TestSandbox) -> list[str]:
    """Two copies of orders and one of sessions in the target's vault; their ARNs."""
    ready(sandbox)
    return [
        copy(sandbox, backup(sandbox, table))["DestinationRecoveryPointArn"]
        for table in ("orders", "orders", "sessions")
    ]


def test_they_are_listed_by_table_the_newest_first(
    in_sandbox: TestSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, other = stocked(in_sandbox)
    plan = plan_file(tmp_path, tables=[{"name": "orders"}, {"name": "s*"}], method=METHOD)
    assert main(["recovery-points", str(plan)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines if "UTC" not in line] == ["orders", second, first, "sessions", other]
    assert all(" UTC, COMPLETED, " in line for line in lines if "UTC" in line)
    assert main(["recovery-points", str(plan), "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["arn"], one["table"], one["status"]) for one in found] == [
        (second, "orders", "COMPLETED"),
        (first, "orders", "COMPLETED"),
        (other, "sessions", "COMPLETED"),
    ]
    assert found[0]["table_arn"] == f"arn:aws:dynamodb:eu-west-1:{SOURCE}:table/orders"
    assert found[0]["size_bytes"] > 0


def test_none_is_said(in_sandbox: TestSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_file(tmp_path, "orders", method=METHOD)
    assert main(["recovery-points", str(plan)]) == 0
    assert "has no recovery points of the plan's tables" in capsys.readouterr().out
    assert main(["recovery-points", str(plan), "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_another_method_has_none(in_sandbox: TestSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_file(tmp_path, "orders")
    assert main(["recovery-points", str(plan)]) == 2
    assert "the plan's method is s3-import" in capsys.readouterr().err


def test_what_may_not_be_listed_is_told(
    in_sandbox: TestSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_sandbox.fault("denied", times=-1, match={"operation": "ListBackupVaults"})
    assert main(["recovery-points", str(plan_file(tmp_path, "orders", method=METHOD))]) == 1
    assert "backup:ListBackupVaults is not allowed" in capsys.readouterr().err


def test_expired_credentials_advise_what_fits(
    in_sandbox: TestSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_sandbox.fault("expired", times=-1)
    assert main(["recovery-points", str(plan_file(tmp_path, "orders", method=METHOD))]) == 1
    told = capsys.readouterr().err
    assert "the credentials have expired (ExpiredToken)" in told
    assert "Renew them (for SSO: `aws sso login --profile target`) and try again." in told
    assert "resume" not in told
