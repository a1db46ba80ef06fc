"""Plans on the sandbox, and the program in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ddbtui.cli import main
from tests.support.sandbox import TestSandbox


@dataclass
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The JSON lines of one type."""
        return [one for one in self.objects if one["type"] == kind]


Run = Callable[..., Done]


@pytest.fixture
def ddbtui(in_sandbox: TestSandbox, capsys: pytest.CaptureFixture[str]) -> Run:
    """Carries out a command in this process, on the sandbox, without a terminal."""

    def run(*argv: str) -> Done:
        capsys.readouterr()
        code = main(list(argv))
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


@pytest.fixture
def plan_file(tmp_path: Path) -> Callable[..., str]:
    """Writes a plan for tables of the sandbox."""

    def write(*tables: str, **extra: Any) -> str:
        plan = {
            "version": 1,
            "source": {"profile": "source", "region": "eu-west-1", "account_id": "111111111111"},
            "target": {"profile": "target", "region": "eu-west-1", "account_id": "222222222222"},
            "tables": [{"name": name} for name in tables],
            "method": {"type": "s3-import", "bucket": "ddbtui-222222222222-eu-west-1"},
            "acknowledge": ["writes-stopped"],
            **extra,
        }
        path = tmp_path / "move.yaml"
        path.write_text(json.dumps(plan), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def process(in_sandbox: TestSandbox) -> Callable[..., subprocess.Popen[str]]:
    """Starts a command in a process of its own, on the sandbox."""

    def start(*argv: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ddbtui", *argv],
            env=dict(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def changing(sandbox: TestSandbox) -> list[str]:
    """The recorded calls that change something."""
    reads = ("Describe", "List", "Get", "Head", "Scan", "Query", "BatchGet", "Assume")
    return [call["operation"] for call in sandbox.calls() if not call["operation"].startswith(reads)]
