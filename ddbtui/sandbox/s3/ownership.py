"""Who owns an object: in a bucket with ACLs the account that wrote it, and nobody else may read it until it lets them.

Kept on moto's own key objects; moto knows one owner only, and gives `bucket-owner-full-control` no grants.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.resources import bucket_owner, find_bucket

FULL_CONTROL = "bucket-owner-full-control"
_READS = frozenset({"GetObject", "HeadObject", "GetObjectAcl", "GetObjectTagging", "GetObjectAttributes"})
_CHANGES = frozenset({"PutObjectAcl", "PutObjectTagging", "DeleteObjectTagging"})
_WRITES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})


def ownership(rule: Any) -> str:
    """The ownership setting as moto holds it: a name, or the parsed request."""
    found = re.search(r"BucketOwnerEnforced|BucketOwnerPreferred|ObjectWriter", str(rule))
    return found.group() if found else "ObjectWriter"


def check_acl(call: Call) -> None:
    """Raise AWS's error for setting an ACL where there are none.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
    """
    rule = getattr(find_bucket(call.bucket), "ownership_rule", None)
    acl = call.headers.get("x-amz-acl", FULL_CONTROL)
    sets_acl = call.operation in ("PutObjectAcl", "PutBucketAcl") or acl != FULL_CONTROL
    if ownership(rule) == "BucketOwnerEnforced" and sets_acl:
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


def check_object(call: Call, principal: Principal) -> None:
    """Raise AccessDenied for an object that belongs to another account which has not let the caller."""
    read = [(call.bucket, call.key)] if call.operation in _READS | _CHANGES else []
    if call.operation == "CopyObject":
        source = unquote(call.headers["x-amz-copy-source"]).split("?")[0].lstrip("/")
        bucket, _, key = source.partition("/")
        read.append((bucket, key))
    for bucket, key in read:
        found = find_bucket(bucket)
        held = found.keys.get(key) if found is not None else None
        if held is not None and not may_use(bucket, held, principal.account):
            raise AwsError("AccessDenied", "Access Denied", 403)


def may_use(bucket: str, held: Any, account: str) -> bool:
    """Whether an object lets the account read it and set its ACL, as far as its ownership decides."""
    owner = bucket_owner(bucket)
    if ownership(getattr(find_bucket(bucket), "ownership_rule", None)) == "BucketOwnerEnforced":
        return True
    writer, granted = held.__dict__.get("_sandbox_owner", (owner, True))
    return account == writer or (account == owner and granted)


def note_object(call: Call, principal: Principal) -> None:
    """Note whose object a successful call has made, or whom its new ACL lets."""
    acl = call.headers.get("x-amz-acl", "")
    held = find_bucket(call.bucket).keys.get(call.key) if call.operation in _WRITES | {"PutObjectAcl"} else None
    if held is None:
        return
    if call.operation == "PutObjectAcl":
        writer, _ = held.__dict__.get("_sandbox_owner", (bucket_owner(call.bucket), True))
        held.__dict__["_sandbox_owner"] = (writer, acl == FULL_CONTROL)
    else:
        own(call.bucket, held, principal.account, acl)


def own(bucket: str, held: Any, writer: str, acl: str = "") -> None:
    """Give a new object to the account that wrote it, unless the bucket's setting gives it to the bucket's owner."""
    rule = ownership(getattr(find_bucket(bucket), "ownership_rule", None))
    granted = acl == FULL_CONTROL
    if rule == "BucketOwnerPreferred" and granted:
        writer = str(bucket_owner(bucket))
    held.__dict__["_sandbox_owner"] = (writer, granted)
