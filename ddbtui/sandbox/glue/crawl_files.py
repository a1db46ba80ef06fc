"""What a crawler reads on S3, in its role's name, and which files it takes for one table.

Faithful: exclusion patterns; JSON that is gzipped or not, read line by line or as one value; one table for each folder
whose files have the same columns, else one for each file; one for the whole path with the grouping policy
CombineCompatibleSchemas. Not here: partitions, other formats (`UNKNOWN` and no columns), custom classifiers.
https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.resources import find_bucket
from ddbtui.sandbox.s3 import bucket_files
from ddbtui.sandbox.s3.encryption import use_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


@dataclass
class CrawledFile:
    """One object.

    Args:
        key: in its bucket.
        size: bytes.
        records: what is in it; None if it is not JSON.
        compressed: whether it is gzipped.
    """

    key: str
    size: int
    records: list[dict[str, Any]] | None
    compressed: bool

    @property
    def folder(self) -> str:
        """The key up to its last slash."""
        return self.key.rpartition("/")[0]

    @property
    def columns(self) -> frozenset[str]:
        """Names of its columns."""
        return frozenset(name for record in self.records or () for name in record)


@dataclass
class Group:
    """What becomes one table.

    Args:
        location: URI of the folder or file.
        files: at least one.
    """

    location: str
    files: list[CrawledFile] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The table's name, without the crawler's prefix."""
        last = self.location.rstrip("/").rsplit("/", 1)[-1]
        return re.sub(r"[^a-z0-9_]", "_", last.lower())


def read_target(world: World, role: Principal, target: dict[str, Any], *, combine: bool) -> list[Group]:
    """Read the files of an S3 target.

    Args:
        world: the simulated world.
        role: the crawler's.
        target: of the crawler.
        combine: whether all compatible files of the path are one table.

    Raises:
        JobFailed: the path is not there or the role may not read it.
    """
    found = re.fullmatch(r"s3://([^/]+)/?(.*)", str(target["Path"]))
    if not found:
        raise JobFailed("FAILED", f"Invalid S3 path: {target['Path']}")
    bucket, prefix = found.groups()
    prefix = prefix if not prefix or prefix.endswith("/") or _is_object(bucket, prefix) else prefix + "/"
    if find_bucket(bucket) is None:
        raise JobFailed("FAILED", f"The specified bucket does not exist: {bucket}")
    _use(world, role, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
    files = _files(world, role, bucket, prefix, target)
    if combine and files and len({each.columns for each in files if each.records is not None}) == 1:
        whole = f"s3://{bucket}/{prefix}"
        return [Group(whole, [each for each in files if each.records is not None])]
    return _grouped(bucket, files)


def _is_object(bucket: str, key: str) -> bool:
    held = find_bucket(bucket)
    return held is not None and key in held.keys


def _use(world: World, role: Principal, action: str, resource: str) -> None:
    reason = dependent(world, role, Use(action, resource), "crawl")
    if reason:
        raise JobFailed("FAILED", f"Insufficient permission on {resource.replace('arn:aws:s3:::', 's3://')}: {reason}")


def _files(world: World, role: Principal, bucket: str, prefix: str, target: dict[str, Any]) -> list[CrawledFile]:
    excluded = [_glob(pattern) for pattern in target.get("Exclusions") or ()]
    sample = int(target.get("SampleSize") or 0)
    taken: dict[str, int] = {}
    files = []
    for held in bucket_files.objects(bucket, prefix):
        name = held.name.removeprefix(prefix)
        if any(pattern.fullmatch(name) for pattern in excluded) or not held.value:
            continue
        folder = held.name.rpartition("/")[0]
        taken[folder] = taken.get(folder, 0) + 1
        if sample and taken[folder] > sample:
            continue
        files.append(_read(world, role, bucket, held))
    return [each for each in files if each.records is None or each.records]


def _read(world: World, role: Principal, bucket: str, held: Any) -> CrawledFile:
    _use(world, role, "s3:GetObject", f"arn:aws:s3:::{bucket}/{held.name}")
    try:
        use_key(world, role, find_bucket(bucket), getattr(held, "kms_key_id", None), "kms:Decrypt", "crawl")
    except AwsError as error:
        raise JobFailed("FAILED", f"Insufficient permission on s3://{bucket}/{held.name}: {error.message}") from error
    body: bytes = held.value
    compressed = body[:2] == b"\x1f\x8b"
    try:
        text = (gzip.decompress(body) if compressed else body).decode()
        records: list[dict[str, Any]] | None = _records(text)
    except (OSError, EOFError, zlib.error, ValueError):
        records = None
    return CrawledFile(held.name, len(body), records, compressed)


def _records(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a file: one a line, or one over many lines. ValueError if it is not JSON."""
    try:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        found = [json.loads(text)]
    if not all(isinstance(each, dict) for each in found):
        raise ValueError("not JSON objects")
    return found


def _grouped(bucket: str, files: list[CrawledFile]) -> list[Group]:
    folders: dict[str, list[CrawledFile]] = {}
    for each in files:
        folders.setdefault(each.folder, []).append(each)
    groups = []
    for folder, inside in folders.items():
        if len({(each.records is None, each.columns) for each in inside}) == 1:
            groups.append(Group(f"s3://{bucket}/{folder}/", inside))
        else:
            groups += [Group(f"s3://{bucket}/{each.key}", [each]) for each in inside]
    return groups


def _glob(pattern: str) -> re.Pattern[str]:
    """An exclusion: `*` stays in a folder, `**` does not.

    https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude
    """
    parts = re.split(r"(\*\*|\*|\?|\{[^}]*\}|\[[^\]]*\])", pattern)
    return re.compile("".join(_GLOBS.get(part) or _literal(part) for part in parts), re.DOTALL)


_GLOBS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def _literal(part: str) -> str:
    if part.startswith("{"):
        return "(?:" + "|".join(re.escape(each) for each in part[1:-1].split(",")) + ")"
    return part.replace("[!", "[^") if part.startswith("[") else re.escape(part)
