"""Application Auto Scaling as moto has it, but that it makes a role, and wants a target before a schedule.

Uses moto's private `targets`.
That a policy is refused until the new role is known everywhere: the error that the API declares for it.
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

from __future__ import annotations

from moto.applicationautoscaling.models import applicationautoscaling_backends

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import service_roles
from ddbtui.sandbox.iam.linked_roles import AUTO_SCALING, linked_role_arn, use_linked_role
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World


def scaling(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call; the caller was found to be allowed."""
    if call.operation == "RegisterScalableTarget":
        use_linked_role(world, principal, AUTO_SCALING, "application-autoscaling")
    elif call.operation == "PutScalingPolicy":
        _check_role(world, principal.account)
    elif call.operation == "PutScheduledAction":
        _check_target(call, principal.account)
    return moto_app.forward(call, principal.account)


def _check_role(world: World, account: str) -> None:
    arn = linked_role_arn(account, AUTO_SCALING)
    if not service_roles.assumable(world, arn, AUTO_SCALING):
        message = f"Unable to retrieve alarms for scaling policy due to reason: Unable to assume role {arn}"
        raise AwsError("FailedResourceAccessException", message)


def _check_target(call: Call, account: str) -> None:
    """See https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html for it."""
    dimension, resource = (str(call.params.get(name, "")) for name in ("ScalableDimension", "ResourceId"))
    if resource not in applicationautoscaling_backends[account][call.region].targets.get(dimension, {}):
        where = f"resource ID: {resource}, scalable dimension: {dimension}"
        message = f"No scalable target registered for service namespace: dynamodb, {where}"
        raise AwsError("ObjectNotFoundException", message)
