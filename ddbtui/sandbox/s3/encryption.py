"""SSE-KMS: writing and reading objects uses the key in the caller's name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.kms_service import is_aws_managed, require_usable
from ddbtui.sandbox.resources import bucket_owner, find_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


def default_key(bucket: Any) -> str | None:
    """The customer-managed key of a bucket's default encryption."""
    rule = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    return rule.get("KMSMasterKeyID") if "kms" in str(rule.get("SSEAlgorithm", "")) else None


def check_key_use(world: World, call: Call, principal: Principal, bucket: Any) -> None:
    """Raise AccessDenied unless the caller may use the key that a put or get needs.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
    """
    if call.operation == "PutObject":
        key = call.headers.get("x-amz-server-side-encryption-aws-kms-key-id") or default_key(bucket)
        if call.headers.get("x-amz-server-side-encryption") == "AES256":
            key = None
        use_key(world, principal, bucket, key, "kms:GenerateDataKey", "s3")
    elif call.operation == "GetObject":
        held = bucket.keys.get(call.key)
        sealed = "kms" in (getattr(held, "encryption", "") or "")  # moto notes the bucket's key in any case
        use_key(world, principal, bucket, held.kms_key_id if sealed else None, "kms:Decrypt", "s3")


def use_key(world: World, principal: Principal, bucket: Any, key: str | None, action: str, via: str) -> None:
    """Use a key in the caller's name, by way of S3.

    Raises:
        AwsError: the key is missing, disabled, or its policy or the caller's does not allow it.
    """
    if not key:
        return
    owner = bucket_owner(bucket.name)
    if not key.startswith("arn:"):
        kind = key if key.startswith("alias/") else f"key/{key}"
        key = f"arn:aws:kms:{bucket.region_name}:{owner}:{kind}"
    found = find_key(key)
    if found is None or key.split(":")[3] != bucket.region_name:
        raise AwsError("KMS.NotFoundException", f"Key '{key}' does not exist", 400)
    if is_aws_managed(found):
        if principal.account != found.account_id:
            raise AwsError("AccessDenied", "An AWS managed key cannot be used from another account", 403)
        return
    extra = {"kms:ViaService": f"s3.{bucket.region_name}.amazonaws.com"}
    reason = dependent(world, principal, Use(action, found.arn), via, extra)
    if reason:
        raise AwsError("AccessDenied", reason, 403)
    try:
        require_usable(found)
    except AwsError as error:
        raise AwsError(f"KMS.{error.code}", error.message, 400) from error
