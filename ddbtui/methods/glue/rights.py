"""What the roles of the Glue methods must be allowed, and no more.

https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ddbtui.aws.account import Account
from ddbtui.aws.arns import Arn, table_arn
from ddbtui.aws.move import Move
from ddbtui.methods.glue.options import CopyOptions
from ddbtui.methods.glue.places import Places
from ddbtui.methods.steps.target_table import TABLE_KEY_ACTIONS
from ddbtui.prerequisites.role_key import RoleKey
from ddbtui.prerequisites.role_reading import Statement, fits

_STAGING_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
_SOURCE_KEY = ("kms:Decrypt", "kms:DescribeKey")
_IN_A_VPC = (
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:CreateTags",
)
"""What Glue does in the job's name to put its workers into a subnet."""
_MAYBE_IN_A_VPC = ("ec2:DeleteTags",)
"""What AWSGlueServiceRole has beside; that it is used is inferred, so it is not asked of a role that the plan names."""


def allow(actions: Sequence[str], *resources: str) -> Statement:
    """Return an Allow statement of an identity policy."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def job_statements(move: Move, more: Sequence[Statement] = ()) -> list[Statement]:
    """Return what the role of the jobs must be allowed.

    Args:
        move: the move.
        more: what the chosen loader or reader needs beside that.
    """

    def with_tables(tables: Sequence[str]) -> list[Statement]:
        writes = allow(("dynamodb:DescribeTable", "dynamodb:BatchWriteItem"), *tables)
        return [*_bucket(places), writes, *_key(move), *_logs(places), *_elsewhere(move, places), *more]

    places = Places(move)
    return _with_few_names(move.target, [moving.target_name for moving in move.tables], with_tables)


def source_statements(move: Move) -> list[Statement]:
    """Return what the role must be allowed that the jobs read the source with."""

    def with_tables(tables: Sequence[str]) -> list[Statement]:
        reads = allow(("dynamodb:DescribeTable", "dynamodb:Scan"), *tables)
        return [reads, *([allow(_SOURCE_KEY, *keys)] if keys else [])]

    keys = _source_keys(move)
    return _with_few_names(move.source, [moving.name for moving in move.tables], with_tables)


def role_keys(move: Move) -> list[RoleKey]:
    """Return what must hold of the keys that the roles work with: of the bucket, the new tables and the sources."""
    places = Places(move)
    job = partial(RoleKey, move, "target", places.job_role)
    staging, table = places.staging.key_arn, move.plan.target_table.key_arn
    found = [job(staging, _STAGING_KEY, "s3")] if staging else []
    if table:
        found.append(job(table, TABLE_KEY_ACTIONS, "dynamodb"))
    if isinstance(places.options, CopyOptions):
        reads = partial(RoleKey, move, "source", places.source_role)
        found += [reads(key, _SOURCE_KEY, "dynamodb") for key in _source_keys(move)]
    return found


def _source_keys(move: Move) -> list[str]:
    encryptions = [moving.table.encryption for moving in move.tables]
    return sorted({one.key_arn for one in encryptions if one.kind == "customer" and one.key_arn})


def _with_few_names(
    account: Account, names: Sequence[str], make: Callable[[Sequence[str]], list[Statement]]
) -> list[Statement]:
    """Name every table; all tables of the region where IAM does not take so long a policy."""

    def arn(name: str) -> str:
        return table_arn(account.partition, account.region, account.account_id, name)

    exact = make([arn(name) for name in sorted(names)])
    return exact if fits(exact) else make([arn("*")])


def _bucket(places: Places) -> list[Statement]:
    staging = places.staging
    found = [
        allow(("s3:GetObject", "s3:PutObject"), staging.objects_arn),
        allow(("s3:ListBucket",), staging.bucket_arn),
    ]
    if staging.key_arn:
        found.append(allow(_STAGING_KEY, staging.key_arn))
    return found


def _key(move: Move) -> list[Statement]:
    key = move.plan.target_table.key_arn
    return [allow(TABLE_KEY_ACTIONS, key)] if key else []


def _logs(places: Places) -> list[Statement]:
    return [
        allow(("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"), places.logs_arn),
        allow(("cloudwatch:PutMetricData",), "*"),
    ]


def _elsewhere(move: Move, places: Places) -> list[Statement]:
    found = []
    if isinstance(places.options, CopyOptions):
        found.append(allow(("sts:AssumeRole",), places.source_role))
    if places.options.connection:
        target = move.target
        here = (target.partition, "glue", target.region, target.account_id)
        resources = [str(Arn(*here, part)) for part in ("catalog", f"connection/{places.options.connection}")]
        found += [allow(("glue:GetConnection",), *resources), allow(_IN_A_VPC, "*")]
        found += [allow(_MAYBE_IN_A_VPC, "*")] if places.makes_job_role else []
    return found
