"""Application Auto Scaling of a table: reading it, and which of its scheduled actions are still to come.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from ddbtui.aws.table import Scaling, ScalingPolicy, ScheduledAction

SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
READS = tuple(
    f"application-autoscaling:Describe{what}" for what in ("ScalableTargets", "ScalingPolicies", "ScheduledActions")
)
"""The IAM actions of `read_scaling`."""
_ONCE = re.compile(r"at\((.+)\)")


def read_scaling(client: Any, resource_ids: Sequence[str]) -> tuple[Scaling, ...]:
    """Read the scalable targets of a table and its indexes, each with its policies and scheduled actions.

    Args:
        client: of `application-autoscaling`.
        resource_ids: e.g. `table/orders` and `table/orders/index/by-date`; no more than 50.
    """
    targets = _pages(client, "describe_scalable_targets", "ScalableTargets", ResourceIds=list(resource_ids))
    scaled = sorted({str(target["ResourceId"]) for target in targets})
    policies = [p for one in scaled for p in _pages(client, "describe_scaling_policies", "ScalingPolicies", one)]
    actions = [a for one in scaled for a in _pages(client, "describe_scheduled_actions", "ScheduledActions", one)]
    return tuple(_scaling(target, policies, actions) for target in sorted(targets, key=_which))


def to_come(actions: Iterable[ScheduledAction], now: datetime) -> tuple[ScheduledAction, ...]:
    """Return the actions that may still happen; a start that has passed is left out of them.

    AWS carries an action out at its start as well, so that one in the past must not be set again.
    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
    """
    return tuple(
        action.model_copy(update={"start": None}) if action.start and action.start <= now else action
        for action in actions
        if not _is_over(action, now)
    )


def _is_over(action: ScheduledAction, now: datetime) -> bool:
    if action.end and action.end <= now:
        return True
    once = _ONCE.fullmatch(action.schedule)
    if not once:
        return False
    try:
        return datetime.fromisoformat(once[1]).replace(tzinfo=_zone(action.timezone)) <= now
    except ValueError:
        return False


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return UTC  # this machine does not know it


def _pages(client: Any, operation: str, member: str, resource_id: str = "", **options: Any) -> list[dict[str, Any]]:
    options = {"ServiceNamespace": "dynamodb", **({"ResourceId": resource_id} if resource_id else {}), **options}
    found = [one for page in client.get_paginator(operation).paginate(**options) for one in page[member]]
    return [one for one in found if resource_id in ("", one["ResourceId"])]


def _which(found: Mapping[str, Any]) -> tuple[str, str]:
    return found["ResourceId"], found["ScalableDimension"]


def _scaling(
    target: Mapping[str, Any], policies: Iterable[Mapping[str, Any]], actions: Iterable[Mapping[str, Any]]
) -> Scaling:
    suspended = target.get("SuspendedState") or {}
    return Scaling(
        resource_id=target["ResourceId"],
        dimension=target["ScalableDimension"],
        minimum=target["MinCapacity"],
        maximum=target["MaxCapacity"],
        suspended=tuple(name for name in SUSPENSIONS if suspended.get(name)),
        policies=tuple(
            ScalingPolicy(name=p["PolicyName"], policy_type=p["PolicyType"], configuration=_configuration(p))
            for p in sorted(policies, key=lambda p: str(p["PolicyName"]))
            if _which(p) == _which(target)
        ),
        actions=tuple(
            _action(a)
            for a in sorted(actions, key=lambda a: str(a["ScheduledActionName"]))
            if _which(a) == _which(target)
        ),
    )


def _configuration(policy: Mapping[str, Any]) -> str:
    found = policy.get("TargetTrackingScalingPolicyConfiguration") or policy.get("StepScalingPolicyConfiguration") or {}
    return json.dumps(found, sort_keys=True)


def _action(found: Mapping[str, Any]) -> ScheduledAction:
    bounds = found.get("ScalableTargetAction") or {}
    return ScheduledAction(
        name=found["ScheduledActionName"],
        schedule=found["Schedule"],
        timezone=found.get("Timezone") or "UTC",
        start=found.get("StartTime"),
        end=found.get("EndTime"),
        minimum=bounds.get("MinCapacity"),
        maximum=bounds.get("MaxCapacity"),
    )
