"""Who owns a resource, and its resource-based policy. Uses moto's `bucket_accounts`, `tables` and `keys`."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from ddbtui.sandbox.backup.actions import SHARED
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.iam.principals import PARTITION
from ddbtui.sandbox.ram.routes import ANSWERED
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


def bucket_owner(bucket: str) -> str | None:
    """The account that owns a bucket, or None if there is no such bucket."""
    found = s3_backends.bucket_accounts.get(bucket)
    return str(found[1]) if found else None


def find_bucket(bucket: str) -> Any:
    """Moto's bucket, or None."""
    owner = bucket_owner(bucket)
    return s3_backends[owner][PARTITION].buckets.get(bucket) if owner else None


def find_key(arn: str) -> Any:
    """Moto's KMS key behind a key or alias ARN, or None."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    backend = kms_backends[parts[4]][parts[3]]
    name = parts[5]
    if name.startswith("alias/"):
        if name.startswith("alias/aws/"):
            backend.get_key_id_from_alias(name)  # AWS makes these keys when they are first needed
        return next((key for key in backend.keys.values() if name in key.aliases), None)
    return backend.keys.get(name.removeprefix("key/"))


def find_table(arn: str) -> Any:
    """Moto's table behind the ARN of a table, index, stream, export or import; None if there is none."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or not parts[5].startswith("table/"):
        return None
    return dynamodb_backends[parts[4]][parts[3]].tables.get(parts[5].split("/")[1])


def owner_of(world: World, use: Use) -> str | None:
    """The account that owns the resource, where the ARN or S3 tells."""
    parts = use.resource.split(":", 5)
    if len(parts) < 6 or use.action == "s3:CreateBucket":
        return None
    if use.action in SHARED | ANSWERED:  # the operations themselves ask whether the vault is shared
        return None
    if parts[2] == "s3":
        return bucket_owner(parts[5].split("/")[0])
    return parts[4] or None


def resource_policy(world: World, use: Use) -> str | None:
    """The text of the resource's policy that is in effect."""
    service, resource = use.action.split(":")[0], use.resource
    if use.action == "s3:CreateBucket":
        return None
    if service in ("s3", "backup"):
        return world.effective_policy(
            ":".join(resource.split(":")[:5]) + ":" + resource.split(":", 5)[-1].split("/")[0]
        )
    if service == "kms":
        key = find_key(resource)
        if key is None:
            return None
        return world.effective_policy(key.arn) or str(key.policy)
    if service == "dynamodb":
        table = find_table(resource)
        return state_of(table).policy if table is not None and "/export/" not in resource else None
    return None
