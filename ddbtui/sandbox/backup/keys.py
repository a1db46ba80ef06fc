"""KMS for vaults, copies and restored tables.

https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.kms import utils

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.authorize import context_of, dependent
from ddbtui.sandbox.iam.policy import decide_resource
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.kms_service import is_aws_managed, require_usable
from ddbtui.sandbox.resources import find_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

_ALIAS = "alias/aws/backup"
if _ALIAS not in utils.RESERVED_ALIASES:  # moto makes such keys on first use, but does not know this one
    utils.RESERVED_ALIASE_TARGET_KEY_IDS[_ALIAS] = "1f9a3f53-5d0f-4d5e-9d3c-0a4c6e0b7a11"
    utils.RESERVED_ALIASES.append(_ALIAS)
_FOR_VAULT = ("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant", "kms:Decrypt", "kms:GenerateDataKey")
_FOR_COPY = ("kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant")
_GRANT = {"kms:GrantIsForAWSResource": "true"}


def default_key(account: str, region: str) -> str:
    """The ARN of AWS's own key for backups in an account."""
    return str(find_key(f"arn:aws:kms:{region}:{account}:{_ALIAS}").arn)


def vault_key(world: World, principal: Principal, wanted: str | None, region: str) -> str:
    """The key of a new vault, used in the caller's name.

    Raises:
        AwsError: there is no such key, it cannot be used, or the caller may not.
    """
    if not wanted:
        return default_key(principal.account, region)
    found = find_key(wanted)
    if found is None or wanted.split(":")[3] != region:
        raise AwsError("InvalidParameterValueException", f"The KMS key {wanted} does not exist in this Region")
    _usable(found, "InvalidParameterValueException")
    if is_aws_managed(found):
        return str(found.arn)
    for action in _FOR_VAULT:
        extra = _GRANT if action == "kms:CreateGrant" else None
        reason = dependent(world, principal, Use(action, found.arn), "backup", extra)
        if reason:
            raise AwsError("AccessDeniedException", reason, 403)
    return str(found.arn)


def _usable(key: Any, code: str) -> None:
    try:
        require_usable(key)
    except AwsError as error:
        raise AwsError(code, error.message) from error


def unusable(arn: str) -> str:
    """Why a key cannot be used by anybody, or an empty text."""
    found = find_key(arn)
    if found is None:
        return f"the KMS key {arn} does not exist"
    try:
        require_usable(found)
    except AwsError as error:
        return error.message
    return ""


def not_shared(world: World, arn: str, role: Principal) -> str:
    """Why a role of another account cannot decrypt what was sealed with a key, or an empty text.

    AWS Backup itself shares what it sealed with its own key; a customer's key says in its policy who may.
    """
    found = find_key(arn)
    broken = unusable(arn)
    if broken or is_aws_managed(found):
        return broken
    text = world.effective_policy(found.arn) or str(found.policy)
    for action in _FOR_COPY:
        use = Use(action, found.arn)
        context = context_of(world, role, use, _GRANT)
        if decide_resource(json.loads(text), role.arns, role.account, use, context)[0] != "allow":
            return f"the policy of the KMS key {found.arn} does not allow {action} to {role.iam_arn}"
    return ""


def refused_to(world: World, arn: str, role: Principal) -> str:
    """Why a restore with a role cannot use a key for the table, or an empty text."""
    found = find_key(arn)
    broken = unusable(arn)
    if broken:
        return broken
    if is_aws_managed(found):
        return "" if found.account_id == role.account else "an AWS managed key cannot be used from another account"
    extra = {"kms:ViaService": f"dynamodb.{found.region}.amazonaws.com", **_GRANT}
    for action in ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"):
        reason = dependent(world, role, Use(action, found.arn), "backup", extra)
        if reason:
            return reason
    return ""
