"""Removes what a run that is over left in the accounts, as far as that was meant or is agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from ddbtui.aws.move import Move
from ddbtui.engine.journal import Journal
from ddbtui.engine.records import RunRecord
from ddbtui.engine.step import Resource
from ddbtui.engine.verdicts import Explain
from ddbtui.methods.resources import remove
from ddbtui.plan.model import Side, side_named


@dataclass(frozen=True)
class CleanUpResult:
    """What a clean-up did: names of what went, of what stays by choice, and what could not be removed, with why."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


def remove_left(
    journal: Journal, run: RunRecord, move: Move, left: Iterable[Resource], agreed: Set[str], explain: Explain
) -> CleanUpResult:
    """Remove one resource after the other; what can't go keeps no other from going.

    Args:
        journal: notes what is gone.
        run: the run; its locks are held.
        move: its move.
        left: what it recorded and has not removed, in the order in which to remove it.
        agreed: names of resources of fate `ask` that may go.
        explain: message and hint for an error.

    Raises:
        UserError: the credentials are not those of its accounts.
    """
    removed, kept, failed = [], [], []
    verified: set[Side] = set()
    for resource in left:
        if resource.fate == "keep" or (resource.fate == "ask" and resource.name not in agreed):
            kept.append(resource.name)
            continue
        side = side_named(resource.side)
        if side not in verified:  # a profile may have become another account's since the run
            move.account(side).verify()
            verified.add(side)
        try:
            remove(move.account(side), resource)
        except Exception as error:
            failed.append((resource.name, explain(error)[0]))
            continue
        journal.removed(resource, plan_digest=run.plan_digest, run_id=run.run_id)
        removed.append(resource.name)
    return CleanUpResult(tuple(removed), tuple(kept), tuple(failed))
