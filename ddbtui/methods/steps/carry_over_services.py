"""The settings that live outside of the table's own definition: auto scaling and Contributor Insights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import insights_mode
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Scaling
from ddbtui.engine.step import StepFailed
from ddbtui.methods.steps.carry_over import Setting
from ddbtui.methods.steps.rewriting import target_resource_id
from ddbtui.methods.steps.target_table import billing
from ddbtui.text import shown

_SCALING_ROLE = "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
_INSIGHTS_ROLE = "contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights"
_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}


class AutoScaling(Setting):
    """Scalable targets and their policies.

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
        return [
            Access("target", f"{service}:DescribeScalableTargets", "*", "see auto scaling"),
            Access("target", f"{service}:DescribeScalingPolicies", "*", "see auto scaling"),
            Access("target", f"{service}:RegisterScalableTarget", scalable, "let the capacity scale", changes=True),
            Access("target", f"{service}:PutScalingPolicy", scalable, "set how the capacity scales", changes=True),
            Access("target", "dynamodb:DescribeTable", table, for_it),
            Access("target", "dynamodb:UpdateTable", table, for_it),
            Access("target", "cloudwatch:DescribeAlarms", alarms, for_it),
            Access("target", "cloudwatch:PutMetricAlarm", alarms, for_it),
            Access("target", "cloudwatch:DeleteAlarms", alarms, for_it),
            _linked_role(move, _SCALING_ROLE, "Application Auto Scaling"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """All targets with their bounds, and all policies."""
        client = move.target.client("application-autoscaling")
        return all(_scales(client, scaling, moving) for scaling in moving.table.scaling)

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Register every target, put every policy; both replace what is there."""
        client = move.target.client("application-autoscaling")
        for scaling in moving.table.scaling:
            which = _which(scaling, moving)
            client.register_scalable_target(**which, MinCapacity=scaling.minimum, MaxCapacity=scaling.maximum)
            for policy in scaling.policies:
                configuration = {_parameter(policy.policy_type): json.loads(policy.configuration)}
                client.put_scaling_policy(
                    **which, PolicyName=policy.name, PolicyType=policy.policy_type, **configuration
                )


def _linked_role(move: Move, role: str, service: str) -> Access:
    """AWS makes it with the rights of whoever uses the service first in an account."""
    arn = f"arn:{move.target.partition}:iam::{move.target.account_id}:role/aws-service-role/{role}"
    return Access("target", "iam:CreateServiceLinkedRole", arn, f"made by {service}, once an account")


def _which(scaling: Scaling, moving: MovingTable) -> dict[str, str]:
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": target_resource_id(scaling.resource_id, moving),
        "ScalableDimension": scaling.dimension,
    }


def _parameter(policy_type: str) -> str:
    if policy_type not in _CONFIGURATIONS:
        raise StepFailed(
            f"unknown kind of scaling policy {shown(policy_type, 60)}",
            "Leave scaling out of carry_over and set it up by hand.",
        )
    return _CONFIGURATIONS[policy_type]


def _scales(client: Any, scaling: Scaling, moving: MovingTable) -> bool:
    which = _which(scaling, moving)
    answer = client.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=[which["ResourceId"]], ScalableDimension=scaling.dimension
    )
    bounds = [(found["MinCapacity"], found["MaxCapacity"]) for found in answer["ScalableTargets"]]
    pages = client.get_paginator("describe_scaling_policies").paginate(**which)
    policies = {found["PolicyName"] for page in pages for found in page["ScalingPolicies"]}
    return bounds == [(scaling.minimum, scaling.maximum)] and {p.name for p in scaling.policies} <= policies


class ContributorInsights(Setting):
    """Contributor Insights of the table and of each index that a table which existed before has, too.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
    """

    name = "contributor-insights"
    title = "Contributor Insights"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on for anything."""
        return bool(moving.table.contributor_insights)

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Describe and update, for table and indexes, and the role that DynamoDB makes for it.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Contributor_Insights_IAM.html
        """
        found = [_linked_role(move, _INSIGHTS_ROLE, "DynamoDB")]
        for index in moving.table.contributor_insights:
            arn = move.target_arn(moving) + (f"/index/{index}" if index else "")
            why = "switch on Contributor Insights"
            found.append(Access("target", "dynamodb:DescribeContributorInsights", arn, "see Contributor Insights"))
            found.append(Access("target", "dynamodb:UpdateContributorInsights", arn, why, changes=True))
        return found

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On for all, each in the mode that it has in the source."""
        return all(
            status == "ENABLED" and mode == wanted["ContributorInsightsMode"]
            for wanted, status, mode in _insights(move, moving)
        )

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Switch it on where it is not, or is in another mode."""
        for wanted, status, mode in _insights(move, moving):
            if status == "DISABLED" or (status == "ENABLED" and mode != wanted["ContributorInsightsMode"]):
                move.target.client("dynamodb").update_contributor_insights(**wanted, ContributorInsightsAction="ENABLE")

    def parts(self, move: Move, moving: MovingTable) -> tuple[Sequence[str], Sequence[str]]:
        """Of the table, and of each index."""
        there, wanted = _places(move, moving), moving.table.contributor_insights
        words = {name: f"{self.title} of {f'index {name}' if name else 'the table'}" for name in wanted}
        return [words[name] for name in wanted if name in there], [words[name] for name in wanted if name not in there]


def _places(move: Move, moving: MovingTable) -> set[str]:
    """The table, as "", and the names of its global indexes; local ones are never watched."""
    found = move.target.client("dynamodb").describe_table(TableName=moving.target_name)["Table"]
    return {"", *(index["IndexName"] for index in found.get("GlobalSecondaryIndexes", ()))}


def _insights(move: Move, moving: MovingTable) -> Iterator[tuple[dict[str, str], str, str]]:
    """Yield what is wanted where, as UpdateContributorInsights takes it, and the status and the mode that are there."""
    there = _places(move, moving)
    for index, wanted in moving.table.contributor_insights.items():
        if index not in there:
            continue
        which = {"TableName": moving.target_name, **({"IndexName": index} if index else {})}
        found = move.target.client("dynamodb").describe_contributor_insights(**which)
        status = str(found.get("ContributorInsightsStatus", "DISABLED"))
        if status == "FAILED":
            failure = found.get("FailureException", {})
            raise StepFailed(
                f"Contributor Insights failed: {shown(failure.get('ExceptionDescription', 'no reason given'))}",
                "Put the cause right, then `ddbtui resume`; or start again with a plan without it in carry_over.",
            )
        yield {**which, "ContributorInsightsMode": wanted}, status, insights_mode(found)
