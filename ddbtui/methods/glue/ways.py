"""The loaders of `s3-glue` and the readers of `glue`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import StepContext
from ddbtui.methods.glue.catalog import CATALOG
from ddbtui.methods.glue.connector import CONNECTOR
from ddbtui.methods.glue.options import CopyOptions, S3GlueOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import size_job
from ddbtui.methods.glue.variants import Variant
from ddbtui.methods.steps.loading import write_rate


def _export(ctx: StepContext, _move: Move, _moving: MovingTable) -> Mapping[str, str]:
    export = ctx.result("export")
    return {"manifest": export["manifest"], "items": str(export["items"])}


def _scan(_ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
    places = Places(move)
    sizing = size_job(moving.table, places.options, write_rate(move, moving))
    return {
        "source_table": moving.name,
        "source_region": move.source.region,
        "source_role_arn": places.source_role,
        "segments": str(sizing.segments),
        "max_rcu": str(sizing.read_rate),
    }


LOADERS: Mapping[str, Variant] = {"lossless": Variant("load_export", _export), "catalog": CATALOG}
"""By the option `loader` of `s3-glue`."""
READERS: Mapping[str, Variant] = {"lossless": Variant("copy_table", _scan), "connector": CONNECTOR}
"""By the option `reader` of `glue`."""


def variant_of(move: Move) -> Variant:
    """Return the way that the plan chose."""
    options = move.plan.method
    if isinstance(options, S3GlueOptions):
        return LOADERS[options.loader]
    return READERS[cast(CopyOptions, options).reader]
