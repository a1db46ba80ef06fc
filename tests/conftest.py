"""Fixtures for all tests: nobody's own config is touched, and the sandbox is at hand."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.sandbox import TestSandbox, start_sandbox

_SPARK_REQUIRED = os.environ.get("DDBTUI_REQUIRE_SPARK") == "1"
"""Read before a test's own surroundings are without it."""

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell; the commands would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point everything that is the user's at this test's temporary folder."""
    for name in list(os.environ):
        own = name in ("COLUMNS", "LINES")  # they would fix the size of a terminal
        if own or name.startswith(("AWS_", "DDBTUI_", "MOTO_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("DDBTUI_STATE_DIR", str(home / "ddbtui"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[TestSandbox]:
    yield from start_sandbox()


@pytest.fixture(scope="session")
def sandbox(_sandbox_process: TestSandbox) -> TestSandbox:
    """The sandbox of this worker, as the last test left it."""
    return _sandbox_process


@pytest.fixture
def fresh(sandbox: TestSandbox) -> TestSandbox:
    """The sandbox wiped, with the three tables of `small` and no waiting."""
    sandbox.control("reset", seed="small", speed=0)
    return sandbox


@pytest.fixture
def in_sandbox(fresh: TestSandbox, monkeypatch: pytest.MonkeyPatch) -> TestSandbox:
    """The same, with this process's environment pointing at it: profiles `source`, `target`, `target-role`."""
    for name, value in fresh.env.items():
        monkeypatch.setenv(name, value)
    return fresh


@pytest.fixture
def on_spark(fresh: TestSandbox) -> TestSandbox:
    """The sandbox with its engine set to Spark."""
    fresh.control("glue", engine="auto")
    if not fresh.process.engine()["engine"].startswith("spark"):
        if _SPARK_REQUIRED:
            pytest.fail("Spark is required and not installed")
        pytest.skip("pyspark or Java is not installed")
    return fresh
