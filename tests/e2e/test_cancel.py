"""A run that is given up: AWS is asked to stop its jobs, and nothing keeps the run from being given up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ddbtui.service import Service
from tests.e2e.support import BUCKET, plan_file
from tests.support.sandbox import TestSandbox, wait_for

BACKUP = {"type": "backup"}
EXPORT = {"type": "s3-import", "bucket": BUCKET}
COPY = {"type": "glue", "bucket": BUCKET}
AN_HOUR = 3600


@pytest.fixture
def service(in_sandbox: TestSandbox, tmp_path: Path) -> Service:
    """Jobs take ten minutes in the sandbox."""
    in_sandbox.control("speed", speed=1000)
    manager = in_sandbox.client("management", "backup")
    manager.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    return Service(tmp_path / "state")


def stopped_in(service: Service, folder: Path, step: str, method: dict[str, Any]) -> str:
    """Carry a run out until a step's job is at work in AWS; return the run's id."""
    path = plan_file(folder, "sessions", method=method, acknowledge=["writes-stopped", "apply-remedies"])
    active = service.start(service.resolve(service.load_plan(path)))
    wait_for(lambda: active.ended or at_work(service, active.run_id, step), 30)
    active.stop()
    assert active.wait(30) == "stopped"
    return active.run_id


def at_work(service: Service, run_id: str, name: str) -> bool:
    return any(step.name == name and step.handle and step.state == "running" for step in service.journal.steps(run_id))


def states(sandbox: TestSandbox) -> list[tuple[str, str]]:
    return [(job["kind"], job["status"]) for job in sandbox.state()["jobs"]]


def test_a_backup_is_stopped_and_leaves_nothing(service: Service, in_sandbox: TestSandbox, tmp_path: Path) -> None:
    run_id = stopped_in(service, tmp_path, "backup", BACKUP)
    assert service.cancel(run_id) == "AWS was asked to stop 1 job (sessions: Back up the table)"
    assert service.run_info(run_id).state == "cancelled"
    assert states(in_sandbox) == [("backup", "ABORTING")]
    assert "StopBackupJob" in {call.operation for call in service.audit(run_id)}
    in_sandbox.control("clock", seconds=AN_HOUR)
    assert states(in_sandbox) == [("backup", "ABORTED")]
    assert service.clean_up(run_id).failed == ()
    vaults = in_sandbox.client("source", "backup").list_backup_vaults()["BackupVaultList"]
    assert [vault["BackupVaultName"] for vault in vaults] == ["Default"]


def test_a_clean_up_waits_a_moment_for_what_aws_deletes(
    service: Service, in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped_in(service, tmp_path, "backup", BACKUP)
    in_sandbox.control("clock", seconds=AN_HOUR)
    service.cancel(run_id)
    monkeypatch.setattr("ddbtui.aws.settle.sleep", lambda _: None)
    failed = service.clean_up(run_id).failed
    assert len(failed) == 2
    assert all(error.startswith("AWS still removes ") and "Clean up again" in error for _, error in failed), failed
    monkeypatch.setattr("ddbtui.aws.settle.sleep", lambda _: in_sandbox.control("clock", seconds=AN_HOUR))
    assert service.clean_up(run_id).failed == ()
    vaults = in_sandbox.client("source", "backup").list_backup_vaults()["BackupVaultList"]
    assert [vault["BackupVaultName"] for vault in vaults] == ["Default"]


def test_a_glue_job_is_stopped_and_leaves_nothing(service: Service, in_sandbox: TestSandbox, tmp_path: Path) -> None:
    in_sandbox.control("speed", speed=0)
    in_sandbox.control("job-faults", jobs=[{"job": "glue", "code": "RUNNING"}])
    run_id = stopped_in(service, tmp_path, "job", COPY)
    assert service.cancel(run_id) == "AWS was asked to stop 1 job (sessions: Run the Glue job)"
    assert [status for kind, status in states(in_sandbox) if kind == "glue"] in (["STOPPING"], ["STOPPED"])
    assert "BatchStopJobRun" in {call.operation for call in service.audit(run_id)}
    table = [one.resource.name for one in service.resources(run_id) if one.resource.kind == "table"]
    assert service.clean_up(run_id, consents=table).failed == ()
    assert in_sandbox.client("target", "glue").list_jobs()["JobNames"] == []
    for side in ("source", "target"):
        roles = in_sandbox.client(side, "iam").list_roles()["Roles"]
        assert not [role for role in roles if role["RoleName"].startswith("ddbtui-glue")]
    assert "sessions" not in in_sandbox.client("target", "dynamodb").list_tables()["TableNames"]


def test_an_export_goes_on(service: Service, in_sandbox: TestSandbox, tmp_path: Path) -> None:
    run_id = stopped_in(service, tmp_path, "export", EXPORT)
    assert service.cancel(run_id) == "AWS goes on with 1 job that it can't cancel (sessions: Export to S3)"
    assert service.run_info(run_id).state == "cancelled"
    assert states(in_sandbox) == [("export", "IN_PROGRESS")]


def test_a_refusal_is_told_and_the_run_is_given_up(service: Service, in_sandbox: TestSandbox, tmp_path: Path) -> None:
    run_id = stopped_in(service, tmp_path, "backup", BACKUP)
    in_sandbox.fault("denied", match={"operation": "StopBackupJob"})
    said = service.cancel(run_id)
    assert said.startswith("1 job could not be stopped (sessions: Back up the table: ")
    assert "backup:StopBackupJob" in said
    assert service.run_info(run_id).state == "cancelled"


def test_without_its_accounts_a_run_is_given_up_all_the_same(
    service: Service, in_sandbox: TestSandbox, tmp_path: Path
) -> None:
    run_id = stopped_in(service, tmp_path, "backup", BACKUP)
    in_sandbox.fault("expired", times=-1, match={"service": "sts"})
    said = service.cancel(run_id)
    assert said.startswith("AWS was not asked to stop 1 job (sessions: Back up the table): ")
    assert "expired" in said
    assert service.run_info(run_id).state == "cancelled"
    assert not [call for call in in_sandbox.calls() if call["operation"] == "StopBackupJob"]
