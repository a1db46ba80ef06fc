"""Reads an export to S3: its manifests, and its data files, each checked before anything of it is used.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience, is_transient, told
from ddbtui.methods.glue.jobs.wire import Item, for_call

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class DataFile:
    """One data file as the manifest describes it. `md5` is base64."""

    key: str
    items: int
    md5: str


@dataclass(frozen=True)
class ExportBucket:
    """Where an export lies.

    Args:
        s3: a client that may read it.
        name: the bucket.
        owner: account that must own the bucket.
    """

    s3: Any
    name: str
    owner: str
    patience: Patience = field(default_factory=Patience)

    def fetch(self, key: str, into: IO[bytes]) -> str:
        """Write an object into an empty file and return its MD5 in base64. A broken connection is taken up anew.

        Raises:
            JobFailed: it can't be read.
        """
        while True:
            into.seek(0)
            into.truncate()
            try:
                md5 = self._copy(key, into)
            except (ClientError, BotoCoreError) as error:
                if not is_transient(error):
                    raise JobFailed(f"{_named(key)}: {told(error)}") from error
                self.patience.wait(f"{_named(key)} can't be read: {told(error)}")
            else:
                self.patience.progress()
                into.seek(0)
                return md5

    def _copy(self, key: str, into: IO[bytes]) -> str:
        body = self.s3.get_object(Bucket=self.name, Key=key, ExpectedBucketOwner=self.owner)["Body"]
        md5 = hashlib.md5(usedforsecurity=False)
        with body:
            while data := body.read(_CHUNK):
                md5.update(data)
                into.write(data)
        return base64.b64encode(md5.digest()).decode()

    def text(self, key: str) -> tuple[str, str]:
        """Return a small object as text, and its MD5.

        Raises:
            JobFailed: it can't be read.
        """
        with tempfile.TemporaryFile() as held:
            md5 = self.fetch(key, held)
            return held.read().decode("utf-8", "replace"), md5


def read_manifest(bucket: ExportBucket, summary_key: str, items: int) -> list[DataFile]:
    """Return the data files of a full export.

    Args:
        bucket: where the export lies.
        summary_key: key of manifest-summary.json.
        items: how many items the export is known to have.

    Raises:
        JobFailed: a manifest is damaged, contradicts that number or is of another kind.
    """
    try:
        summary = json.loads(_checked(bucket, summary_key))
        counted, form, files_key = summary["itemCount"], summary["outputFormat"], summary["manifestFilesS3Key"]
        if (form, summary.get("exportType", "FULL_EXPORT")) != ("DYNAMODB_JSON", "FULL_EXPORT"):
            raise JobFailed(f"{_named(summary_key)} is not that of a full export in DynamoDB JSON")
        lines = [json.loads(line) for line in _checked(bucket, files_key).splitlines() if line.strip()]
        root = summary_key.rpartition("/")[0] + "/"
        files = [
            DataFile(_full_key(str(line["dataFileS3Key"]), root), int(line["itemCount"]), str(line["md5Checksum"]))
            for line in lines
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobFailed(f"the manifest {_named(summary_key)} can't be read: {type(error).__name__}") from None
    listed = sum(file.items for file in files)
    if not items == counted == listed:
        raise JobFailed(f"the export has {items} items, its manifest-summary.json {counted}, its files {listed}")
    return files


def _checked(bucket: ExportBucket, key: str) -> str:
    text, md5 = bucket.text(key)
    if bucket.text(key.removesuffix(".json") + ".md5")[0].strip() != md5:
        raise JobFailed(f"{_named(key)} does not have the MD5 that its .md5 file gives")
    return text


def _full_key(key: str, root: str) -> str:
    """Keys count from the bucket's root; AWS's documentation also shows them without the prefix."""
    if key.startswith(root):
        return key
    here = root.find("AWSDynamoDB/")
    return root[:here] + key if key.startswith("AWSDynamoDB/") and here >= 0 else key


def _named(key: str) -> str:
    return json.dumps(key)[1:-1][:300]


def items_of(bucket: ExportBucket, file: DataFile) -> Iterator[Item]:
    """Yield the items of a data file, as boto3 wants them. The first comes when the whole file was found to be right.

    Raises:
        JobFailed: it is not what the manifest says; no item has come then, unless only the number is wrong.
    """
    with tempfile.TemporaryFile() as held:
        if bucket.fetch(file.key, held) != file.md5:
            raise JobFailed(f"{_named(file.key)} does not have the MD5 that the manifest gives")
        count = 0
        for line in _lines(held, file):
            count += 1
            yield _item(line, count, file)
        if count != file.items:
            raise JobFailed(f"{_named(file.key)} has {count} items, the manifest gives {file.items}")


def _item(line: bytes, number: int, file: DataFile) -> Item:
    try:
        return for_call(json.loads(line)["Item"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise JobFailed(f"line {number} of {_named(file.key)} is no item") from None


def _lines(held: IO[bytes], file: DataFile) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=held) as lines:
            yield from (line for line in lines if line.strip())
    except (OSError, EOFError, zlib.error) as error:
        raise JobFailed(f"{_named(file.key)} is no whole gzip file: {type(error).__name__}") from None
