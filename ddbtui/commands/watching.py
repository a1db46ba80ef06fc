"""Watches a run until it comes to rest: tells the news, asks at gates, and takes Ctrl-C as a wish to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from ddbtui.commands.telling import Teller
from ddbtui.engine.snapshot import GateView, RunState
from ddbtui.errors import Exit
from ddbtui.reporting.report import report_of
from ddbtui.text import shown

if TYPE_CHECKING:
    from ddbtui.active_run import ActiveRun
    from ddbtui.service import Service

TERMINATED = 143
"""What a shell reports for a program that SIGTERM ended."""
_LOOK_SECONDS = 0.2


class Stopper:
    """What signals asked for. The first one stops the run at a safe point, the second one leaves at once.

    Args:
        active: the run.
    """

    def __init__(self, active: ActiveRun) -> None:
        self.active = active
        self.by: int | None = None
        self.asking = False

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if self.by is not None:
            os._exit(TERMINATED if number == signal.SIGTERM else int(Exit.INTERRUPTED))
        self.stop(number)
        if self.asking:
            from ddbtui.commands.asking import leave_question

            leave_question()

    def stop(self, number: int) -> None:
        """Ask the run to stop."""
        self.by = self.by or number
        self.active.stop()


@contextmanager
def listening(stopper: Stopper) -> Iterator[None]:
    """Give a stopper the signals that ask a program to end."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, stopper.take) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(service: Service, active: ActiveRun, tell: Teller, asks: bool) -> int:
    """Watch a run to its rest and report.

    Args:
        service: knows plan and resources.
        active: the run.
        tell: hears of everything.
        asks: whether a person can be asked at gates.

    Returns:
        The exit code.
    """
    stopper = Stopper(active)
    with listening(stopper):
        try:
            state = _until_rest(active, tell, stopper, asks)
        except BaseException:
            # Whoever listened is gone (a closed pipe): leave a run that can be resumed.
            active.stop()
            with suppress(Exception):
                active.wait()
            raise
    tell.look(active.snapshot())
    code = service.exit_code(active.run_id)
    if state == "stopped" and stopper.by is None:
        code = Exit.WAITING  # a person said no at a gate
    resources = [entry.resource for entry in service.resources(active.run_id)]
    tell.end(report_of(active.snapshot(), service.plan_of(active.run_id), resources), code)
    return TERMINATED if state == "stopped" and stopper.by == signal.SIGTERM else int(code)


def _until_rest(active: ActiveRun, tell: Teller, stopper: Stopper, asks: bool) -> RunState:
    declined: set[GateView] = set()
    told = False
    while (state := active.wait(_LOOK_SECONDS)) is None:
        snapshot = active.snapshot()
        tell.look(snapshot)
        if stopper.by is not None:
            if not told:
                tell.note("stopping: calls in flight are finished first; once more leaves at once")
                told = True
            continue
        if not asks:
            continue
        if not declined.issuperset(snapshot.gates):
            tell.note("")  # takes the live line away: a question must begin at the left edge
        for gate in snapshot.gates:
            if gate not in declined and not _passes(active, gate, stopper):
                declined.add(gate)
        if declined and declined.issuperset(snapshot.gates) and _only_gates(active):
            active.stop()
    return state


def _only_gates(active: ActiveRun) -> bool:
    """Whether nothing is at work any more but the gates that wait."""
    snapshot = active.snapshot()
    return bool(snapshot.gates) and not any(chain.state == "running" for chain in snapshot.chains)


def _passes(active: ActiveRun, gate: GateView, stopper: Stopper) -> bool:
    from ddbtui.commands.asking import Terminal

    stopper.asking = True
    try:
        agreed = stopper.by is None and Terminal().confirm(shown(gate.question, 2000))
    except (KeyboardInterrupt, EOFError):
        stopper.stop(signal.SIGINT)
        return False
    finally:
        stopper.asking = False
    if agreed:
        active.grant(gate.gate, gate.subject)
    return agreed
