"""Reads an export to S3: its manifests, and its data files as streams of items, each checked while it passes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

import msgspec

from ddbtui.dataplane.canonical import Item
from ddbtui.text import shown

T = TypeVar("T")

_CHUNK = 256 * 1024
_LINE_LIMIT = 8 * 1024 * 1024
"""An item has at most 400 KB; base64 and escapes can make that about 2.4 MB of JSON."""
_SUMMARY_LIMIT = 1024 * 1024
_MANIFEST_LIMIT = 256 * 1024 * 1024
_SHOWN_KEY = 300


class DamagedExport(Exception):
    """The export on S3 is not what its manifest says."""


class _Summary(msgspec.Struct, rename="camel"):
    manifest_files_s3_key: str = msgspec.field(name="manifestFilesS3Key")
    item_count: int
    output_format: str
    export_arn: str
    table_arn: str = ""
    export_time: str = ""
    s3_prefix: str | None = msgspec.field(name="s3Prefix", default=None)
    billed_size_bytes: int = 0


class _File(msgspec.Struct, rename="camel"):
    item_count: int
    md5_checksum: str = msgspec.field(name="md5Checksum")
    data_file_s3_key: str = msgspec.field(name="dataFileS3Key")


class _Line(msgspec.Struct):
    item: dict[str, dict[str, Any]] = msgspec.field(name="Item")


@dataclass(frozen=True)
class DataFile:
    """One data file as the manifest describes it. `md5` is base64."""

    key: str
    items: int
    md5: str


@dataclass(frozen=True)
class Manifest:
    """What an export says of itself."""

    export_arn: str
    export_time: str
    items: int
    files: tuple[DataFile, ...]


@dataclass(frozen=True)
class Bucket:
    """Where an export lies: every read says who must own the bucket."""

    s3: Any
    name: str
    owner: str

    def open(self, key: str) -> tuple[BinaryIO, int]:
        """Return an object's body and size in bytes. Errors of AWS pass through."""
        answer = self.s3.get_object(Bucket=self.name, Key=key, ExpectedBucketOwner=self.owner)
        return answer["Body"], int(answer["ContentLength"])

    def read(self, key: str, limit: int) -> bytes:
        """Return a whole object.

        Raises:
            DamagedExport: it is larger than `limit` bytes.
        """
        body, length = self.open(key)
        with body:
            if length > limit:
                raise DamagedExport(f"{shown(key, _SHOWN_KEY)} has {length:,} bytes, that is too large for what it is")
            return body.read(limit + 1)


def read_manifest(bucket: Bucket, summary_key: str) -> Manifest:
    """Read manifest-summary.json and manifest-files.json, and check both against their MD5.

    Args:
        bucket: where the export lies.
        summary_key: `ExportManifest` of DescribeExport.

    Raises:
        DamagedExport: they are damaged, contradict each other or are of a format that ddbtui does not read.
    """
    summary = _decode(_checked(bucket, summary_key, _SUMMARY_LIMIT), _Summary, summary_key)
    if summary.output_format != "DYNAMODB_JSON":
        raise DamagedExport(f"the export has the format {shown(summary.output_format, 40)}, not DYNAMODB_JSON")
    lines = _checked(bucket, summary.manifest_files_s3_key, _MANIFEST_LIMIT).splitlines()
    files = [_decode(line, _File, summary.manifest_files_s3_key) for line in lines if line.strip()]
    total = sum(file.item_count for file in files)
    if total != summary.item_count:
        raise DamagedExport(f"manifest-files.json counts {total:,} items, manifest-summary.json {summary.item_count:,}")
    root = summary_key.rsplit("/", 1)[0] + "/"
    return Manifest(
        summary.export_arn,
        summary.export_time,
        summary.item_count,
        tuple(DataFile(_full_key(file.data_file_s3_key, root), file.item_count, file.md5_checksum) for file in files),
    )


def _full_key(key: str, root: str) -> str:
    """Keys count from the bucket's root; AWS's documentation also shows them without the prefix."""
    if key.startswith(root):
        return key
    here = root.find("AWSDynamoDB/")
    return root[:here] + key if key.startswith("AWSDynamoDB/") and here >= 0 else key


def _checked(bucket: Bucket, key: str, limit: int) -> bytes:
    content = bucket.read(key, limit)
    wanted = bucket.read(key.removesuffix(".json") + ".md5", 1024).decode("ascii", "replace").strip()
    if _md5(content) != wanted:
        raise DamagedExport(f"{shown(key, _SHOWN_KEY)} does not have the MD5 that its .md5 file gives")
    return content


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _decode(content: bytes, shape: type[T], key: str) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as error:
        raise DamagedExport(f"{shown(key, _SHOWN_KEY)} can't be read: {shown(error)}") from None


def items_of(bucket: Bucket, file: DataFile) -> Iterator[Item]:
    """Yield the items of a data file in bounded memory; the end is reached only if MD5 and count are right.

    Raises:
        DamagedExport: at the latest after the last item; what was yielded before must then be dropped.
    """
    name = shown(file.key, _SHOWN_KEY)
    body, _ = bucket.open(file.key)
    md5 = hashlib.md5(usedforsecurity=False)
    count = 0
    decoder = msgspec.json.Decoder(_Line)
    with body:
        for line in _lines(_inflated(body, md5, name), name):
            count += 1
            if count > file.items:
                raise DamagedExport(f"{name} has more than the {file.items:,} items that the manifest gives")
            try:
                yield decoder.decode(line).item
            except msgspec.MsgspecError as error:
                raise DamagedExport(f"line {count:,} of {name} is no item: {shown(error)}") from None
    if base64.b64encode(md5.digest()).decode() != file.md5:
        raise DamagedExport(f"{name} does not have the MD5 that the manifest gives")
    if count != file.items:
        raise DamagedExport(f"{name} has {count:,} items, the manifest gives {file.items:,}")


def _inflated(body: BinaryIO, md5: Any, name: str) -> Iterator[bytes]:
    """Yield pieces of at most `_CHUNK` bytes, however well the file is compressed. Reads the body to its end."""
    gzip, started = zlib.decompressobj(31), False
    while data := body.read(_CHUNK):
        md5.update(data)
        while data:
            started = True
            try:
                yield gzip.decompress(data, _CHUNK)
            except zlib.error as error:
                raise DamagedExport(f"{name} is no gzip file: {error}") from None
            data = gzip.unconsumed_tail
            if gzip.eof:  # a gzip file may have several members
                data, gzip, started = gzip.unused_data, zlib.decompressobj(31), False
    while started and (rest := gzip.decompress(b"", _CHUNK)):
        yield rest
    if started and not gzip.eof:
        raise DamagedExport(f"{name} ends in the middle of its gzip stream")


def _lines(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the lines; only the last may be empty, so that a file of nothing but line ends stops at its first."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        held.append(first)
        size += len(first)
        if size > _LINE_LIMIT:
            raise DamagedExport(f"{name} has a line of more than {_LINE_LIMIT:,} bytes, no item is that large")
        if others:
            yield b"".join(held)
            yield from others[:-1]
            held, size = [others[-1]], len(others[-1])
    if last := b"".join(held):
        yield last
