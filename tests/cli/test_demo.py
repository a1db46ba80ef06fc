"""`ddbtui demo` without a terminal: the sample plan on the sandbox's own tables, from the outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
