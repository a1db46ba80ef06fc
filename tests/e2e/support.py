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


def plan_text(*tables: str, **extra: Any) -> str:
    plan: dict[str, Any] = {
        "version": 1,
        "source": {"profile": "source", "region": "eu-west-1", "account_id": "111111111111"},
        "target": {"profile": "target", "region": "eu-west-1", "account_id": "222222222222"},
        "tables": [{"name": name} for name in tables],
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
