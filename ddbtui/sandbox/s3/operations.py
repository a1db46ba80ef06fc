"""Which S3 operation a request is: S3 tells them apart by method, sub-resource and whether there is a key.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

_BUCKET_PARTS = {
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "encryption": "BucketEncryption",
    "ownershipControls": "BucketOwnershipControls",
    "publicAccessBlock": "PublicAccessBlock",
    "lifecycle": "BucketLifecycleConfiguration",
    "requestPayment": "BucketRequestPayment",
    "location": "BucketLocation",
    "versioning": "BucketVersioning",
    "tagging": "BucketTagging",
    "acl": "BucketAcl",
    "object-lock": "ObjectLockConfiguration",
    "cors": "BucketCors",
    "logging": "BucketLogging",
    "notification": "BucketNotificationConfiguration",
    "website": "BucketWebsite",
    "replication": "BucketReplication",
    "accelerate": "BucketAccelerateConfiguration",
}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head"}
_BUCKET_PLAIN = {"HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket", "GET": "ListObjects"}
_OBJECT_PLAIN = {"HEAD": "HeadObject", "GET": "GetObject", "DELETE": "DeleteObject", "POST": "PostObject"}


def split_path(path: str) -> tuple[str, str]:
    """Return bucket and key of a path-style request."""
    bucket, _, key = path.lstrip("/").partition("/")
    return unquote(bucket), unquote(key)


def operation_of(method: str, bucket: str, key: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the operation's name as the S3 API reference spells it."""
    if not bucket:
        return "ListBuckets"
    return _object(method, query, headers) if key else _bucket(method, query)


def _bucket(method: str, query: Mapping[str, str]) -> str:
    for part, name in _BUCKET_PARTS.items():
        if part in query:
            return _VERBS.get(method, method) + name.replace(
                "LifecycleConfiguration", "Lifecycle" if method == "DELETE" else "LifecycleConfiguration"
            )
    if "uploads" in query:
        return "ListMultipartUploads"
    if "versions" in query:
        return "ListObjectVersions"
    if "delete" in query:
        return "DeleteObjects"
    if query.get("list-type") == "2":
        return "ListObjectsV2"
    return _BUCKET_PLAIN.get(method, method)


def _object(method: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    if "uploads" in query:
        return "CreateMultipartUpload"
    if "uploadId" in query:
        names = {
            "PUT": "UploadPart",
            "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
            "GET": "ListParts",
        }
        return names.get(method, method)
    for part, name in {"acl": "ObjectAcl", "tagging": "ObjectTagging", "attributes": "ObjectAttributes"}.items():
        if part in query:
            return _VERBS.get(method, method) + name
    if method == "PUT":
        return "CopyObject" if "x-amz-copy-source" in headers else "PutObject"
    return _OBJECT_PLAIN.get(method, method)
