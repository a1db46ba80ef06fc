"""Every way in which an export can be damaged is found, and before any item of a damaged file is used."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest

from ddbtui.methods.glue.jobs.exported import DataFile, ExportBucket, items_of, read_manifest
from ddbtui.methods.glue.jobs.failures import JobFailed, Patience
from tests.methods.glue.jobs.conftest import Clock
from tests.support.sandbox import TARGET, TestSandbox, make_bucket

BUCKET = "staging-222222222222"
ROOT = "ddbtui/r1/orders/AWSDynamoDB/01700000000000-abcd"
SUMMARY = f"{ROOT}/manifest-summary.json"


class Lying:
    """A bucket with an export, to be changed at will."""

    def __init__(self, fresh: TestSandbox, clock: Clock) -> None:
        self.s3 = fresh.client("target", "s3")
        self.bucket = ExportBucket(self.s3, BUCKET, TARGET, Patience(clock.sleep, lambda: 1.0, tries=3))

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def data_file(self, content: bytes, items: int) -> DataFile:
        self.put(f"{ROOT}/data/one.json.gz", content)
        return DataFile(f"{ROOT}/data/one.json.gz", items, md5(content))

    def manifest(self, files: list[dict[str, Any]], **changed: Any) -> None:
        """Write both manifests with their checksums."""
        count = sum(each["itemCount"] for each in files)
        summary = {"itemCount": count, "outputFormat": "DYNAMODB_JSON", "exportType": "FULL_EXPORT"}
        summary |= {"manifestFilesS3Key": f"{ROOT}/manifest-files.json"} | changed
        listed = "".join(json.dumps(each) + "\n" for each in files)
        for name, text in (("manifest-files", listed), ("manifest-summary", json.dumps(summary))):
            self.put(f"{ROOT}/{name}.json", text.encode())
            self.put(f"{ROOT}/{name}.md5", md5(text.encode()).encode())


@pytest.fixture
def lying(fresh: TestSandbox, clock: Clock) -> Lying:
    make_bucket(fresh, BUCKET)
    return Lying(fresh, clock)


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def line(number: int) -> bytes:
    return json.dumps({"Item": {"pk": {"N": str(number)}, "b": {"B": "AP8="}}}).encode() + b"\n"


def entry(name: str = "one", items: int = 2) -> dict[str, Any]:
    return {"itemCount": items, "md5Checksum": "x", "etag": "y-1", "dataFileS3Key": f"{ROOT}/data/{name}.json.gz"}


def test_the_manifest_lists_the_files(lying: Lying) -> None:
    lying.manifest([entry(), entry("two", 0)])
    assert read_manifest(lying.bucket, SUMMARY, 2) == [
        DataFile(f"{ROOT}/data/one.json.gz", 2, "x"),
        DataFile(f"{ROOT}/data/two.json.gz", 0, "x"),
    ]


def test_keys_without_the_prefix_are_found(lying: Lying) -> None:
    short = entry() | {"dataFileS3Key": "AWSDynamoDB/01700000000000-abcd/data/one.json.gz"}
    lying.manifest([short])
    assert read_manifest(lying.bucket, SUMMARY, 2)[0].key == f"{ROOT}/data/one.json.gz"


@pytest.mark.parametrize("name", ["manifest-files", "manifest-summary"])
def test_a_changed_manifest_is_found(lying: Lying, name: str) -> None:
    lying.manifest([entry()])
    content = lying.s3.get_object(Bucket=BUCKET, Key=f"{ROOT}/{name}.json")["Body"].read()
    lying.put(f"{ROOT}/{name}.json", content + b" ")
    with pytest.raises(JobFailed, match=rf"{name}\.json does not have the MD5"):
        read_manifest(lying.bucket, SUMMARY, 2)


@pytest.mark.parametrize(
    ("changed", "items", "words"),
    [
        ({"itemCount": 3}, 3, r"the export has 3 items, its manifest-summary\.json 3, its files 2"),
        ({}, 5, r"the export has 5 items, its manifest-summary\.json 2, its files 2"),
        ({"outputFormat": "ION"}, 2, "not that of a full export in DynamoDB JSON"),
        ({"exportType": "INCREMENTAL_EXPORT"}, 2, "not that of a full export in DynamoDB JSON"),
        ({"manifestFilesS3Key": f"{ROOT}/other.json"}, 2, r"other\.json: NoSuchKey"),
    ],
    ids=["other count", "count of the run", "ion", "incremental", "no such manifest"],
)
def test_a_contradiction_is_found(lying: Lying, changed: dict[str, Any], items: int, words: str) -> None:
    lying.manifest([entry()], **changed)
    with pytest.raises(JobFailed, match=words):
        read_manifest(lying.bucket, SUMMARY, items)


def test_a_manifest_without_its_fields_is_refused(lying: Lying) -> None:
    lying.manifest([{"itemCount": 2}])
    with pytest.raises(JobFailed, match=r"the manifest .*manifest-summary\.json can't be read: KeyError"):
        read_manifest(lying.bucket, SUMMARY, 2)


def test_another_owner_s_bucket_is_not_read(lying: Lying) -> None:
    lying.manifest([entry()])
    foreign = ExportBucket(lying.s3, BUCKET, "111111111111")
    with pytest.raises(JobFailed, match=r"manifest-summary\.json: AccessDenied"):
        read_manifest(foreign, SUMMARY, 2)


def test_items_come_as_boto3_wants_them(lying: Lying) -> None:
    file = lying.data_file(gzip.compress(line(1)) + gzip.compress(line(2)), 2)  # a gzip file may have several members
    assert list(items_of(lying.bucket, file)) == [{"pk": {"N": n}, "b": {"B": b"\x00\xff"}} for n in ("1", "2")]


def test_an_empty_file_has_no_items(lying: Lying) -> None:
    assert list(items_of(lying.bucket, lying.data_file(b"", 0))) == []
    assert list(items_of(lying.bucket, lying.data_file(gzip.compress(b""), 0))) == []


def test_a_changed_file_gives_no_item_at_all(lying: Lying) -> None:
    file = lying.data_file(gzip.compress(line(1) + line(2)), 2)
    lying.put(file.key, gzip.compress(line(1) + line(3)))
    with pytest.raises(JobFailed, match=r"data/one\.json\.gz does not have the MD5 that the manifest gives"):
        next(items_of(lying.bucket, file))


@pytest.mark.parametrize("items", [1, 3])
def test_a_wrong_count_is_found(lying: Lying, items: int) -> None:
    file = lying.data_file(gzip.compress(line(1) + line(2)), items)
    with pytest.raises(JobFailed, match=rf"one\.json\.gz has 2 items, the manifest gives {items}"):
        list(items_of(lying.bucket, file))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not gzip at all", "is no whole gzip file: BadGzipFile"),
        (gzip.compress(line(1))[:-9], "is no whole gzip file: EOFError"),
        (gzip.compress(line(1) + b'{"Item": {"secret": 1}}\n'), r"line 2 of .*one\.json\.gz is no item"),
        (gzip.compress(line(1) + b"[1"), r"line 2 of .*one\.json\.gz is no item"),
        (gzip.compress(line(1) + b'{"Keys": {}}'), r"line 2 of .*one\.json\.gz is no item"),
    ],
    ids=["plain", "cut off", "no item", "no JSON", "incremental"],
)
def test_what_is_no_export_is_refused(lying: Lying, content: bytes, words: str) -> None:
    with pytest.raises(JobFailed, match=words):
        list(items_of(lying.bucket, lying.data_file(content, 2)))


def test_a_missing_file_is_named(lying: Lying) -> None:
    with pytest.raises(JobFailed, match=r"data/gone\.json\.gz: NoSuchKey"):
        list(items_of(lying.bucket, DataFile(f"{ROOT}/data/gone.json.gz", 1, "x")))


@pytest.mark.parametrize("kind", ["throttle", "reset", "error500"])
def test_a_broken_read_is_taken_up_anew(lying: Lying, fresh: TestSandbox, clock: Clock, kind: str) -> None:
    file = lying.data_file(gzip.compress(line(1)), 1)
    fresh.fault(kind, times=2, match={"operation": "GetObject"})
    assert len(list(items_of(lying.bucket, file))) == 1
    assert clock.waits == [0.1, 0.2]


def test_a_file_that_can_not_be_read_for_long_ends_it(lying: Lying, fresh: TestSandbox) -> None:
    file = lying.data_file(gzip.compress(line(1)), 1)
    fresh.fault("throttle", times=-1, match={"operation": "GetObject"})
    with pytest.raises(JobFailed, match=r"one\.json\.gz can't be read: SlowDown.*after 3 attempts"):
        list(items_of(lying.bucket, file))
