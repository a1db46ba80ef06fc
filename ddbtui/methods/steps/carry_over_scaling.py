"""Application Auto Scaling: targets, policies, and what happens on a schedule.

https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-dynamodb.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.scaling import READS, SUSPENSIONS, read_scaling, to_come
from ddbtui.aws.table import Scaling, ScheduledAction
from ddbtui.engine.step import StepFailed
from ddbtui.methods.steps.carry_over import Setting, linked_role
from ddbtui.methods.steps.rewriting import target_resource_id
from ddbtui.methods.steps.target_table import billing
from ddbtui.text import shown

_ROLE = "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}


class AutoScaling(Setting):
    """Scalable targets with their policies, their scheduled actions, and what of it is suspended.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    """

    name = "scaling"
    title = "auto scaling"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If the source scales and the target has provisioned capacity."""
        return bool(moving.table.scaling) and billing(move, moving.table) == "PROVISIONED"

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Application Auto Scaling's own, and what it does with the caller's rights."""
        target, table = move.target, move.target_arn(moving)
        place = f"{target.region}:{target.account_id}"
        scalable = f"arn:{target.partition}:application-autoscaling:{place}:scalable-target/*"
        alarms = f"arn:{target.partition}:cloudwatch:{place}:alarm:*"
        service, for_it = "application-autoscaling", "made by Application Auto Scaling"
        scheduled = any(scaling.actions for scaling in moving.table.scaling)
        why = "set when the capacity changes"
        return [
            *(Access("target", read, "*", "see auto scaling") for read in READS),
            *([Access("target", f"{service}:PutScheduledAction", scalable, why, changes=True)] if scheduled else []),
            Access("target", f"{service}:RegisterScalableTarget", scalable, "let the capacity scale", changes=True),
            Access("target", f"{service}:PutScalingPolicy", scalable, "set how the capacity scales", changes=True),
            Access("target", "dynamodb:DescribeTable", table, for_it),
            Access("target", "dynamodb:UpdateTable", table, for_it),
            Access("target", "cloudwatch:DescribeAlarms", alarms, for_it),
            Access("target", "cloudwatch:PutMetricAlarm", alarms, for_it),
            Access("target", "cloudwatch:DeleteAlarms", alarms, for_it),
            linked_role(move, _ROLE, "Application Auto Scaling"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """All targets with their bounds, policies, actions and suspensions."""
        wanted = {(_resource(one, moving), one.dimension): one for one in moving.table.scaling}
        client = move.target.client("application-autoscaling")
        there = read_scaling(client, sorted({resource for resource, _ in wanted}))
        found = {(one.resource_id, one.dimension): one for one in there}
        now = datetime.now(UTC)
        return all(where in found and _is_like(found[where], one, now) for where, one in wanted.items())

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Register every target, put every policy and action; each replaces what is there."""
        client = move.target.client("application-autoscaling")
        for scaling in moving.table.scaling:
            which = _which(scaling, moving)
            client.register_scalable_target(
                **which,
                MinCapacity=scaling.minimum,
                MaxCapacity=scaling.maximum,
                SuspendedState={name: name in scaling.suspended for name in SUSPENSIONS},
            )
            for policy in scaling.policies:
                configuration = {_parameter(policy.policy_type): json.loads(policy.configuration)}
                client.put_scaling_policy(
                    **which, PolicyName=policy.name, PolicyType=policy.policy_type, **configuration
                )
            for action in to_come(scaling.actions, datetime.now(UTC)):
                client.put_scheduled_action(**which, **_action(action))


def _which(scaling: Scaling, moving: MovingTable) -> dict[str, str]:
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": _resource(scaling, moving),
        "ScalableDimension": scaling.dimension,
    }


def _resource(scaling: Scaling, moving: MovingTable) -> str:
    return target_resource_id(scaling.resource_id, moving)


def _parameter(policy_type: str) -> str:
    if policy_type not in _CONFIGURATIONS:
        raise StepFailed(
            f"unknown kind of scaling policy {shown(policy_type, 60)}",
            "Leave scaling out of carry_over and set it up by hand.",
        )
    return _CONFIGURATIONS[policy_type]


def _action(action: ScheduledAction) -> dict[str, Any]:
    bounds = {"MinCapacity": action.minimum, "MaxCapacity": action.maximum}
    more = {
        "Timezone": action.timezone if action.timezone != "UTC" else None,
        "StartTime": action.start,
        "EndTime": action.end,
        "ScalableTargetAction": {name: value for name, value in bounds.items() if value is not None},
    }
    given = {name: value for name, value in more.items() if value}
    return {"ScheduledActionName": action.name, "Schedule": action.schedule, **given}


def _is_like(found: Scaling, wanted: Scaling, now: datetime) -> bool:
    """Whether it is as in the source; its scheduled actions may have changed its bounds already."""
    minimums = {wanted.minimum, *(action.minimum for action in wanted.actions)}
    maximums = {wanted.maximum, *(action.maximum for action in wanted.actions)}
    return (
        found.minimum in minimums
        and found.maximum in maximums
        and found.suspended == wanted.suspended
        and {policy.name for policy in wanted.policies} <= {policy.name for policy in found.policies}
        and set(to_come(wanted.actions, now)) <= set(to_come(found.actions, now))
    )
