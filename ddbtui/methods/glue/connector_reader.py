"""The reader `connector` of `glue`, as AWS's guide has it: Glue's own connector, with a role of the source account.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.census import Census
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods.glue.lossy import CensusSourceStep, CheckTypesStep, is_mixed
from ddbtui.methods.glue.places import Places
from ddbtui.methods.glue.shares import least_shares, read_share, share_access, write_share
from ddbtui.methods.glue.sizing import size_job
from ddbtui.methods.glue.way import Way
from ddbtui.methods.steps.loading import write_rate
from ddbtui.prerequisites.base import Prerequisite


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


class ConnectorReader(Way):
    """Glue's connector scans the source, and Glue's own writer writes."""

    script = "copy_connector"
    reading = CensusSourceStep
    counts = False
    renews = False

    def arguments(self, ctx: StepContext, move: Move, moving: MovingTable) -> Mapping[str, str]:
        """The source, who may read it, the shares of both capacities, and the casts."""
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

    def steps(self, move: Move, moving: MovingTable) -> Iterable[Step]:
        """Refuse what can't be carried."""
        return (CheckTypesStep(move, moving, "connector"),)

    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """The capacity is enough for the smallest shares."""
        return least_shares(move, "reader: lossless", reads=True)

    def access(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """See how many units the target table has."""
        return share_access(move, moving)
