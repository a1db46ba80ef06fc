"""Reading what an import is pointed at, line by line, with every check that AWS makes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.dynamodb import items
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.s3 import bucket_files
from ddbtui.sandbox.s3.encryption import use_key
from ddbtui.sandbox.s3.ownership import may_use
from ddbtui.sandbox.uses import Use

if TYPE_CHECKING:
    from ddbtui.sandbox.dynamodb.imports import Import
    from ddbtui.sandbox.world import World

_ITEM_LIMIT = 400 * 1024


@dataclass
class Line:
    """One record of the input."""

    size: int
    item: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    where: str = ""


def read_lines(world: World, job: Import, bucket: Any, prefix: str) -> list[Line]:
    """Read all objects under the prefix, manifests too if it is too short.

    Raises:
        JobFailed: no object, no permission, or not the compression that was said.
    """
    found = bucket_files.objects(bucket.name, prefix)
    if not found:
        raise JobFailed("S3NoSuchKey", f"No objects found in bucket {bucket.name} under prefix {prefix}")
    lines: list[Line] = []
    for at, held in enumerate(found):
        use = Use("s3:GetObject", f"arn:aws:s3:::{bucket.name}/{held.name}")
        # A job over thousands of objects asks once for each; noting the first is enough.
        reason = dependent(world, job.principal, use, "import") if at == 0 else ""
        if reason:
            raise JobFailed("S3AccessDenied", f"Access Denied: {reason}")
        if not may_use(bucket.name, held, job.account):
            raise JobFailed("S3AccessDenied", f"Access Denied: another account owns {held.name}")
        if at == 0:
            _decrypt(world, job, bucket, held)
        lines += _object_lines(job, held.name, held.value)
    return lines


def _decrypt(world: World, job: Import, bucket: Any, held: Any) -> None:
    try:
        use_key(world, job.principal, bucket, getattr(held, "kms_key_id", None), "kms:Decrypt", "import")
    except AwsError as error:
        raise JobFailed("S3AccessDenied", f"{error.code}: {error.message}") from error


def _object_lines(job: Import, name: str, body: bytes) -> list[Line]:
    if job.compression == "GZIP":
        try:
            body = gzip.decompress(body) if body else b""
        except (OSError, EOFError, zlib.error):
            # AWS counts the object as one bad record and goes on.
            return [Line(len(body), error="Input is not in GZIP format", where=name)]
    return [_line(job.table, name, number, raw) for number, raw in enumerate(body.split(b"\n"), 1) if raw.strip()]


def _line(table: Any, name: str, number: int, raw: bytes) -> Line:
    line = Line(len(raw), where=f"{name}, line {number}")
    try:
        data = json.loads(raw)
        line.item = items.normalised_item(data["Item"])
        line.error = _problem(table, line.item)
        if len(raw) > 2 * _ITEM_LIMIT:
            line.error = "Item size has exceeded the maximum allowed size"
    except AwsError as error:
        line.error = error.message
    except (ValueError, KeyError, TypeError, AttributeError):
        line.error = "The input is not in valid DynamoDB JSON format"
    return line


def _problem(table: Any, item: dict[str, Any]) -> str:
    for name, kind in ((table.hash_key_attr, table.hash_key_type), (table.range_key_attr, table.range_key_type)):
        if name is None:
            continue
        if name not in item:
            return f"One or more parameter values were invalid: Missing the key {name} in the item"
        actual, value = next(iter(item[name].items()))
        if actual != kind:
            what = f"Type mismatch for key {name} expected: {kind} actual: {actual}"
            return f"One or more parameter values were invalid: {what}"
        if value == "":
            return f"One or more parameter values are not valid. Key: {name} is empty"
    try:
        items.check_index_keys(table, item)
    except AwsError as error:
        return error.message
    return ""
