"""What an export leaves in the bucket, file by file as AWS lays it out.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ddbtui.sandbox.s3 import bucket_files

if TYPE_CHECKING:
    from ddbtui.sandbox.dynamodb.exports import Export

PARTITIONS = 4


def write(export: Export) -> None:
    """Write `_started`, the data files, both manifests and their checksums; a fault may make them lie."""
    lie = export.fault.lie if export.fault else ""
    _put(export, "_started", b"")
    lines = list(export.lines)
    export.item_count = len(lines)
    export.billed = sum(len(line) for line in lines)
    if lie == "missing-item" and lines:
        lines.pop()
    if lie == "changed-item" and lines:
        lines[0] = json.dumps({"Item": {**json.loads(lines[0])["Item"], "sandbox-changed": {"BOOL": True}}})
    files = [_write_data(export, lines[number::PARTITIONS]) for number in range(PARTITIONS)]
    if lie == "wrong-count":
        export.item_count += 1
    if lie == "wrong-md5":
        files[0]["md5Checksum"] = base64.b64encode(md5(b"sandbox", usedforsecurity=False).digest()).decode()
    _write_manifest(export, "manifest-files", "".join(json.dumps(each) + "\n" for each in files))
    _write_manifest(export, "manifest-summary", json.dumps(_summary(export)))
    export.manifest = f"{export.root}manifest-summary.json"
    export.lines = []


def _write_data(export: Export, lines: list[str]) -> dict[str, Any]:
    """One file a partition; an empty partition gives an empty file."""
    body = gzip.compress("".join(line + "\n" for line in lines).encode(), compresslevel=1)
    digest = md5(body, usedforsecurity=False)
    name = f"data/{uuid4().hex[:26]}.json.gz"
    _put(export, name, body)
    return {
        "itemCount": len(lines),
        "md5Checksum": base64.b64encode(digest.digest()).decode(),
        "etag": f"{digest.hexdigest()}-1",
        "dataFileS3Key": export.root + name,
    }


def _write_manifest(export: Export, name: str, text: str) -> None:
    body = text.encode()
    _put(export, f"{name}.json", body)
    _put(export, f"{name}.md5", base64.b64encode(md5(body, usedforsecurity=False).digest()))


def _summary(export: Export) -> dict[str, Any]:
    return {
        "version": "2020-06-30",
        "exportArn": export.arn,
        "startTime": _iso(export.started),
        "endTime": _iso(export.finished or export.due),
        "tableArn": export.table_arn,
        "tableId": export.table_id,
        "exportTime": _iso(export.time),
        "s3Bucket": export.bucket,
        "s3Prefix": export.prefix or None,
        "s3SseAlgorithm": export.algorithm or "AES256",
        "s3SseKmsKeyId": export.kms_key,
        "manifestFilesS3Key": f"{export.root}manifest-files.json",
        "billedSizeBytes": export.billed,
        "itemCount": export.item_count,
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "FULL_EXPORT",
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _put(export: Export, name: str, body: bytes) -> None:
    algorithm = "KMS" if export.kms_key and export.algorithm != "AES256" else "AES256"
    key = export.kms_key if algorithm == "KMS" else None
    bucket_files.put(export.bucket, export.root + name, body, algorithm, key, writer=export.account)
