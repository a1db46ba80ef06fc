"""Exit codes and messages of `main`, whatever a command does. Commands are replaced by ones that misbehave."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ddbtui import cli
from ddbtui.errors import Exit, UserError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DDBTUI_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def misbehave(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def command(_args: object) -> int:
        secret_value = "hunter2"  # noqa: F841  must not reach the log
        raise error

    monkeypatch.setattr(cli, "_handler", lambda _name: command)


@pytest.mark.parametrize("code", list(Exit))
def test_a_user_error_is_a_message_a_hint_and_its_code(
    code: Exit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    misbehave(monkeypatch, UserError("first\nsecond \x1b[2J", "do this", code))
    assert cli.main(["runs"]) == code
    told = capsys.readouterr()
    assert told.err == "ddbtui: first\nsecond ␛[2J\n  do this\n"
    assert told.out == ""


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "_leave_at_the_next_interrupt", lambda: None)
    misbehave(monkeypatch, KeyboardInterrupt())
    assert cli.main(["runs"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_an_internal_error_is_one_line_and_a_private_log_without_values(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    misbehave(monkeypatch, ZeroDivisionError("oh\nno"))
    assert cli.main(["runs"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == "ddbtui: internal error: ZeroDivisionError: oh␊no"
    (log,) = state.glob("crash-*.log")
    assert str(log) in second
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "ZeroDivisionError" in text
    assert "hunter2" not in text.replace('secret_value = "hunter2"', "")


def test_an_internal_error_is_told_even_if_it_can_not_be_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DDBTUI_STATE_DIR", str(tmp_path / "file"))
    misbehave(monkeypatch, ZeroDivisionError())
    assert cli.main(["runs"]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(state: Path) -> None:
    script = "import sys; from ddbtui.cli import main; sys.exit(main(['completion', 'bash']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writing)
    assert done.returncode == cli.BROKEN_PIPE
    assert done.stderr == b""


def test_what_the_output_can_not_encode_is_escaped(state: Path) -> None:
    script = """
from ddbtui import cli
from ddbtui.errors import UserError

def fails(_args):
    raise UserError("gr\xfc\xdfe")

cli._handler = lambda _name: fails
cli.main(["runs"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b"ddbtui: gr\\xfc\\xdfe\n"


@pytest.mark.parametrize("argv", [[], ["plan"]])
def test_without_a_terminal_nothing_is_asked(argv: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ddbtui", *argv],
        env={**os.environ, "DDBTUI_STATE_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert "ddbtui run PLAN" in done.stderr
    assert done.stdout == ""
