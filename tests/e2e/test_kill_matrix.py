"""A real SIGKILL at every journal write and before and after every changing call; then `resume` finishes.

After each there is exactly one job of each kind and one table, and the copy equals its source.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scheduling import time_goes_on
from tests.e2e.support import BUCKET, assert_equal_tables, plan_text
from tests.support.sandbox import TestSandbox

TABLES = {
    "s3-import": "sessions",
    "backup": "threads",
    "backup-air-gapped": "threads",
    "backup-schedule": "threads",
    "s3-glue": "threads",
    "glue": "threads",
    "s3-glue-catalog": "threads",
}
"""Glue's reader `connector` is not here: it makes the same calls in the same steps as `glue`, with another script."""
OWN = {
    "backup-air-gapped": (
        "air-gapped-vault",
        "resource-sharing",
        "make-air-gapped-vault",
        "share",
        "backup",
        "restore",
        "clean-up",
    ),
    "backup-schedule": ("backup-plan", "backup-selection", "backup", "copy", "clean-up"),
    "s3-glue": ("job-role", "upload-scripts", "define-job", "create-table", "job", "clean-up"),
    "glue": ("source-role", "job"),
    "s3-glue-catalog": ("catalog-database", "lake-formation", "check-types", "crawl", "map-types", "clean-up"),
}
"""Where a plan is killed that shares its other steps with plans above it."""
PLANS: dict[str, dict[str, Any]] = {
    "s3-import": {},
    "backup": {"method": {"type": "backup"}},
    "backup-air-gapped": {
        "method": {"type": "backup", "way": "air-gapped-vault"},
        "acknowledge": ["writes-stopped", "compliance-locked-vault"],
    },
    "backup-schedule": {"method": {"type": "backup", "schedule": {"cron": "cron(0 5 ? * * *)"}}},
    "s3-glue": {"method": {"type": "s3-glue", "bucket": BUCKET}},
    "glue": {"method": {"type": "glue", "bucket": BUCKET}},
    "s3-glue-catalog": {"method": {"type": "s3-glue", "bucket": BUCKET, "loader": "catalog"}},
}
JOBS = {
    "s3-import": ["export", "import"],
    "backup": ["backup", "copy", "restore"],
    "backup-air-gapped": ["backup", "restore"],
    "backup-schedule": ["backup", "backup-plan", "copy", "restore"],
    "s3-glue": ["export", "glue"],
    "glue": ["glue"],
    "s3-glue-catalog": ["crawl", "export", "glue"],
}
"""Of Glue's runs, too, there is one: a start has no token, but is looked for, and a job has one run at a time."""
AIR_GAPPED = {"backup-air-gapped": ["ddbtui-air-gapped"]}
"""Vaults of the source that nobody can delete yet."""
SHARES = {"backup-air-gapped": ["DELETED"]}
SHARDS = {method: 4 if method in OWN else 16 for method in TABLES}


class Zygote:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def run(
        self, name: str, *args: str, kill_at: int, env: dict[str, str], steps: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        log = self.root / f"{name}.log"
        job = {"args": args, "env": env, "log": str(log), "kill_at": kill_at, "steps": steps}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        answer["log"] = log.read_text()
        points = Path(f"{log}.points")
        answer["trail"] = points.read_text().splitlines()[-3:] if points.exists() else []
        return answer

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    started = Zygote(tmp_path)
    yield started
    started.close()


@pytest.mark.slow
@pytest.mark.parametrize(("method", "shard"), [(method, shard) for method in TABLES for shard in range(SHARDS[method])])
def test_a_kill_at_any_point_is_harmless(
    method: str, shard: int, zygote: Zygote, fresh: TestSandbox, tmp_path: Path, record_property: Any
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(plan_text(TABLES[method], **PLANS[method]))
    kill_at, killed = shard + 1, 0
    while True:
        fresh.control("reset", seed="small", speed=0)
        fresh.control("glue", engine="substitute")
        organize(fresh, method)
        env = {**fresh.env, "DDBTUI_STATE_DIR": str(tmp_path / f"state-{kill_at}")}
        with time_goes_on(fresh) if method == "backup-schedule" else nullcontext():
            first = zygote.run(
                f"run-{method}-{kill_at}",
                "run",
                str(plan),
                "--yes",
                kill_at=kill_at,
                env=env,
                steps=OWN.get(method, ()),
            )
        if first["signal"] != signal.SIGKILL:
            assert first["exit"] == 0, first["log"]
            break
        killed += 1
        command = ["resume"] if has_run(env, tmp_path) else ["run", str(plan), "--yes"]
        with time_goes_on(fresh) if method == "backup-schedule" else nullcontext():
            second = zygote.run(f"resume-{method}-{kill_at}", *command, kill_at=0, env=env)
        assert second["exit"] == 0, (first["trail"], first["log"], second["log"])
        assert_once(fresh, method, first["trail"])
        kill_at += SHARDS[method]
    assert killed, "no point was reached"
    record_property(f"killed {method}", killed)


def has_run(env: dict[str, str], tmp_path: Path) -> bool:
    from ddbtui.engine.journal import Journal

    path = Path(env["DDBTUI_STATE_DIR"]) / "journal.sqlite3"
    if not path.exists():
        return False
    with Journal(path) as journal:
        return bool(journal.runs())


def organize(sandbox: TestSandbox, method: str) -> None:
    """What only the organization's management account can do for the method backup; or no common organization."""
    if method == "backup-air-gapped":
        sandbox.control("organization", same=False)
        return
    backup = sandbox.client("management", "backup")
    backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def assert_once(sandbox: TestSandbox, method: str, trail: list[str]) -> None:
    """One job of each kind, one table that is equal, and of what the run made for that only what must stay."""
    assert sorted(job["kind"] for job in sandbox.state()["jobs"]) == JOBS[method], trail
    assert_equal_tables(sandbox, TABLES[method])
    for side in ("source", "target"):
        vaults = sandbox.client(side, "backup").list_backup_vaults()["BackupVaultList"]
        air_gapped = AIR_GAPPED.get(method, []) if side == "source" else []
        assert [vault["BackupVaultName"] for vault in vaults] == ["Default", *air_gapped], trail
    assert sandbox.client("source", "backup").list_backup_plans()["BackupPlansList"] == [], trail
    shares = sandbox.client("source", "ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    assert [share["status"] for share in shares] == SHARES.get(method, []), trail
    glue = sandbox.client("target", "glue")
    assert glue.list_jobs()["JobNames"] == glue.list_crawlers()["CrawlerNames"] == [], trail
    assert glue.get_databases()["DatabaseList"] == [], trail
    for side in ("source", "target"):
        roles = sandbox.client(side, "iam").list_roles()["Roles"]
        assert not [role for role in roles if role["RoleName"].startswith("ddbtui-glue")], trail
