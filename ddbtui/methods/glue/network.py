"""What jobs in a subnet must reach.

https://docs.aws.amazon.com/glue/latest/dg/vpc-interface-endpoints.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.arns import table_arn
from ddbtui.aws.move import Move
from ddbtui.methods.glue.options import CopyOptions
from ddbtui.methods.glue.places import Places
from ddbtui.prerequisites.base import Outcome, Prerequisite
from ddbtui.prerequisites.glue_connection import SecurityGroups
from ddbtui.prerequisites.vpc_endpoints import Reach, VpcEndpoints


def network_prerequisites(move: Move) -> Sequence[Prerequisite]:
    """Return what must hold where the plan names a connection."""
    places = Places(move)
    connection = places.options.connection
    if not connection:
        return ()
    return SecurityGroups(move, connection), VpcEndpoints(move, connection, reach_of(move))


def bucket_elsewhere(move: Move) -> Outcome:
    """Return what to find of a bucket in another region than the jobs.

    Endpoints of a VPC lead to their own region only. That Glue can start a script from another region's bucket is
    inferred: AWS documents neither that nor the contrary.
    """
    return "fail" if Places(move).options.connection else "warn"


def reach_of(move: Move) -> Reach:
    """Return what the jobs must reach; S3 and DynamoDB by endpoints whose policies may forbid it."""
    places, target, source = Places(move), move.target, move.source
    copies = isinstance(places.options, CopyOptions)
    objects = places.staging.objects_arn
    items = [("dynamodb:BatchWriteItem", move.target_arn(moving)) for moving in move.tables]
    if copies and source.region == target.region:
        here = (source.partition, source.region, source.account_id)
        items += [("dynamodb:Scan", table_arn(*here, moving.name)) for moving in move.tables]
    return Reach(
        role=places.job_role,
        gateways={"s3": [("s3:GetObject", objects), ("s3:PutObject", objects)], "dynamodb": items},
        interfaces=("glue", "logs", *(("sts",) if copies else ())),
        regions=(source.region,) if copies and source.region != target.region else (),
    )
