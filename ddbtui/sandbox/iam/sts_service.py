"""AssumeRole as AWS guards it: the role must exist and trust the caller.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
from typing import Any

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.authorize import context_of, denied
from ddbtui.sandbox.iam.policy import decide, decide_resource
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

_HOUR = 3600


def check_sts(world: World, call: Call, principal: Principal) -> None:
    """Raise AccessDenied for AssumeRole unless the role exists, trusts the caller, and the caller may assume it."""
    if (call.service, call.operation) != ("sts", "AssumeRole"):
        return
    role_arn = str(call.params.get("RoleArn", ""))
    use = Use("sts:AssumeRole", role_arn)
    role = principals.find_role(role_arn) if role_arn.count(":") == 5 else None
    extra = {"sts:ExternalId": call.params["ExternalId"]} if "ExternalId" in call.params else {}
    context = context_of(world, principal, use, extra)
    trust = _trust(role.assume_role_policy_document) if role else None
    verdict, direct = decide_resource(trust, principal.arns, principal.account, use, context)
    own = decide(principals.identity_policies(principal), *use, context) if principal.kind != "anonymous" else None
    same = role is not None and role_arn.split(":")[4] == principal.account
    if verdict != "allow" or own == "deny" or (own != "allow" and not (same and direct)):
        raise denied(principal, use, "")
    _check_duration(role, call, principal)


def _check_duration(role: Any, call: Call, principal: Principal) -> None:
    """A session lasts as long as its role allows, and an hour at most if it was a role that assumed the role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
    """
    seconds = int(call.params.get("DurationSeconds") or _HOUR)
    if principal.kind == "role" and seconds > _HOUR:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise AwsError("ValidationError", message)
    if seconds > int(role.max_session_duration or _HOUR):
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", message)


def _trust(text: Any) -> dict[str, Any]:
    """A trust policy has no Resource element, which stands for the role itself."""
    document: dict[str, Any] = json.loads(text)
    return document


def sts(world: World, call: Call, principal: Principal) -> Answer:
    """Let moto answer; AssumeRole was checked before."""
    if principal.kind == "anonymous":
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    return moto_app.forward(call, principal.account)
