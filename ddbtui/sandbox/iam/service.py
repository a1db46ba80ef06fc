"""IAM as moto has it, but that a trust policy can name only principals that exist, and a policy has a largest size.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.policy import listed
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import ACCOUNTS, World

_MANAGED = 6_144
_TRUSTS = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}


def iam(_: World, call: Call, principal: Principal) -> Answer:
    """Answer an IAM call; the caller was found to be allowed."""
    member = _TRUSTS.get(call.operation)
    if member:
        _check_principals(str(call.params.get(member, "")))
    if call.operation in ("CreatePolicy", "CreatePolicyVersion"):
        _check_size(str(call.params.get("PolicyDocument", "")))
    return moto_app.forward(call, principal.account)


def _check_principals(text: str) -> None:
    try:
        statements = listed(json.loads(text)["Statement"])
    except (ValueError, KeyError, TypeError):
        return  # moto says what is wrong with it
    for statement in statements:
        named = statement.get("Principal", {})
        for name in listed(named.get("AWS", [])) if isinstance(named, dict) else ():
            if not principals.principal_exists(str(name), set(ACCOUNTS)):
                message = f'Invalid principal in policy: "AWS":"{name}"'
                raise AwsError("MalformedPolicyDocument", message, 400)


def _check_size(text: str) -> None:
    if len("".join(text.split())) > _MANAGED:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for PolicySize: {_MANAGED}", 409)
