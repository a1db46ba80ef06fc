"""Objects in buckets, as services read and write them. Uses moto's `S3Backend.put_object` and bucket keys."""

from __future__ import annotations

from typing import Any

from moto.s3.models import s3_backends

from ddbtui.sandbox.iam.principals import PARTITION
from ddbtui.sandbox.resources import bucket_owner, find_bucket
from ddbtui.sandbox.s3.ownership import own


def put(
    bucket: str,
    key: str,
    body: bytes,
    algorithm: str | None = None,
    kms_key: str | None = None,
    writer: str | None = None,
) -> None:
    """Write an object, in the name of the account `writer` or else of the bucket's owner."""
    owner = str(bucket_owner(bucket))
    encryption = "aws:kms" if algorithm == "KMS" else algorithm
    made = s3_backends[owner][PARTITION].put_object(
        bucket_name=bucket, key_name=key, value=body, encryption=encryption, kms_key_id=kms_key
    )
    own(bucket, made, writer or owner)


def objects(bucket: str, prefix: str) -> list[Any]:
    """Moto's key objects under a prefix, by name; what a delete marker hides is left out."""
    found = find_bucket(bucket)
    pairs = sorted(found.keys.items()) if found is not None else []
    return [item for name, item in pairs if name.startswith(prefix) and hasattr(item, "value")]
