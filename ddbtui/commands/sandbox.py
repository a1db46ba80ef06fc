"""`ddbtui sandbox`: two simulated accounts for any AWS client, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Mapping
from shlex import quote

from ddbtui.errors import Exit
from ddbtui.text import shown

ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
"""What ends it: Ctrl-C, a kill, a closed terminal. Each leaves no folder behind."""


def sandbox(args: argparse.Namespace) -> int:
    """Start the sandbox, print how to reach it, wait for Ctrl-C."""
    from ddbtui.sandbox.process import start

    over = threading.Event()
    with start(seed=args.seed, speed=args.speed, engine=args.engine) as running:
        before = {number: signal.signal(number, lambda *_: over.set()) for number in ENDING}
        try:
            for line in export_lines(running.environment):
                print(line)
            print("# profiles in eu-west-1: source (111111111111), target (222222222222), management (333333333333)")
            print("# of their organization, and target-role, a role of the target account that source assumes")
            print(f"# Glue's Spark jobs run on: {shown(running.engine()['engine'])}")
            print(f"# the two accounts are simulated at {shown(running.endpoint)} until Ctrl-C", flush=True)
            over.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return int(Exit.DONE)


def export_lines(environment: Mapping[str, str]) -> list[str]:
    """Return the environment as shell commands."""
    return [f"export {name}={quote(value)}" for name, value in sorted(environment.items())]
