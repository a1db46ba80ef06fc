"""`ddbtui run` with a person at a real pty: remedies and gates are asked, no key is lost, the exit code tells."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.cli.conftest import changing
from tests.support.sandbox import TestSandbox

pytestmark = pytest.mark.terminal
ASKED = "(y/N)"
"""Stands once behind each question, and is gone when it is answered."""


class Pty:
    """A command at a terminal of its own."""

    def __init__(self, *argv: str) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 400))  # no question is wrapped
        environment = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ddbtui", *argv],
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # So that ^C is a signal to it.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(slave)
        self.text = ""
        self.read_to = 0

    def until(self, *said: str, seconds: float = 40) -> str:
        """Wait until one of the words is said after those waited for before; return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rest = self.text[self.read_to :]
            found = [(rest.index(words), words) for words in said if words in rest]
            if found:
                where, words = min(found)
                self.read_to += where + len(words)
                return words
            if not self._read():
                break
        raise AssertionError(f"none of {said} in: {self.text[self.read_to :][-2000:]!r}")

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 1)[0]:
            return True
        with suppress(OSError):
            data = os.read(self.master, 65536)
            self.text += data.decode("utf-8", "replace")
            return bool(data)
        return False

    def send(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self, seconds: float = 30) -> int:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._read():
            pass
        return self.process.wait(5)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def at_terminal() -> Iterator[type[Pty]]:
    opened: list[Pty] = []

    class Opened(Pty):
        def __init__(self, *argv: str) -> None:
            super().__init__(*argv)
            opened.append(self)

    yield Opened
    for one in opened:
        one.close()


def answer_remedies(terminal: Pty, last: str) -> None:
    """Say yes to each remedy until something else is said."""
    while terminal.until(ASKED, last) != last:
        terminal.send("y")


def test_remedies_and_gates_are_asked(at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox) -> None:
    terminal = at_terminal("run", plan_file("sessions", acknowledge=[]))
    answer_remedies(terminal, "Have all writes to sessions")
    terminal.send("y")
    terminal.until("1 of 1 table moved")
    assert terminal.end() == 0
    assert "s3:CreateBucket" in terminal.text
    assert "Traceback" not in terminal.text


def test_no_at_a_gate_waits_with_4(at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox) -> None:
    terminal = at_terminal("run", plan_file("sessions", acknowledge=[]), "--yes")
    terminal.until("Have all writes to sessions")
    terminal.send("n")
    terminal.until("ddbtui resume")
    assert terminal.end() == 4
    assert "ExportTableToPointInTime" not in changing(in_sandbox)


def test_ctrl_c_at_a_gate_leaves_a_run_that_can_be_resumed(
    at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox
) -> None:
    terminal = at_terminal("run", plan_file("sessions", acknowledge=[]), "--yes")
    terminal.until("Have all writes to sessions")
    terminal.send("\x03")
    terminal.until("ddbtui resume")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.text


def test_a_signal_at_a_gate_ends_the_question_and_the_run(
    at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox
) -> None:
    terminal = at_terminal("run", plan_file("sessions", acknowledge=[]), "--yes")
    terminal.until("(y/N)")
    terminal.process.terminate()
    terminal.until("ddbtui resume")
    assert terminal.end() == 143
    assert "Traceback" not in terminal.text


def test_no_to_a_remedy_changes_nothing_and_ends_with_3(
    at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox
) -> None:
    terminal = at_terminal("run", plan_file("sessions"))
    while terminal.until(ASKED, "prerequisites fail") == ASKED:
        terminal.send("n")
    assert terminal.end() == 3
    assert not {"CreateBucket", "UpdateContinuousBackups"} & set(changing(in_sandbox))


def test_check_fix_asks_for_each(at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox) -> None:
    terminal = at_terminal("check", plan_file("sessions"), "--fix")
    terminal.until(", 2 fail", ", 3 fail", ", 4 fail")
    terminal.until(ASKED)
    terminal.send("y")
    while terminal.until(ASKED, "prerequisites: ") == ASKED:
        terminal.send("n")
    assert terminal.end() == 3
    assert "CreateBucket" in changing(in_sandbox)
    assert "UpdateContinuousBackups" not in changing(in_sandbox)


def test_a_question_stands_on_no_other_line(at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox) -> None:
    waiting = at_terminal("run", plan_file("sessions", acknowledge=[]), "--yes")
    waiting.until(ASKED)
    before = waiting.text[: waiting.read_to].rpartition("Have all writes")[0]
    assert "question open" in before
    assert "question open" not in before.rpartition("\r\x1b[K")[2]
    waiting.send("n")
    assert waiting.end() == 4


def test_cancel_and_clean_up_ask(at_terminal: type[Pty], plan_file, in_sandbox: TestSandbox) -> None:
    waiting = at_terminal("run", plan_file("sessions", acknowledge=[]), "--yes")
    waiting.until("Have all writes to sessions")
    waiting.send("n")
    assert waiting.end() == 4
    kept = at_terminal("cancel")
    kept.until("Give up run")
    kept.send("n")
    kept.until("nothing was cancelled")
    assert kept.end() == 0
    cancelled = at_terminal("cancel")
    cancelled.until("Give up run")
    cancelled.send("y")
    assert cancelled.end() == 0
    cleaned = at_terminal("clean-up")
    cleaned.until("Remove ")
    cleaned.send("y")
    assert cleaned.end() == 0
    assert in_sandbox.client("target", "s3").list_buckets()["Buckets"] == []
