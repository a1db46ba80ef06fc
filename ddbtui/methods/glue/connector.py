"""The reader `connector` of `glue`, as AWS's guide has it: Glue's own connector, with a role of the source account.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.census import Census
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods.glue.lossy import CensusSourceStep, CheckTypesStep, is_mixed
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.shares import read_share, write_share
from ddbtui.methods.glue.sizing import size_job
from ddbtui.methods.glue.variants import Variant
from ddbtui.methods.steps.loading import write_rate


def casts(census: Census) -> list[tuple[str, str]]:
    """Return what attributes are cast to of which the connector sees several types, a choice that nobody can write.

    Numbers that are not all 64-bit integers are long in one item and double in another: all become double. Of several
    types of DynamoDB's, which the plan must have accepted, all become texts.
    """
    found = []
    for name, attribute in sorted(census.attributes.items()):
        if is_mixed(attribute):
            found.append((name, "string"))
        elif "N" in attribute.types and attribute.beyond_long:
            found.append((name, "double"))
    return found


def arguments(ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
    """Return the arguments of the script `copy_connector`."""
    places = Places(move)
    return {
        "source_table": moving.name,
        "source_region": move.source.region,
        "source_role_arn": places.source_role,
        "read_percent": read_share(move, moving),
        "write_percent": write_share(move, moving),
        "splits": str(size_job(moving.table, places.options, write_rate(move, moving)).parallel),
        "casts": json.dumps(casts(Census.from_json(ctx.result("read-source")["census"])), separators=(",", ":")),
    }


def steps(move: Move, moving: MovingTable) -> Iterable[Step]:
    """Return what comes after the source was read: refuse what can't be carried."""
    return (CheckTypesStep(move, moving, "connector"),)


CONNECTOR = Variant("copy_connector", arguments, reading=CensusSourceStep, steps=steps, counts=False)
