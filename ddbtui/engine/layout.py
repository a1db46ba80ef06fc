"""How the work of a run fits what its journal holds already."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ddbtui.engine.journal import Journal
from ddbtui.engine.records import StepRecord
from ddbtui.engine.step import Work
from ddbtui.errors import Exit, UserError
from ddbtui.text import shown


def laid_out(journal: Journal, run_id: str, work: Work) -> tuple[StepRecord, ...]:
    """Return the run's steps as the journal has them, after adding the chains that are new in total.

    Raises:
        UserError: a chain that the journal has is gone from the work or has other steps now.
        ValueError: a subject has two steps of one name; they could not be told apart.
    """
    wanted = _steps_of(run_id, work)
    known = journal.steps(run_id)
    _compare(run_id, _chains(wanted), _chains(known))
    have = {(step.subject, step.name) for step in known}
    if new := [step for step in wanted if (step.subject, step.name) not in have]:
        # A chain keeps the number that it was given; new ones come after the last of their phase.
        journal.lay_out(_renumbered(new, known))
    return journal.steps(run_id)


def _steps_of(run_id: str, work: Work) -> list[StepRecord]:
    steps = [
        StepRecord(run_id, phase, place, position, chain.subject, step.name, step.title)
        for phase, chains in enumerate(work.phases)
        for place, chain in enumerate(chains)
        for position, step in enumerate(chain.steps)
    ]
    twice = [key for key, count in Counter((step.subject, step.name) for step in steps).items() if count > 1]
    if twice:
        raise ValueError(f"the work has {twice[0][1]!r} twice for {twice[0][0]!r}")
    return steps


def _chains(steps: list[StepRecord] | tuple[StepRecord, ...]) -> dict[tuple[int, str], list[str]]:
    chains: dict[tuple[int, str], list[str]] = {}
    for step in steps:
        chains.setdefault((step.phase, step.subject), []).append(step.name)
    return chains


def _compare(run_id: str, wanted: dict[tuple[int, str], list[str]], known: dict[tuple[int, str], list[str]]) -> None:
    subjects = {subject for _, subject in known}
    for key, names in wanted.items():
        if known.get(key, names) != names or (key not in known and key[1] in subjects):
            before = known.get(key) or next(old for (_, subject), old in known.items() if subject == key[1])
            raise _mismatch(run_id, f"'{shown(key[1], 255)}' had the steps {', '.join(before)}; now {', '.join(names)}")
    if gone := [subject for phase, subject in known if (phase, subject) not in wanted]:
        raise _mismatch(run_id, f"'{shown(gone[0], 255)}' is not part of the work any more")


def _mismatch(run_id: str, what: str) -> UserError:
    return UserError(
        f"run {shown(run_id, 40)} can't go on with this work: {what}",
        "Resume it with the version of ddbtui and the accounts that it began with, or cancel it and start anew.",
        Exit.USAGE,
    )


def _renumbered(new: list[StepRecord], known: tuple[StepRecord, ...]) -> list[StepRecord]:
    last: dict[int, int] = {}
    for step in known:
        last[step.phase] = max(last.get(step.phase, -1), step.chain)
    numbers: dict[tuple[int, str], int] = {}
    for step in new:
        if (step.phase, step.subject) not in numbers:
            last[step.phase] = numbers[step.phase, step.subject] = last.get(step.phase, -1) + 1
    return [replace(step, chain=numbers[step.phase, step.subject]) for step in new]
