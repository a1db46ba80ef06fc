"""What the clean-up will call for resources that remedies made before the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ddbtui.aws.arns import bucket_arn
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.plan.model import side_named
from ddbtui.prerequisites.base import Change
from ddbtui.prerequisites.catalog_database import arns_of_removal
from ddbtui.prerequisites.vault_policy import DELETE, PUT

_OF_ITS_NAME = {
    "lake-grant": "lakeformation:RevokePermissions",
    "vault": "backup:DeleteBackupVault",
    "vpc-endpoint": "ec2:DeleteVpcEndpoints",
}
"""Kinds that one call takes back, which is about what they are called."""


def undoing(move: Move, resources: Iterable[Resource]) -> Iterator[Change]:
    """Yield the calls that take back what `resources` tells of; a table's backups are its last step's to tell."""
    for resource in resources:
        for call in _calls(move, resource) if resource.fate == "remove" else ():
            side = side_named(resource.side)
            yield Change(side, move.account(side).account_id, *call, after="as it was before the remedy")


def _calls(move: Move, resource: Resource) -> tuple[tuple[str, str], ...]:
    kind, name = resource.kind, resource.name
    if kind == "key-policy-statement":
        return (("kms:PutKeyPolicy", str(resource.data["key_arn"])),)
    if kind == "role":
        return ("iam:DeleteRolePolicy", name), ("iam:DeleteRole", name)
    if kind == "vault-policy-statement":
        return ((DELETE if _was_empty(resource) else PUT, name.partition("#")[0]),)
    if kind == "catalog-database":
        arns = arns_of_removal(move.target, str(resource.data["database"]))
        return tuple(("glue:DeleteDatabase", arn) for arn in arns)
    if kind in _OF_ITS_NAME:
        return ((_OF_ITS_NAME[kind], name),)
    return _of_bucket(move, resource) if kind in ("bucket", "bucket-policy-statement") else ()


def _of_bucket(move: Move, resource: Resource) -> tuple[tuple[str, str], ...]:
    arn = bucket_arn(move.target.partition, str(resource.data["bucket"]))
    if resource.kind == "bucket":
        return (("s3:DeleteBucket", arn),)
    return (("s3:DeleteBucketPolicy" if _was_empty(resource) else "s3:PutBucketPolicy", arn),)


def _was_empty(resource: Resource) -> bool:
    """Whether there was no policy before."""
    return resource.data.get("before") is None
