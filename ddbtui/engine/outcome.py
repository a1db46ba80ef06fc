"""How a run ended, in its state and in the exit code."""

from __future__ import annotations

from collections.abc import Iterable

from ddbtui.engine.journal import Journal
from ddbtui.engine.records import StepRecord
from ddbtui.engine.snapshot import RunState
from ddbtui.errors import Exit

_CODES: dict[RunState, Exit] = {
    "done": Exit.DONE,
    "different": Exit.DIFFERENT,
    "waiting": Exit.WAITING,
    "stopped": Exit.INTERRUPTED,
    "running": Exit.INTERRUPTED,
}


def final_state(steps: Iterable[StepRecord], *, stopped: bool) -> RunState:
    """Say what a run that has come to rest is.

    Args:
        steps: all its steps.
        stopped: whether it was made to stop while some chain could have gone on.
    """
    unfinished = [step for step in steps if step.state != "done"]
    failures = [step.kind for step in unfinished if step.state == "failed"]
    if not unfinished:
        return "done"
    if stopped:
        return "stopped"
    if failures:
        return "different" if all(kind == "different" for kind in failures) else "failed"
    return "waiting" if any(step.state == "waiting" for step in unfinished) else "stopped"


def exit_code(journal: Journal, run_id: str) -> Exit:
    """Return the code that a process which carried out this run ends with; the journal alone decides.

    A run that says `running` while nobody is at it was killed, and counts as interrupted.
    """
    state = journal.run(run_id).state
    if state in _CODES:
        return _CODES[state]
    kinds = {step.kind for step in journal.steps(run_id) if step.state == "failed"}
    return Exit.PREREQUISITE if kinds == {"prerequisite"} else Exit.FAILED
