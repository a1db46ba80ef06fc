"""Scalable targets and policies of a provisioned table and its index. Uses moto's autoscaling backend."""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends

from ddbtui.sandbox.iam.linked_roles import AUTO_SCALING, linked_role_arn, make_linked_role
from ddbtui.sandbox.profiles import REGION


def scale(account: str, table: str, index: str) -> None:
    """Make read and write capacity follow the load, for the table and for one index."""
    backend = applicationautoscaling_backends[account][REGION]
    parts = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    suspended: Any = dict.fromkeys(parts, False)
    make_linked_role(account, AUTO_SCALING)
    role = linked_role_arn(account, AUTO_SCALING)
    for resource, kind in ((f"table/{table}", "table"), (f"table/{table}/index/{index}", "index")):
        for unit in ("Read", "Write"):
            dimension = f"dynamodb:{kind}:{unit}CapacityUnits"
            backend.register_scalable_target("dynamodb", resource, dimension, 5, 200, role, suspended)
            body = {
                "TargetValue": 70.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{unit}CapacityUtilization"},
                "ScaleInCooldown": 60,
                "ScaleOutCooldown": 30,
            }
            name = f"{unit.lower()}-{table}-{kind}"
            backend.put_scaling_policy(name, "dynamodb", resource, dimension, body, "TargetTrackingScaling")
    busy: Any = {"MinCapacity": 40, "MaxCapacity": 400}
    no_end: Any = None
    name, when, zone = "before-the-shop-opens", "cron(0 6 ? * MON-SAT *)", "Europe/Dublin"
    backend.put_scheduled_action(
        "dynamodb", when, zone, name, f"table/{table}", "dynamodb:table:ReadCapacityUnits", no_end, no_end, busy
    )
    held: Any = {**suspended, "DynamicScalingInSuspended": True}
    where = f"table/{table}/index/{index}"
    backend.register_scalable_target("dynamodb", where, "dynamodb:index:WriteCapacityUnits", 5, 200, role, held)
