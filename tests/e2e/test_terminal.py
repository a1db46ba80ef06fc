"""The program in a real terminal: a pseudo terminal, and an emulator that reads what is drawn on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

from tests.e2e.support import ddbtui, environment, started
from tests.support.sandbox import TestSandbox

pytestmark = pytest.mark.terminal
ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"
DOWN, RIGHT = b"\x1b[B", b"\x1b[C"
SHOWS_CURSOR = b"\x1b[?25h"


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, env: dict[str, str], cwd: Path, columns: int = 100, rows: int = 30) -> None:
        self.master, slave = pty.openpty()
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._set_size(columns, rows)
        self.settings = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ddbtui"],
            env={**os.environ, **env, "TERM": "xterm-256color"},
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        self.slave = slave

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int, text: str) -> None:
        """Resize until the text shows. A person drags a window: Textual is told many times, and may miss the first."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        self._again(lambda: os.killpg(self.process.pid, signal.SIGWINCH), text)

    def _again(self, do: Callable[[], Any], text: str) -> None:
        """Do it once a second until the text shows."""
        done = 0.0

        def seen() -> bool:
            nonlocal done
            if time.monotonic() - done > 1:
                do()
                done = time.monotonic()
            return text in self.text()

        self.until(seen, text)

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def insist(self, keys: bytes, text: str) -> None:
        """Press until the text shows: a screen that does not stand yet takes no steps."""
        self._again(lambda: self.press(keys), text)

    def read(self, seconds: float) -> bool:
        """Take in what was drawn; False once there is nothing more."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        data = os.read(self.master, 65536)
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, seen: Callable[[], Any], what: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < end, f"never seen: {what}\n{self.text()}"
            self.read(0.05)

    def see(self, text: str) -> None:
        self.until(lambda: text in self.text(), text)

    def ended(self) -> int:
        """Wait for the end, draining what is still drawn; return the exit code."""
        self.until(lambda: self.process.poll() is not None, "the end")
        while self.read(0.05):
            pass
        return int(self.process.returncode)

    def restored(self) -> bool:
        """Whether the terminal is as it was: its settings, the first screen, a cursor."""
        same = termios.tcgetattr(self.slave) == self.settings
        back = self.raw.rfind(LEAVES) > self.raw.rfind(ENTERS) > -1
        return same and back and SHOWS_CURSOR in self.raw[self.raw.rfind(ENTERS) :]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(fresh: TestSandbox, tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(environment(fresh, tmp_path), tmp_path)
    yield opened
    opened.close()


def test_the_wizard_opens_takes_fast_keys_and_leaves_in_order(terminal: Terminal) -> None:
    terminal.see("Which account has the tables")
    terminal.see("target-role")
    terminal.insist(b"\x0e\x0e", "✗")
    assert terminal.process.poll() is None
    terminal.press(b"\x11")
    assert terminal.ended() == 0
    assert terminal.restored()
    assert b"Traceback" not in terminal.raw


def test_fast_next_from_good_answers_skips_nothing(terminal: Terminal) -> None:
    """The second key comes before the next screen stands."""
    terminal.see("target-role")
    terminal.press(DOWN + b"\r")
    terminal.see("111111111111")
    terminal.press(b"\t" * 5 + DOWN * 2 + b"\r")
    terminal.see("222222222222")
    terminal.press(b"\x0e\x0e")
    terminal.see("Which tables should move?")
    terminal.see("threads")
    terminal.insist(b"\x0e", "✗")
    assert "Which tables should move?" in terminal.text()
    terminal.press(b"\x11")
    terminal.see("Leave without saving?")
    terminal.press(RIGHT + RIGHT + b"\r")
    assert terminal.ended() == 0
    assert terminal.restored()


def test_a_terminal_that_gets_too_small_and_large_again(terminal: Terminal) -> None:
    terminal.see("target-role")
    terminal.resize(60, 15, "needs at least")
    terminal.resize(100, 30, "target-role")
    assert "needs at least" not in terminal.text()
    terminal.press(b"\x11")
    assert terminal.ended() == 0
    assert terminal.restored()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_and_gives_the_terminal_back(terminal: Terminal, number: signal.Signals, code: int) -> None:
    terminal.see("Which account has the tables")
    terminal.process.send_signal(number)
    assert terminal.ended() == code
    assert terminal.restored()
    assert b"Traceback" not in terminal.raw


def test_without_a_terminal_it_says_how_to_replay_a_plan(fresh: TestSandbox, tmp_path: Path) -> None:
    ended = ddbtui(env=environment(fresh, tmp_path), cwd=tmp_path)
    assert ended.returncode == 2
    assert "ddbtui run PLAN" in ended.stderr
    assert ended.stdout == ""


def test_a_reader_that_goes_away_leaves_no_traceback(fresh: TestSandbox, tmp_path: Path) -> None:
    process = started("schema", env=environment(fresh, tmp_path), cwd=tmp_path)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(20) in (0, 141)
    assert "Traceback" not in errors
