"""Ctrl-C and SIGTERM in a process of its own: a run that can be resumed, and no traceback."""

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.sandbox import TestSandbox, wait_for

Start = Callable[..., "subprocess.Popen[str]"]


def until(started: "subprocess.Popen[str]", said: str) -> None:
    """Read its output until a line holds the words."""
    assert started.stdout
    for line in started.stdout:
        if said in line:
            return
    raise AssertionError(f"it ended without saying {said!r}")


def ended(started: "subprocess.Popen[str]", seconds: float = 60) -> tuple[int, str]:
    out, err = started.communicate(timeout=seconds)
    assert "Traceback" not in err
    return started.returncode, out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_once_leaves_a_run_that_can_be_resumed(
    number: int, code: int, process: Start, ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    in_sandbox.control("speed", speed=0.01)
    started = process("run", plan_file("sessions"), "--yes")
    until(started, "Export to S3: started")
    started.send_signal(number)
    returned, out = ended(started)
    assert returned == code
    run_id = json.loads(ddbtui("runs", "--output", "json").out)[0]["run"]
    assert f"resume with: ddbtui resume {run_id}" in out
    in_sandbox.control("speed", speed=0)
    assert ddbtui("resume").code == 0
    assert len(in_sandbox.calls(operation="ExportTableToPointInTime")) == 1


def test_twice_leaves_at_once_and_the_run_can_still_be_resumed(
    process: Start, ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    in_sandbox.fault("slow", seconds=10, match={"operation": "ImportTable"})
    started = process("run", plan_file("sessions"), "--yes")
    until(started, "Import into the new table: started")
    started.send_signal(signal.SIGINT)
    until(started, "stopping: ")
    started.send_signal(signal.SIGINT)
    returned, _ = ended(started)
    assert returned == 130
    assert not in_sandbox.calls(operation="ImportTable"), "it did not wait for the call that is under way"
    assert ddbtui("resume").code == 0
    # The call of the process that left arrives late, and by its token makes no second import.
    wait_for(lambda: len(in_sandbox.calls(operation="ImportTable")) == 2)
    tables = in_sandbox.client("target", "dynamodb").list_tables()["TableNames"]
    assert tables == ["sessions"]


def test_a_run_that_was_killed_is_told_as_stopped(
    process: Start, ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    in_sandbox.control("speed", speed=1000)
    started = process("run", plan_file("sessions"), "--yes")
    until(started, "Export to S3: started")
    started.kill()
    assert ended(started)[0] == -signal.SIGKILL
    told = ddbtui("status").out
    run_id = json.loads(ddbtui("status", "--output", "json").out)["run"]
    assert told.startswith(f"run {run_id}: stopped ")
    assert f"next: resume with: ddbtui resume {run_id}" in told


def test_while_checking_an_interrupt_just_ends_it(process: Start, plan_file, in_sandbox: TestSandbox) -> None:
    in_sandbox.fault("slow", seconds=10, times=-1, match={"operation": "HeadBucket"})
    started = process("check", plan_file("sessions"))
    until(started, "Organizations of the accounts")
    started.send_signal(signal.SIGINT)
    returned, _ = ended(started)
    assert returned == 130


def test_a_reader_that_goes_away_leaves_a_run_that_can_be_resumed(
    process: Start, ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    in_sandbox.control("speed", speed=0.01)
    started = process("run", plan_file("sessions"), "--yes", "--output", "json")
    until(started, '"type": "run"')
    assert started.stdout
    assert started.stderr
    started.stdout.close()
    assert started.wait(60) == 141
    assert started.stderr.read() == ""
    started.stderr.close()
    in_sandbox.control("speed", speed=0)
    assert json.loads(ddbtui("runs", "--output", "json").out)[0]["state"] == "stopped"
    assert ddbtui("resume").code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_sandbox_tells_how_to_reach_it_and_leaves_nothing(number: int, process: Start) -> None:
    started = process("sandbox", "--seed", "none", "--engine", "substitute")
    assert started.stdout
    lines = [started.stdout.readline() for _ in range(3)]
    assert all(line.startswith("export AWS_") for line in lines), lines
    config = Path(lines[0].strip().partition("=")[2])
    profiles = re.findall(r"(?m)^\[profile (.+)\]", config.read_text())
    told = started.stdout.readline() + started.stdout.readline()
    assert len(profiles) == 4
    assert all(re.search(rf" {name}[ ,]", told) for name in profiles), told
    until(started, "Glue's Spark jobs run on: substitute")
    until(started, "until Ctrl-C")
    started.send_signal(number)
    assert ended(started)[0] == 0
    assert not config.parent.exists()
