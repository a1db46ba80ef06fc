"""The IAM side of AWS Backup: service-linked role, AWS's managed policies, and what a passed role may do.

Extends moto from outside: two managed policies that its own list lacks, and the spelling of the service-linked role.
Uses moto's private `SERVICE_NAME_CONVERSION`.
https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam import models

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam import service_roles
from ddbtui.sandbox.iam.authorize import context_of, dependent
from ddbtui.sandbox.iam.policy import decide
from ddbtui.sandbox.iam.principals import PARTITION, Principal, find_role, iam, identity_policies
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import ACCOUNTS, World

SERVICE = "backup.amazonaws.com"
LINKED_ROLE = "AWSServiceRoleForBackup"
DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
models.SERVICE_NAME_CONVERSION["backup"] = "Backup"

_KEYS = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey"]
_GRANT = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
# What matters for DynamoDB in the policies as AWS publishes them.
_POLICIES: dict[str, list[dict[str, Any]]] = {
    "AWSBackupServiceRolePolicyForBackup": [
        {"Action": ["dynamodb:DescribeTable", "dynamodb:CreateBackup", "dynamodb:StartAwsBackupJob"], "Resource": "*"},
        {"Action": ["dynamodb:ListTagsOfResource", "tag:GetResources"], "Resource": "*"},
        {"Action": ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"], "Resource": "*"},
        {"Action": [*_KEYS], "Resource": "*"},
        {"Action": ["kms:CreateGrant"], "Resource": "*", "Condition": _GRANT},
    ],
    "AWSBackupServiceRolePolicyForRestores": [
        {
            "Action": [
                "dynamodb:RestoreTableFromBackup",
                "dynamodb:RestoreTableFromAwsBackup",
                "dynamodb:DescribeTable",
                "dynamodb:TagResource",
            ],
            "Resource": "*",
        },
        {"Action": [*_KEYS], "Resource": "*"},
        {"Action": ["kms:CreateGrant"], "Resource": "*", "Condition": _GRANT},
    ],
}


def add_managed_policies() -> None:
    """Make AWS's two policies for backup roles known to every account."""
    for account in ACCOUNTS:
        for name, statements in _POLICIES.items():
            service_roles.add_managed_policy(account, name, statements)


def make_roles(account: str) -> None:
    """Make the service-linked and the default role, as the console does on the first backup."""
    backend = iam(account)
    backend.create_service_linked_role(SERVICE, "", "")
    trust = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    backend.create_role(DEFAULT_ROLE, document, "/service-role/", None, "", [], "3600")
    for name in _POLICIES:
        backend.attach_role_policy(f"arn:{PARTITION}:iam::aws:policy/service-role/{name}", DEFAULT_ROLE)


def linked_role(account: str) -> Principal | None:
    """The service-linked role of an account, if it was made."""
    arn = f"arn:aws:iam::{account}:role/aws-service-role/{SERVICE}/{LINKED_ROLE}"
    return as_principal(arn) if find_role(arn) else None


def as_principal(role_arn: str) -> Principal:
    """A role as AWS Backup acts in it."""
    return service_roles.as_principal(role_arn, "AWSBackup")


def pass_role(world: World, principal: Principal, role_arn: str) -> Principal:
    """Check that the caller may pass the role and that AWS Backup may assume it.

    That a new role is refused for a while: https://github.com/hashicorp/terraform-provider-aws/issues/9297

    Raises:
        AwsError: as AWS refuses it; the call does not begin.
    """
    if not role_arn.startswith("arn:aws:iam::") or ":role/" not in role_arn:
        raise AwsError("InvalidParameterValueException", f"Invalid IAM role ARN: {role_arn}")
    if role_arn.split(":")[4] != principal.account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
    extra = {"iam:PassedToService": SERVICE}
    reason = dependent(world, principal, Use("iam:PassRole", role_arn), "backup", extra)
    if reason:
        raise AwsError("AccessDeniedException", reason, 403)
    if not service_roles.assumable(world, role_arn, SERVICE):
        raise AwsError("InvalidParameterValueException", f"IAM Role {role_arn} cannot be assumed by AWS Backup")
    return as_principal(role_arn)


def missing_action(world: World, role: Principal, *uses: Use) -> str | None:
    """The first action that a role may not do by its own policies."""
    for use in uses:
        if decide(identity_policies(role), *use, context_of(world, role, use)) != "allow":
            return use.action
    return None
