"""The kinds of resource that a run can leave: how each is taken away, and which calls the dry run tells for that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ddbtui.aws.account import Account
from ddbtui.aws.arns import bucket_arn
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.removal import backup, glue, shares, staging, tables
from ddbtui.plan.model import side_named
from ddbtui.prerequisites.base import Change
from ddbtui.prerequisites.catalog_database import arns_of_removal
from ddbtui.prerequisites.vault_policy import DELETE, PUT
from ddbtui.text import shown

Call = tuple[str, str]
"""An action as IAM spells it, and the ARN or name that it is about."""


def _told_by_its_step(_move: Move, _resource: Resource) -> tuple[Call, ...]:
    return ()


@dataclass(frozen=True)
class Kind:
    """What is to be known of one kind of resource.

    Args:
        remove: takes one away or undoes a change. Harmless to repeat; refuses whatever is not the run's own.
        calls: what the dry run tells of one that a remedy makes. Of what only steps make, and of a table's backups, the
            step that cleans up tells.
    """

    remove: Callable[[Account, Resource], None]
    calls: Callable[[Move, Resource], tuple[Call, ...]] = _told_by_its_step


def remove(account: Account, resource: Resource) -> None:
    """Take a resource away, or undo a change. What is gone already is fine.

    Args:
        account: the account of the resource's side.
        resource: as the run recorded it.

    Raises:
        UserError: it is not, or no longer, what the run made, or is still in use. Errors of AWS pass through.
    """
    if resource.kind not in KINDS:
        raise UserError(f"{shown(resource.name)} is a '{shown(resource.kind, 40)}', which ddbtui can't remove")
    KINDS[resource.kind].remove(account, resource)


def undoing(move: Move, resources: Iterable[Resource]) -> Iterator[Change]:
    """Yield the calls by which a run's clean-up will take back what remedies make, or have made before it."""
    for resource in resources:
        if resource.fate == "remove" and resource.kind in KINDS:
            side = side_named(resource.side)
            for call in KINDS[resource.kind].calls(move, resource):
                yield Change(side, move.account(side).account_id, *call, after="as it was before the remedy")


def _by_name(action: str) -> Callable[[Move, Resource], tuple[Call, ...]]:
    """One call, about what the resource is called."""
    return lambda _move, resource: ((action, resource.name),)


def _of_bucket(move: Move, resource: Resource) -> tuple[Call, ...]:
    return (("s3:DeleteBucket", _bucket_arn(move, resource)),)


def _of_bucket_policy(move: Move, resource: Resource) -> tuple[Call, ...]:
    action = "s3:DeleteBucketPolicy" if _was_empty(resource) else "s3:PutBucketPolicy"
    return ((action, _bucket_arn(move, resource)),)


def _bucket_arn(move: Move, resource: Resource) -> str:
    return bucket_arn(move.target.partition, str(resource.data["bucket"]))


def _was_empty(resource: Resource) -> bool:
    """Whether there was no policy before."""
    return resource.data.get("before") is None


def _of_key_policy(_move: Move, resource: Resource) -> tuple[Call, ...]:
    return (("kms:PutKeyPolicy", str(resource.data["key_arn"])),)


def _of_vault_policy(_move: Move, resource: Resource) -> tuple[Call, ...]:
    return ((DELETE if _was_empty(resource) else PUT, resource.name.partition("#")[0]),)


def _of_role(_move: Move, resource: Resource) -> tuple[Call, ...]:
    return ("iam:DeleteRolePolicy", resource.name), ("iam:DeleteRole", resource.name)


def _of_database(move: Move, resource: Resource) -> tuple[Call, ...]:
    arns = arns_of_removal(move.target, str(resource.data["database"]))
    return tuple(("glue:DeleteDatabase", arn) for arn in arns)


KINDS: Mapping[str, Kind] = {
    "air-gapped-vault": Kind(backup.remove_air_gapped_vault),
    "backup-plan": Kind(backup.remove_backup_plan),
    "backup-selection": Kind(backup.remove_backup_selection),
    "bucket": Kind(staging.remove_bucket, _of_bucket),
    "bucket-policy-statement": Kind(staging.remove_bucket_statement, _of_bucket_policy),
    "catalog-database": Kind(glue.remove_catalog_database, _of_database),
    "catalog-table": Kind(glue.remove_catalog_tables),
    "crawler": Kind(glue.remove_crawler),
    "glue-job": Kind(glue.remove_job),
    "key-policy-statement": Kind(staging.remove_key_statement, _of_key_policy),
    "lake-grant": Kind(glue.revoke_grant, _by_name("lakeformation:RevokePermissions")),
    "pitr": Kind(tables.switch_recovery_off),
    "recovery-point": Kind(backup.remove_recovery_points),
    "resource-share": Kind(shares.remove_shares),
    "role": Kind(glue.remove_role, _of_role),
    "s3-objects": Kind(staging.remove_objects),
    "table": Kind(tables.remove_table),
    "vault": Kind(backup.remove_vault, _by_name("backup:DeleteBackupVault")),
    "vault-policy-statement": Kind(backup.remove_vault_statement, _of_vault_policy),
    "vpc-endpoint": Kind(glue.remove_vpc_endpoint, _by_name("ec2:DeleteVpcEndpoints")),
}
