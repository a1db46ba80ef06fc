"""`ddbtui demo`: the whole road on two simulated accounts; the wizard on a terminal, else the sample plan."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import ddbtui
from ddbtui.commands.common import has_terminal
from ddbtui.errors import Exit, UserError
from ddbtui.state_folder import STATE_DIR
from ddbtui.text import shown

_SPEED = 10.0
"""Jobs that take minutes take seconds: long enough to watch, short enough to wait for."""
SAMPLE = "s3-import.yaml"


def demo(_args: argparse.Namespace) -> int:
    """Start the sandbox and show the main job on it."""
    from ddbtui.sandbox.process import start

    person = has_terminal()
    print("demo: two simulated AWS accounts on this machine; nothing leaves it, and nothing is kept", flush=True)
    with tempfile.TemporaryDirectory(prefix="ddbtui-demo-") as folder, start(seed="demo", speed=_SPEED) as running:
        environment = {**_own_environment(), **running.environment, STATE_DIR: folder}
        if person:
            print("demo: choose profile 'source' as the source and 'target' as the target")
            code = _ddbtui([], environment)
            _print_crashes(Path(folder))
            print("demo: over; the simulated accounts are gone")
            return code
        plan = sample_plan()
        print(f"demo: ddbtui run {shown(plan)} --yes", flush=True)
        code = _ddbtui(["run", str(plan), "--output", "plain", "--yes"], environment)
        _print_crashes(Path(folder))
        print(f"demo: ended with exit code {code}; `ddbtui demo` on a terminal opens the wizard on the same accounts")
        return code


def sample_plan() -> Path:
    """Return the sample plan: beside the package in a checkout, inside it when installed.

    Raises:
        UserError: it is in neither place.
    """
    package = Path(ddbtui.__file__).parent
    for folder in (package / "samples", package.parent / "sample-configs"):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise UserError(f"the sample plan {SAMPLE} is missing", "Install ddbtui again.", Exit.FAILED)


def _own_environment() -> dict[str, str]:
    """The environment without what could lead to a real account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _print_crashes(folder: Path) -> None:
    """Print the details of internal errors before they go with the demo's folder."""
    for log in sorted(folder.glob("crash-*.log")):
        print(f"demo: {log.name}:")
        print(log.read_text(encoding="utf-8"))


def _ddbtui(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run this program in a process of its own.

    Ctrl-C reaches that process, too, and is its to handle. SIGTERM is passed on, and so is the end of the terminal,
    which only the first process of a session is told. What the demo has made is removed after it has ended.
    """
    child = subprocess.Popen([sys.executable, "-m", "ddbtui", *arguments], env=dict(environment))  # noqa: S603  this program itself
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda number, _: child.send_signal(number))
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
