"""The role that a Glue job or crawler works in: who may pass it, and temporary credentials of it.

Uses moto's private `STSBackend.assume_role`.
https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
"""

from __future__ import annotations

from typing import Any

from moto.sts.models import sts_backends

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.glue.answers import invalid
from ddbtui.sandbox.iam import service_roles
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import PARTITION, Principal, iam
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import ACCOUNTS, World

SERVICE = "glue.amazonaws.com"
SESSION = "GlueJobRunnerSession"
_LIFE = 3600
# What matters here of the policy as AWS publishes it: no object that is not in a bucket named aws-glue-*.
_SERVICE_POLICY: list[dict[str, Any]] = [
    {
        "Action": ["glue:*", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListAllMyBuckets", "s3:GetBucketAcl"],
        "Resource": "*",
    },
    {"Action": ["iam:ListRolePolicies", "iam:GetRole", "iam:GetRolePolicy"], "Resource": "*"},
    {"Action": ["ec2:Describe*", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"], "Resource": "*"},
    {"Action": ["cloudwatch:PutMetricData"], "Resource": "*"},
    {"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::aws-glue-*/*"},
    {
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:*:*:*:/aws-glue/*",
    },
]


def add_managed_policy() -> None:
    """Make AWS's policy for Glue roles known to every account."""
    for account in ACCOUNTS:
        service_roles.add_managed_policy(account, "AWSGlueServiceRole", _SERVICE_POLICY)


def role_arn(role: str, account: str) -> str:
    """The ARN of a role that a request may name by its ARN or by its name alone."""
    if role.startswith("arn:"):
        return role
    found = next((each.arn for each in iam(account).roles.values() if each.name == role.rsplit("/", 1)[-1]), None)
    return str(found or f"arn:aws:iam::{account}:role/{role}")


def pass_role(world: World, principal: Principal, role: str) -> None:
    """Check that the caller may pass the role to Glue.

    Raises:
        AwsError: the role is another account's, or the caller may not.
    """
    arn = role_arn(role, principal.account)
    if not arn.startswith("arn:aws:iam::") or ":role/" not in arn:
        raise invalid(f"Invalid role ARN: {role}")
    if arn.split(":")[4] != principal.account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.")
    extra = {"iam:PassedToService": SERVICE}
    reason = dependent(world, principal, Use("iam:PassRole", arn), "glue", extra)
    if reason:
        raise AwsError("AccessDeniedException", reason)


def assumable(world: World, arn: str) -> bool:
    """Whether Glue may assume the role, and knows of it yet."""
    return service_roles.assumable(world, arn, SERVICE)


def as_glue(arn: str) -> Principal:
    """A role as Glue acts in it."""
    return service_roles.as_principal(arn, SESSION)


def credentials(arn: str, region: str) -> dict[str, str]:
    """Temporary credentials of the role, as environment variables."""
    account = arn.split(":")[4]
    session: Any = sts_backends[account][PARTITION].assume_role(region, SESSION, arn, "", _LIFE, "")
    return {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }
