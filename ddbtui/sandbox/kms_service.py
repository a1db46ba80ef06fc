"""KMS across accounts: key states, managers and policies; the cryptography stays moto's.

Uses moto's private `Key.policy`, `enabled`, `key_state` and `aliases`.
"""

from __future__ import annotations

import json

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.resources import find_key
from ddbtui.sandbox.world import ACCOUNTS, World

_ACROSS = frozenset(
    {"DescribeKey", "Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt"}
)
_USES = _ACROSS - {"DescribeKey"}


def kms(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a KMS call; the caller was found to be allowed."""
    key_id = str(call.params.get("KeyId", ""))
    if key_id.startswith("arn:"):
        account = key_id.split(":")[4]
        if account != principal.account and call.operation not in _ACROSS:
            raise AwsError("NotFoundException", f"Invalid arn {key_id}")
    else:
        account = principal.account
    key = find_key(key_id if key_id.startswith("arn:") else _arn(call, account, key_id)) if key_id else None
    if key is not None and call.operation in _USES:
        require_usable(key)
    if key is not None and call.operation == "PutKeyPolicy":
        _put_policy(world, key, call)
        return json_answer({})
    if key is not None and key_id.startswith("arn:"):  # moto knows ARNs in some operations only
        answer = moto_app.forward_json(call, account, {**call.params, "KeyId": key.id})
    else:
        answer = moto_app.forward(call, account)
    if call.operation == "DescribeKey" and answer.status == 200 and key is not None and is_aws_managed(key):
        data = json.loads(answer.body)
        data["KeyMetadata"]["KeyManager"] = "AWS"
        return json_answer(data)
    return answer


def _arn(call: Call, account: str, key_id: str) -> str:
    name = key_id if key_id.startswith("alias/") else f"key/{key_id}"
    return f"arn:aws:kms:{call.region}:{account}:{name}"


def is_aws_managed(key: object) -> bool:
    """Whether it is one of the keys that AWS made, such as alias/aws/dynamodb."""
    return any(str(name).startswith("alias/aws/") for name in getattr(key, "aliases", {}))


def require_usable(key: object) -> None:
    """Raise as KMS does for a key that is disabled or to be deleted."""
    state = getattr(key, "key_state", "Enabled")
    arn = getattr(key, "arn", "")
    if state == "Disabled":
        raise AwsError("DisabledException", f"{arn} is disabled.")
    if state != "Enabled":
        raise AwsError("KMSInvalidStateException", f"{arn} is {state.lower()}.")


def _put_policy(world: World, key: object, call: Call) -> None:
    text = str(call.params.get("Policy", ""))
    try:
        document = json.loads(text)
        statements = document["Statement"]
    except (ValueError, KeyError, TypeError):
        raise AwsError("MalformedPolicyDocumentException", "Policy is not valid JSON") from None
    for statement in statements if isinstance(statements, list) else [statements]:
        named = statement.get("Principal", {})
        names = named.get("AWS", []) if isinstance(named, dict) else [named]
        for name in names if isinstance(names, list) else [names]:
            if not principals.principal_exists(name, set(ACCOUNTS)):
                raise AwsError(
                    "MalformedPolicyDocumentException",
                    "Policy contains a statement with one or more invalid principals.",
                )
    if is_aws_managed(key):
        raise AwsError("AccessDeniedException", "The key policy of an AWS managed key cannot be changed.")
    arn = str(getattr(key, "arn", ""))
    if arn not in world.policies:
        world.policies[arn] = [(0.0, str(getattr(key, "policy", "")))]
    world.policy_changed(arn, text)
    setattr(key, "policy", text)  # noqa: B010 moto's key is untyped here
