"""Which IAM actions an S3 request needs: names of operations and of actions often differ.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from ddbtui.sandbox.call import Call
from ddbtui.sandbox.uses import Use

_BUCKET = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
}
_OBJECT = {
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}


def s3_uses(call: Call) -> list[Use]:
    """Return the actions and resources of one S3 request."""
    if call.operation == "ListBuckets":
        return [Use("s3:ListAllMyBuckets", "*")]
    bucket = f"arn:aws:s3:::{call.bucket}"
    if call.operation == "DeleteObjects":
        keys = re.findall(r"<Key>(.*?)</Key>", call.body.decode(), re.DOTALL)
        return [Use("s3:DeleteObject", f"{bucket}/{unescape(key)}") for key in keys]
    if call.key:
        return _object_uses(call, f"{bucket}/{call.key}")
    uses = [Use("s3:" + _BUCKET.get(call.operation, call.operation), bucket)]
    if call.operation == "CreateBucket":
        uses += [Use("s3:PutBucketOwnershipControls", bucket)] if "x-amz-object-ownership" in call.headers else []
        uses += [Use("s3:PutBucketAcl", bucket)] if "x-amz-acl" in call.headers else []
    return uses


def _object_uses(call: Call, resource: str) -> list[Use]:
    name = _OBJECT.get(call.operation, call.operation)
    if "versionId" in call.query and name in ("GetObject", "DeleteObject", "GetObjectAcl", "GetObjectTagging"):
        name = name.replace("Object", "ObjectVersion")
    if name == "CopyObject":
        source = unquote(call.headers["x-amz-copy-source"]).split("?")[0].lstrip("/")
        return [Use("s3:GetObject", f"arn:aws:s3:::{source}"), Use("s3:PutObject", resource)]
    uses = [Use("s3:" + name, resource)]
    if call.operation in ("PutObject", "CreateMultipartUpload"):
        uses += [Use("s3:PutObjectAcl", resource)] if "x-amz-acl" in call.headers else []
        uses += [Use("s3:PutObjectTagging", resource)] if "x-amz-tagging" in call.headers else []
    return uses
