"""The shape that all methods share so far: prepare once, move every table in a chain of its own, clean up once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import RUN, Chain, Step, Work
from ddbtui.methods.base import Method
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.declared import access_of, changes_of
from ddbtui.methods.steps.prepare import prerequisite_steps
from ddbtui.prerequisites.base import Change


class TableMethod(Method):
    """A method whose tables don't wait for each other.

    Class attributes:
        slots: how many steps of a slot may run at a time.
    """

    slots: ClassVar[Mapping[str, int]]

    @abstractmethod
    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Return what moves one table, from the end of writes to the last comparison."""

    def clean_up(self, move: Move, moving: MovingTable) -> Step:
        """Return the step that removes what one table needed only for the move."""
        return CleanUpStep(move)

    def clean_up_shared(self, move: Move) -> Step:
        """Return the step that removes what all tables needed only for the move."""
        return CleanUpStep(move)

    def shared_steps(self, move: Move) -> Iterable[Step]:
        """Return what has to be made once, before all tables and after the prerequisites."""
        return ()

    def access(self, move: Move) -> Sequence[Access]:
        """The sum over the steps."""
        return access_of(self.work(move))

    def changes(self, move: Move) -> Sequence[Change]:
        """The changing calls of the steps, in order."""
        return changes_of(move, self.work(move))

    def work(self, move: Move) -> Work:
        """Three phases: prepare; all tables side by side; clean up what they shared."""
        prerequisites, cleaning = self.prerequisites(move), move.plan.clean_up == "staging"
        prepare = Chain(RUN, (*prerequisite_steps(prerequisites, None), *self.shared_steps(move)))
        tables = []
        for moving in move.tables:
            last = (self.clean_up(move, moving),) if cleaning else ()
            steps = (*prerequisite_steps(prerequisites, moving), *self.steps(move, moving), *last)
            tables.append(Chain(moving.name, steps))
        finish = ((Chain(RUN, (self.clean_up_shared(move),)),),) if cleaning else ()
        return Work(((prepare,), tuple(tables), *finish), self.slots)
