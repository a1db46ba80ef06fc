"""Jobs of AWS Backup that end badly fail the run in AWS's words; each resume starts one more, and the last arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.support import assert_equal_tables, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import TestSandbox

FAULTS = {"backup": ("EXPIRED", "PARTIAL"), "copy": ("FAILED", "PARTIAL"), "restore": ("ABORTED", "UNHEARD_OF")}


@pytest.mark.slow
def test_each_resume_goes_one_job_further(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    manager = in_sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    plan, env = plan_file(tmp_path, "threads", method={"type": "backup"}), environment(in_sandbox, tmp_path)
    command = ["run", str(plan), "--yes"]
    for job, states in FAULTS.items():
        for state in states:
            in_sandbox.control("job-faults", jobs=[{"job": job, "code": state, "message": f"{state}, as told"}])
            failed = ddbtui(*command, "--output", "json", env=env, cwd=tmp_path)
            command = ["resume"]
            assert failed.returncode == 1, failed.stdout[-2000:]
            assert f"{state}, as told" in str(json_lines(failed.stdout)[-1]["tables"])
    done = ddbtui(*command, "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert_equal_tables(in_sandbox, "threads")
    for job, states in FAULTS.items():
        ended = [one["status"] for one in in_sandbox.state()["jobs"] if one["kind"] == job]
        assert ended == [*states, "COMPLETED"]
    for side in ("source", "target"):
        vaults = in_sandbox.client(side, "backup").list_backup_vaults()["BackupVaultList"]
        assert [vault["BackupVaultName"] for vault in vaults] == ["Default"]
