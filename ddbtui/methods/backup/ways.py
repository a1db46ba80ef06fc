"""The ways to a recovery point that the target can restore, and which of them a plan chose."""

from __future__ import annotations

from typing import cast

from ddbtui.methods.backup.air_gapped import AirGapped
from ddbtui.methods.backup.chosen import Chosen
from ddbtui.methods.backup.on_demand import OnDemand
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.backup.scheduled import Scheduled
from ddbtui.methods.backup.way import Way
from ddbtui.plan.model import MethodOptions


def way_of(options: MethodOptions) -> Way:
    """Return the way that the options of a plan chose."""
    chosen = cast(BackupOptions, options)
    if chosen.restores_only:
        return Chosen()
    if chosen.is_air_gapped:
        return AirGapped()
    return Scheduled() if chosen.schedule else OnDemand()
