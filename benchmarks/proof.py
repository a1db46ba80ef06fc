"""How many items the proof reads and digests in a second of a core: from an export, and by a scan of the new table.

Counted is the time that ddbtui's own process computes, not the time that it waits for an answer.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.canned import served
from benchmarks.items import ITEMS, make_items
from benchmarks.result import Result
from ddbtui.dataplane.digest import Digest, Hasher, bits_for
from ddbtui.dataplane.export_files import Bucket, DataFile, items_of
from ddbtui.dataplane.scan import SegmentedScan

LEAST = 10_000
"""Items a second of a core: a table of a million items in less than two minutes."""
SEGMENTS = 4
_KEY = ("customer", "order")
_SECRET = b"no secret, a benchmark"
_PAGE = 2_000
"""Items a page: Scan gives at most 1 MB of data."""
_ROUNDS = 5


def proof_speed() -> list[Result]:
    """Both sides of the proof; they must find the same, else there is nothing to measure."""
    items = make_items()
    lines = b"".join(json.dumps({"Item": item}, ensure_ascii=False).encode() + b"\n" for item in items)
    body = gzip.compress(lines, 6)
    file = DataFile("data/one.json.gz", len(items), base64.b64encode(hashlib.md5(body).digest()).decode())
    with served({f"bench/{file.key}": body}, _pages(items)) as (s3, dynamodb):
        from_export, exported = _timed(lambda: _read_export(Bucket(s3, "bench", "111111111111"), file))
        from_table, scanned = _timed(lambda: _scan(dynamodb))
    if exported.differing(scanned) or exported.count != ITEMS:
        raise RuntimeError("the two digests differ")
    size = f"{len(lines) // len(items):,} bytes of JSON each"
    return [
        _result(f"export of {ITEMS:,} items ({size}): read, check, digest", from_export),
        _result(f"scan of {ITEMS:,} items in {SEGMENTS} segments: read, digest", from_table),
    ]


def _pages(items: list[dict[str, Any]]) -> list[list[bytes]]:
    segments = []
    for segment in range(SEGMENTS):
        mine = items[segment::SEGMENTS]
        starts = range(0, len(mine), _PAGE)
        segments.append([_page(mine, start, number + 1 < len(starts)) for number, start in enumerate(starts)])
    return segments


def _page(items: list[dict[str, Any]], start: int, more: bool) -> bytes:
    page = items[start : start + _PAGE]
    answer: dict[str, Any] = {"Items": page, "Count": len(page), "ScannedCount": len(page)}
    if more:
        answer["LastEvaluatedKey"] = {"page": {"N": str(start // _PAGE + 1)}}
    return json.dumps(answer).encode()


def _timed(read: Callable[[], Digest]) -> tuple[float, Digest]:
    taken, digest = [], read()
    for _ in range(_ROUNDS):
        start = time.process_time()
        digest = read()
        taken.append(time.process_time() - start)
    return median(taken), digest


def _digest() -> Digest:
    return Digest(Hasher(_SECRET, _KEY, bits_for(ITEMS)))


def _read_export(bucket: Bucket, file: DataFile) -> Digest:
    digest = _digest()
    for item in items_of(bucket, file):
        digest.add(item)
    return digest


def _scan(client: Any) -> Digest:
    digests = [_digest() for _ in range(SEGMENTS)]

    def consume(segment: int, items: list[Any]) -> None:
        for item in items:
            digests[segment].add(item)

    SegmentedScan(client, "bench", SEGMENTS).run(consume)
    for other in digests[1:]:
        digests[0].merge(other)
    return digests[0]


def _result(what: str, seconds: float) -> Result:
    speed = ITEMS / seconds
    return Result(what, f"{speed:,.0f} items/s a core", f"at least {LEAST:,}", speed >= LEAST)
