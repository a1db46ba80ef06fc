"""Service-linked roles that AWS makes by itself, with the rights of whoever uses a feature first.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import json

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import PARTITION, Principal, find_role, iam
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

CONTRIBUTOR_INSIGHTS = "contributorinsights.dynamodb.amazonaws.com"
AUTO_SCALING = "dynamodb.application-autoscaling.amazonaws.com"
_NAMES = {
    CONTRIBUTOR_INSIGHTS: "AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
    AUTO_SCALING: "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
}


def linked_role_arn(account: str, service: str) -> str:
    """The ARN that a service's role has or would have."""
    return f"arn:{PARTITION}:iam::{account}:role/aws-service-role/{service}/{_NAMES[service]}"


def make_linked_role(account: str, service: str) -> None:
    """Make it, unless it is there."""
    if find_role(linked_role_arn(account, service)) is None:
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        path = f"/aws-service-role/{service}/"
        iam(account).create_role(_NAMES[service], document, path, None, "", [], "3600", linked_service=service)


def use_linked_role(world: World, principal: Principal, service: str, via: str) -> None:
    """Make it in the caller's name, unless the account has it.

    Args:
        world: the simulated world.
        principal: who uses the service.
        service: one of the above.
        via: which service asks, for the record of calls.

    Raises:
        AwsError: the caller may not make it.
    """
    arn = linked_role_arn(principal.account, service)
    if find_role(arn) is None:
        use = Use("iam:CreateServiceLinkedRole", arn)
        reason = dependent(world, principal, use, via, {"iam:AWSServiceName": service})
        if reason:
            raise AwsError("AccessDeniedException", reason)
        make_linked_role(principal.account, service)
