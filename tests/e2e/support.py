"""The plan, the program in a process of its own, and what AWS has afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.sandbox import TestSandbox, items, same_items

BUCKET = "ddbtui-222222222222-eu-west-1"


def plan_text(*names: str, **extra: Any) -> str:
    plan: dict[str, Any] = {
        "version": 1,
        "source": {"profile": "source", "region": "eu-west-1", "account_id": "111111111111"},
        "target": {"profile": "target", "region": "eu-west-1", "account_id": "222222222222"},
        "tables": [{"name": name} for name in names],
        "method": {"type": "s3-import", "bucket": BUCKET},
        "acknowledge": ["writes-stopped"],
        **extra,
    }
    return json.dumps(plan, indent=1)


def ddbtui(*args: str, env: dict[str, str], cwd: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ddbtui", *args],
        env={**os.environ, **env},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def assert_equal_tables(sandbox: TestSandbox, *names: str) -> None:
    for name in names:
        left = items(sandbox.client("source", "dynamodb"), name)
        right = items(sandbox.client("target", "dynamodb"), name)
        assert left, f"{name} is empty, the comparison would prove nothing"
        assert same_items(left, right), name


def plan_file(folder: Path, *names: str, **extra: Any) -> Path:
    path = folder / "plan.yaml"
    path.write_text(plan_text(*names, **extra))
    return path


def environment(sandbox: TestSandbox, folder: Path) -> dict[str, str]:
    """The sandbox's environment, with a state folder of this test."""
    return {**sandbox.env, "DDBTUI_STATE_DIR": str(folder / "state"), "PYTHONPATH": str(Path(__file__).parents[2])}


def json_lines(text: str) -> list[dict[str, Any]]:
    """Every line of the output; fails if one is no JSON object."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(one, dict) and one["type"] for one in found)
    return found


def started(*args: str, env: dict[str, str], cwd: Path) -> subprocess.Popen[str]:
    """Start the program and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "ddbtui", *args],
        env={**os.environ, **env},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def changing(sandbox: TestSandbox) -> list[tuple[str, str]]:
    """Action and resource of each recorded call that the program itself made and that can change something."""
    reads = ("Describe", "List", "Get", "Head", "Scan", "Query", "AssumeRole")
    calls = [call for call in sandbox.calls(via=None) if call["action"]]
    calls = [call for call in calls if ":role/ddbtui-glue" not in call["principal"]]  # what Glue's jobs do
    return [(c["action"], c["resource"]) for c in calls if not c["action"].split(":")[1].startswith(reads)]
