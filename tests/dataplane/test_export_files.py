"""Every way in which an export can be damaged is found, in bounded memory."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tracemalloc
from typing import Any

import pytest

from ddbtui.dataplane.export_files import Bucket, DamagedExport, DataFile, items_of, read_manifest

ROOT = "ddbtui/r1/orders/AWSDynamoDB/01700000000000-abcd"


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()


class Objects(dict[str, bytes]):
    """S3's `get_object`, as a dictionary of what lies there."""

    def get_object(self, **asked: str) -> dict[str, Any]:
        assert (asked["Bucket"], asked["ExpectedBucketOwner"]) == ("staging", "222222222222")
        return {"Body": io.BytesIO(self[asked["Key"]]), "ContentLength": len(self[asked["Key"]])}

    @property
    def bucket(self) -> Bucket:
        return Bucket(self, "staging", "222222222222")


def line(number: int, text: str = "x") -> bytes:
    return json.dumps({"Item": {"pk": {"N": str(number)}, "t": {"S": text}}}).encode() + b"\n"


def export(**changed: Any) -> Objects:
    objects = Objects()
    data = gzip.compress(b"".join(line(n) for n in range(5)))
    objects[f"{ROOT}/data/a.json.gz"] = data
    objects[f"{ROOT}/data/empty.json.gz"] = gzip.compress(b"")
    files = b"".join(
        json.dumps({"itemCount": n, "md5Checksum": md5(objects[key]), "etag": "x-1", "dataFileS3Key": key}).encode()
        + b"\n"
        for key, n in ((f"{ROOT}/data/a.json.gz", 5), (f"{ROOT}/data/empty.json.gz", 0))
    )
    summary = {
        "version": "2020-06-30",
        "exportArn": "arn:aws:dynamodb:eu-west-1:111111111111:table/orders/export/01700000000000-abcd",
        "exportTime": "2026-01-01T00:00:00Z",
        "s3Prefix": "ddbtui/r1/orders",
        "manifestFilesS3Key": f"{ROOT}/manifest-files.json",
        "billedSizeBytes": 100,
        "itemCount": 5,
        "outputFormat": "DYNAMODB_JSON",
    } | changed
    for name, content in (("manifest-files", files), ("manifest-summary", json.dumps(summary).encode())):
        objects[f"{ROOT}/{name}.json"] = content
        objects[f"{ROOT}/{name}.md5"] = md5(content).encode()
    return objects


def read(objects: Objects) -> list[Any]:
    manifest = read_manifest(objects.bucket, f"{ROOT}/manifest-summary.json")
    return [item for file in manifest.files for item in items_of(objects.bucket, file)]


def one_file(content: bytes, items: int) -> tuple[Bucket, DataFile]:
    return Objects({"f": content}).bucket, DataFile("f", items, md5(content))


def test_a_whole_export_is_read() -> None:
    assert [item["pk"]["N"] for item in read(export())] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["manifest-summary", "manifest-files"])
def test_a_changed_manifest_is_found(name: str) -> None:
    objects = export()
    objects[f"{ROOT}/{name}.json"] += b" "
    with pytest.raises(DamagedExport, match=f"{name}.json does not have the MD5"):
        read(objects)


def test_counts_that_contradict_each_other_are_found() -> None:
    with pytest.raises(DamagedExport, match=r"counts 5 items, manifest-summary\.json 6"):
        read(export(itemCount=6))


def test_another_format_is_refused() -> None:
    with pytest.raises(DamagedExport, match="ION"):
        read(export(outputFormat="ION"))


def test_a_summary_without_its_fields_is_refused() -> None:
    with pytest.raises(DamagedExport, match="can't be read"):
        read(export(itemCount="many"))


def test_a_flipped_bit_is_found() -> None:
    objects = export()
    key = f"{ROOT}/data/a.json.gz"
    objects[key] = objects[key][:4] + bytes([objects[key][4] ^ 1]) + objects[key][5:]
    with pytest.raises(DamagedExport, match="MD5"):
        read(objects)


@pytest.mark.parametrize(("items", "words"), [(4, "more than the 4 items"), (6, "has 5 items, the manifest gives 6")])
def test_a_wrong_count_is_found(items: int, words: str) -> None:
    with pytest.raises(DamagedExport, match=words):
        list(items_of(*one_file(gzip.compress(b"".join(line(n) for n in range(5))), items)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not gzip at all", "no gzip file"),
        (gzip.compress(line(1))[:-9], "ends in the middle"),
        (gzip.compress(line(1) + b"{}\n"), "line 2 of f is no item"),
        (gzip.compress(line(1) + b"[1"), "line 2 of f is no item"),
    ],
    ids=["plain", "cut off", "no item", "no JSON"],  # gzip puts the time into its header
)
def test_what_is_no_export_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(DamagedExport, match=words):
        list(items_of(*one_file(content, 2)))


def test_empty_files_and_several_members_are_read() -> None:
    assert list(items_of(*one_file(b"", 0))) == []
    members = gzip.compress(line(1)) + gzip.compress(line(2)[:5]) + gzip.compress(line(2)[5:].rstrip())
    assert len(list(items_of(*one_file(members, 2)))) == 2


def test_a_large_item_is_read() -> None:
    assert len(list(items_of(*one_file(gzip.compress(line(1, "x" * 399_000)), 1)))) == 1


@pytest.mark.parametrize("filling", [b"a", b"\n"])
def test_a_bomb_stays_small(filling: bytes) -> None:
    bucket, file = one_file(gzip.compress(filling * 60_000_000), 1)
    tracemalloc.start()
    with pytest.raises(DamagedExport):
        list(items_of(bucket, file))
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_keys_without_the_prefix_are_found() -> None:
    objects = export()
    short = objects[f"{ROOT}/manifest-files.json"].replace(b"ddbtui/r1/orders/", b"")
    objects[f"{ROOT}/manifest-files.json"] = short
    objects[f"{ROOT}/manifest-files.md5"] = md5(short).encode()
    assert len(read(objects)) == 5
