"""The steps around a load: the table is there before it, and complete after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.inventory import inventory_access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step
from ddbtui.methods.steps.add_indexes import AddIndexesStep
from ddbtui.methods.steps.create_table import SET_AT_CREATION, CreateTableStep
from ddbtui.methods.steps.loading import creates, indexes_with_load
from ddbtui.methods.steps.settings import carry_over_steps
from ddbtui.methods.steps.structure import (
    GLOBAL_INDEXES,
    LOCAL_INDEXES,
    MAXIMUMS,
    StructureStep,
    capacity_field,
)

_ITS_OWN = "the table existed before and keeps its own"


def before_load(move: Move, moving: MovingTable) -> Iterator[Step]:
    """Yield the step that makes the table, unless it exists."""
    if creates(move):
        yield CreateTableStep(move, moving)


def after_load(move: Move, moving: MovingTable) -> Iterator[Step]:
    """Yield what completes the table once its items are proved: indexes, settings, and the comparison."""
    if not indexes_with_load(move) and moving.table.global_indexes:
        yield AddIndexesStep(move, moving)
    if creates(move):
        yield from carry_over_steps(move, moving, SET_AT_CREATION)
        yield StructureStep(move, moving)
    else:
        yield from carry_over_steps(move, moving, ("scaling",))
        yield ExistingStructureStep(move, moving)


class ExistingStructureStep(StructureStep):
    """Compares a table that existed before: its capacity, key and indexes are its own, and not known beforehand."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving, _differences(moving))

    def access(self) -> Sequence[Access]:
        """All that its inventory may call."""
        return inventory_access(self.move.target, "target", [self.moving.target_name], lists=False)


def _differences(moving: MovingTable) -> Mapping[str, str]:
    """What an existing table may have otherwise than its source; its keys are not among it."""
    fields = ["billing", "encryption", "scaling", GLOBAL_INDEXES, LOCAL_INDEXES, MAXIMUMS, capacity_field("")]
    fields += [capacity_field(index.name) for index in moving.table.global_indexes]
    return dict.fromkeys(fields, _ITS_OWN)
