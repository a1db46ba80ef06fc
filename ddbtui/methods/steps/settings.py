"""All settings that are carried over, in the order in which they must be (TTL last)."""

from __future__ import annotations

from collections.abc import Collection

from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.steps.carry_over import CarryOverStep, Setting
from ddbtui.methods.steps.carry_over_insights import ContributorInsights
from ddbtui.methods.steps.carry_over_scaling import AutoScaling
from ddbtui.methods.steps.carry_over_table import (
    DeletionProtection,
    PointInTimeRecovery,
    ResourcePolicy,
    Stream,
    TableClass,
    Tags,
    TimeToLive,
)

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        PointInTimeRecovery(),
        TableClass(),
        DeletionProtection(),
        Stream(),
        Tags(),
        ContributorInsights(),
        AutoScaling(),
        ResourcePolicy(),
        TimeToLive(),
    )
}
"""One for each name of `ddbtui.plan.model.CARRY_OVER`."""


def carry_over_steps(move: Move, moving: MovingTable, set_before: Collection[str] = ()) -> tuple[CarryOverStep, ...]:
    """Return a step for each setting that the plan wants and the source has.

    Args:
        move: the move.
        moving: the table.
        set_before: names of settings that the new table got when it was made.
    """
    wanted = [SETTINGS[name] for name in move.plan.carried if name not in set_before]
    return tuple(CarryOverStep(setting, move, moving) for setting in wanted if setting.applies(move, moving))
