"""`ddbtui demo` without a terminal: the sample plan on the sandbox's own tables, from the outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ddbtui.cli import main
from ddbtui.commands import demo
from ddbtui.state_folder import STATE_DIR


@pytest.mark.slow
def test_the_demo_moves_the_tables_of_the_sample_plan_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    # Whatever leads to a real account must not be used.
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path / "temporary"),
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_PROFILE": "real",
    }
    done = subprocess.run(
        [sys.executable, "-m", "ddbtui", "demo"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "every item is equal" in done.stdout
    assert "ended with exit code 0" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_details_of_an_internal_error_are_told_before_the_demo_s_folder_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []

    def crash(_arguments: list[str], environment: Mapping[str, str]) -> int:
        folders.append(Path(environment[STATE_DIR]))
        (folders[0] / "crash-1.log").write_text("what went wrong\n", encoding="utf-8")
        return 1

    monkeypatch.setattr(demo, "_ddbtui", crash)
    assert main(["demo"]) == 1
    assert "demo: crash-1.log:\nwhat went wrong\n" in capsys.readouterr().out
    assert not folders[0].exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_demo_leaves_nothing_behind_when_it_is_ended(number: int, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    started = subprocess.Popen(
        [sys.executable, "-m", "ddbtui", "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout
    for line in started.stdout:
        if "Export to S3: started" in line:
            break
    started.send_signal(number)
    said, _ = started.communicate(timeout=100)
    assert "demo: ended with exit code" in said
    assert list((tmp_path / "temporary").iterdir()) == []
