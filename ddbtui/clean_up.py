"""Removes what a run that is over left in the accounts, as far as that was meant or is agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from ddbtui.aws.move import Move
from ddbtui.aws.settle import settle
from ddbtui.engine.journal import Journal
from ddbtui.engine.records import RunRecord
from ddbtui.engine.step import Resource
from ddbtui.engine.verdicts import Explain
from ddbtui.methods.going import StillGoing
from ddbtui.methods.resources import remove
from ddbtui.plan.model import side_named


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

    What AWS takes a while to remove is looked at again for some seconds, together; then it counts as failed.

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
    resources = list(left)
    going = [one for one in resources if one.fate == "remove" or (one.fate == "ask" and one.name in agreed)]
    kept = [one.name for one in resources if one not in going]
    for side in dict.fromkeys(side_named(one.side) for one in going):
        move.account(side).verify()  # a profile may have become another account's since the run
    removed: list[str] = []
    failed: list[tuple[str, str]] = []

    def one_round() -> list[tuple[Resource, StillGoing]]:
        """Try each that may go still; return those that AWS has begun with."""
        again = []
        for resource in going:
            try:
                remove(move.account(side_named(resource.side)), resource)
            except StillGoing as error:
                again.append((resource, error))
            except Exception as error:
                failed.append((resource.name, explain(error)[0]))
            else:
                journal.removed(resource, plan_digest=run.plan_digest, run_id=run.run_id)
                removed.append(resource.name)
        going[:] = [resource for resource, _ in again]
        return again

    for resource, slow in settle(one_round, good=lambda again: not again):
        failed.append((resource.name, f"{slow.message}. {slow.hint}"))
    return CleanUpResult(tuple(removed), tuple(kept), tuple(failed))
