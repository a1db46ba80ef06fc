"""The lossless loader of `s3-glue` and the lossless reader of `glue`: items keep DynamoDB's own types."""

from __future__ import annotations

from collections.abc import Mapping

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import StepContext
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.sizing import size_job
from ddbtui.methods.glue.way import Way
from ddbtui.methods.steps.loading import write_rate


class LosslessLoader(Way):
    """Puts the items of the exported files."""

    script = "load_export"

    def arguments(self, ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
        """Where the export is, and how many items it has."""
        export = ctx.result("export")
        return {"manifest": export["manifest"], "items": str(export["items"])}


class LosslessReader(Way):
    """Scans the source in segments and puts what it reads."""

    script = "copy_table"

    def arguments(self, ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
        """The source, who may read it, and how fast."""
        places = Places(move)
        sizing = size_job(moving.table, places.options, write_rate(move, moving))
        return {
            "source_table": moving.name,
            "source_region": move.source.region,
            "source_role_arn": places.source_role,
            "segments": str(sizing.segments),
            "max_rcu": str(sizing.read_rate),
        }
