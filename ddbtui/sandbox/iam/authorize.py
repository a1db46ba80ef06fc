"""Whether a caller may: identity policies and resource policies, within and across accounts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

import json
from typing import Any

from ddbtui.sandbox.answers import AwsError, denial_of
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.policy import Context, decide, decide_resource
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.resources import owner_of, resource_policy
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


def context_of(world: World, principal: Principal, use: Use, extra: Context | None = None) -> dict[str, str]:
    """Condition keys of a use. All calls count as made over TLS, though the sandbox speaks plain HTTP."""
    context = {
        "aws:PrincipalArn": principal.iam_arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": "User" if principal.kind == "user" else "AssumedRole",
        "aws:SecureTransport": "true",
        "kms:CallerAccount": principal.account,
        **(extra or {}),
    }
    organization = world.organization_of(principal.account)
    if organization:
        context["aws:PrincipalOrgID"] = organization
    return context


def check(world: World, principal: Principal, use: Use, account: str, extra: Context | None = None) -> None:
    """Raise AWS's access-denied error unless the use is allowed.

    Args:
        world: the simulated world.
        principal: who.
        use: what, on which resource.
        account: whose account the call is made in; the resource's owner may be another.
        extra: more condition keys, e.g. `kms:ViaService`.
    """
    if use.action == "sts:AssumeRole":
        return  # the trust policy is checked by sts_service
    reason = refusal(world, principal, use, account, extra)
    if reason:
        raise denied(principal, use, reason)


def refusal(world: World, principal: Principal, use: Use, account: str, extra: Context | None = None) -> str:
    """Why the use is refused, or an empty text."""
    context = context_of(world, principal, use, extra)
    owner = owner_of(world, use) or account
    text = resource_policy(world, use)
    document: dict[str, Any] | None = json.loads(text) if text else None
    anonymous = principal.kind == "anonymous"
    own = None if anonymous else decide(principals.identity_policies(principal), *use, context)
    theirs, direct = decide_resource(document, principal.arns, principal.account, use, context)
    if own == "deny":
        return "with an explicit deny in an identity-based policy"
    if theirs == "deny":
        return "with an explicit deny in a resource-based policy"
    if use.action.startswith("kms:") and text is not None and theirs != "allow":
        return "because no resource-based policy allows the " + use.action + " action"
    if owner != principal.account and theirs != "allow":
        return f"because no resource-based policy allows the {use.action} action"
    needs_own = owner != principal.account or not direct
    if needs_own and own != "allow":
        return f"because no identity-based policy allows the {use.action} action"
    return ""


def denied(principal: Principal, use: Use, reason: str) -> AwsError:
    """AWS's error for a refused use."""
    message = f"User: {principal.arn} is not authorized to perform: {use.action}"
    message += f" on resource: {use.resource} {reason}" if use.resource != "*" else f" {reason}"
    code, status = denial_of(use.action.split(":")[0])
    if code == "UnauthorizedOperation":
        message = f"You are not authorized to perform this operation. {message}"
    return AwsError(code, message, status)


def dependent(world: World, principal: Principal, use: Use, via: str, extra: Context | None = None) -> str:
    """Note what a service does in its caller's name; return why it is refused, or an empty text."""
    reason = refusal(world, principal, use, principal.account, extra)
    world.recorder.add_dependent(principal, use, via, "AccessDenied" if reason else "ok")
    return f"{denied(principal, use, reason).message}" if reason else ""
