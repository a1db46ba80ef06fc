"""Steps that declare what they need in each account; permissions and dry runs are sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step, Work
from ddbtui.prerequisites.base import Change


class DeclaredStep(Step):
    """A step of a move.

    Args:
        move: the move.
    """

    def __init__(self, move: Move) -> None:
        self.move = move

    def access(self) -> Sequence[Access]:
        """What the step needs; calls that change something are marked, and come in the order in which they are made."""
        return ()


class TableStep(DeclaredStep):
    """A step of a move that works on one table."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move)
        self.moving = moving

    @property
    def target_arn(self) -> str:
        """The ARN of the new table."""
        return self.move.target_arn(self.moving)


def access_of(work: Work) -> list[Access]:
    """Return what all steps need, each once."""
    needed: dict[tuple[str, str, str], Access] = {}
    for access in _all(work):
        needed.setdefault((access.side, access.action, access.resource), access)
    return list(needed.values())


def changes_of(move: Move, work: Work) -> list[Change]:
    """Return every call that changes something, in order."""
    return [
        Change(access.side, move.account(access.side).account_id, access.action, access.resource, after=access.why)
        for access in _all(work)
        if access.changes
    ]


def _all(work: Work) -> Iterable[Access]:
    for phase in work.phases:
        for chain in phase:
            for step in chain.steps:
                if isinstance(step, DeclaredStep):
                    yield from step.access()
