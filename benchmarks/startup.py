"""How long until the help is there, and until the wizard's first paint.

Both are started in turn with what they are held against, so that a busy machine slows both alike.
All bytecode is compiled beforehand into a folder of its own: the first start of each does it and is not counted.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from statistics import median

import pyte

from benchmarks.result import Result

ROOT = Path(__file__).parent.parent
COLUMNS, ROWS = 100, 30
MOST_RATIO = 1.5
MOST_QUESTION_RATIO = 4.0
HELP_RUNS = 25
PAINT_RUNS = 15
_PATIENCE = 30.0
_QUESTION = "Which account has the tables"
_BARE = [sys.executable, "-m", "benchmarks.bare_app"]
_DDBTUI = [sys.executable, "-m", "ddbtui"]


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """An environment with bytecode, without a user's profiles, runs and settings."""
    with tempfile.TemporaryDirectory(prefix="ddbtui-bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "TEXTUAL"))}
        yield {
            **kept,
            "HOME": folder,
            "DDBTUI_STATE_DIR": f"{folder}/state",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONPYCACHEPREFIX": f"{folder}/bytecode",
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
        }


def ended(argv: list[str], env: dict[str, str]) -> float:
    """Seconds from the start of a program to its end."""
    start = time.perf_counter()
    subprocess.run(argv, env=env, cwd=env["HOME"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def painted(argv: list[str], env: dict[str, str], awaited: str = "") -> float:
    """Seconds from the start of a program on a pty of 100x30 until its screen is no longer blank.

    Args:
        argv: the program.
        env: its environment.
        awaited: words that must stand on the screen; any content will do if empty.
    """
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.chdir(env["HOME"])
        os.execvpe(argv[0], argv, env)
    try:
        return _first_content(terminal, start, awaited)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _first_content(terminal: int, start: float, awaited: str) -> float:
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    while time.perf_counter() - start < _PATIENCE:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:
            break
        now = time.perf_counter()
        stream.feed(data)
        if any("Traceback" in line for line in screen.display):
            break
        if any(line.strip() and awaited in line for line in screen.display):
            return now - start
    shown = "\n".join(line.rstrip() for line in screen.display).strip()
    raise RuntimeError(f"nothing was painted; the screen holds:\n{shown}")


def in_turn(one: Callable[[], float], other: Callable[[], float], runs: int) -> list[tuple[float, float]]:
    """Two things measured in turn, after one uncounted start of each."""
    one()
    other()
    return [(one(), other()) for _ in range(runs)]


def help_text() -> Result:
    """`ddbtui --help` against `import click`."""
    click = [sys.executable, "-c", "import click"]
    with environment() as env:
        pairs = in_turn(lambda: ended([*_DDBTUI, "--help"], env), lambda: ended(click, env), HELP_RUNS)
    return _compared("`ddbtui --help` against `python -c 'import click'`", pairs)


def first_paint() -> Result:
    """The wizard against the bare app."""
    with environment() as env:
        pairs = in_turn(lambda: painted(_DDBTUI, env), lambda: painted(_BARE, env), PAINT_RUNS)
    return _compared("first paint of the wizard against a bare Textual app", pairs)


def first_question() -> Result:
    """The wizard's first question, what it needs is imported after the first frame, against the bare app."""
    with environment() as env:
        pairs = in_turn(lambda: painted(_DDBTUI, env, _QUESTION), lambda: painted(_BARE, env), PAINT_RUNS)
    return _compared("first question of the wizard against a bare Textual app", pairs, MOST_QUESTION_RATIO)


def _compared(what: str, pairs: list[tuple[float, float]], most: float = MOST_RATIO) -> Result:
    """The median of the ratios of each pair: what slows one start down slows its neighbour, too."""
    ours, theirs = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    ratio = median(pair[0] / pair[1] for pair in pairs)
    figures = f"{ours * 1000:,.0f} ms against {theirs * 1000:,.0f} ms: {ratio:.2f}"
    return Result(what, figures, f"at most {most}", ratio <= most)
