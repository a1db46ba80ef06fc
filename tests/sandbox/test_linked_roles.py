"""Roles that AWS makes in the name of whoever uses a feature first in an account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox import SOURCE, TestSandbox, refused

SCALABLE: dict[str, Any] = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
}


def use(client: Any, service: str) -> None:
    if service == "dynamodb":
        client.update_contributor_insights(TableName="orders", ContributorInsightsAction="ENABLE")
    else:
        client.register_scalable_target(**SCALABLE, MinCapacity=1, MaxCapacity=9)


@pytest.mark.parametrize(
    ("service", "role"),
    [
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Contributor_Insights_IAM.html
        (
            "dynamodb",
            "contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
        ),
        # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
        (
            "application-autoscaling",
            "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
        ),
    ],
)
def test_the_first_use_makes_the_role_in_the_caller_s_name(fresh: TestSandbox, service: str, role: str) -> None:
    uses: dict[str, Any] = {"Effect": "Allow", "Action": f"{service}:*", "Resource": "*"}
    without = fresh.client_of(fresh.role(SOURCE, "without", [uses]), service)
    with refused("AccessDeniedException") as told:
        use(without, service)
    assert "iam:CreateServiceLinkedRole" in str(told[0])
    arn = f"arn:aws:iam::{SOURCE}:role/aws-service-role/{role}"
    makes = {
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": arn,
        "Condition": {"StringLike": {"iam:AWSServiceName": role.split("/", maxsplit=1)[0]}},
    }
    use(fresh.client_of(fresh.role(SOURCE, "withal", [uses, makes]), service), service)
    name = role.split("/")[1]
    assert fresh.client("source", "iam").get_role(RoleName=name)["Role"]["Arn"] == arn
    use(without, service)  # there is one now


def test_a_scaling_policy_waits_for_the_new_role(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html"""
    scaling = fresh.client("source", "application-autoscaling")
    policy = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING}
    fresh.control("propagation", seconds=3600)
    use(scaling, "application-autoscaling")
    with refused("FailedResourceAccessException"):
        scaling.put_scaling_policy(**SCALABLE, PolicyName="p", **policy)
    fresh.control("clock", seconds=3600)
    scaling.put_scaling_policy(**SCALABLE, PolicyName="p", **policy)


def test_only_a_registered_target_has_a_schedule(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"""
    scaling = fresh.client("source", "application-autoscaling")
    action = {"ScheduledActionName": "a", "Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 2}}
    with refused("ObjectNotFoundException"):
        scaling.put_scheduled_action(**SCALABLE, **action)
    use(scaling, "application-autoscaling")
    scaling.put_scheduled_action(**SCALABLE, **action)
    found = scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ResourceId="table/orders")
    assert [one["ScheduledActionName"] for one in found["ScheduledActions"]] == ["a"]
