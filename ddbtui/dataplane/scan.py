"""A segmented, strongly consistent scan that can stop after any page and go on from there.

boto3 turns each attribute into Python objects one by one; a hook before its parser takes the items out of the raw body
with msgspec instead, which costs about a thirtieth of the time. All else of the answer goes boto3's way.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from ddbtui.aws.errors import code, verdict
from ddbtui.dataplane.canonical import Item

Consume = Callable[[int, list[Item]], None]
_WIRE = "WireItems"
_PATIENCE = 120
_ours = threading.local()
"""`on` while this thread makes a call of ours: others who scan with the same client get what they always get."""


def _take_items(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Hand the items on as they came; botocore parses what is left of the answer."""
    if response_dict["status_code"] != 200 or not getattr(_ours, "on", False):
        return
    whole = msgspec.json.decode(response_dict["body"], type=dict[str, msgspec.Raw])
    items = whole.pop("Items", msgspec.Raw(b"[]"))
    customized_response_dict[_WIRE] = msgspec.json.decode(items, type=list[dict[str, dict[str, Any]]])
    response_dict["body"] = msgspec.json.encode(whole)


class Pace:
    """Keeps several threads together under so many read units a second, with bursts of a few seconds.

    Args:
        units: read units a second, or None for no limit.
        sleep: waits so many seconds.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        units: float | None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._units, self._clock = units, clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._free_at = clock()

    def used(self, units: float) -> None:
        """Note what a page has used, and wait until the next one may be read."""
        if not self._units:
            return
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - 5) + units / self._units
            wait = self._free_at - now
        if wait > 0:
            self.sleep(min(wait, 60))


class SegmentedScan:
    """One scan of a table, split in segments that threads read side by side. Memory: one page a thread.

    Args:
        client: a DynamoDB client of the table's account.
        table_name: the table.
        segments: how many; also the number of threads.
        pace: the limit on read units.
    """

    def __init__(self, client: Any, table_name: str, segments: int = 4, pace: Pace | None = None) -> None:
        self._client, self._table = client, table_name
        self._pace = pace or Pace(None)
        self._starts: dict[int, Any] = dict.fromkeys(range(segments))
        self._segments = segments
        client.meta.events.register("before-parse.dynamodb.Scan", _take_items, unique_id="ddbtui-wire-items")

    @property
    def done(self) -> bool:
        """Whether every segment is at its end."""
        return not self._starts

    def run(self, consume: Consume, should_stop: Callable[[], bool] = lambda: False) -> bool:
        """Read on from where the last call stopped or failed.

        Args:
            consume: told of each page with its segment, from several threads, but never twice at once for one segment.
                A page counts as read when it returns.
            should_stop: asked before each page.

        Returns:
            Whether the scan is at its end. Errors of AWS pass through when waiting did not help.
        """
        failed = threading.Event()

        def stop() -> bool:
            return failed.is_set() or should_stop()

        def read(segment: int) -> None:
            try:
                self._read_segment(segment, consume, stop)
            except BaseException:
                failed.set()
                raise

        with ThreadPoolExecutor(self._segments, thread_name_prefix="scan") as pool:
            for finished in [pool.submit(read, segment) for segment in list(self._starts)]:
                finished.result()
        return self.done

    def _read_segment(self, segment: int, consume: Consume, stop: Callable[[], bool]) -> None:
        while not stop():
            start = self._starts[segment]
            page = self._page(segment, start, stop)
            if page is None:
                return
            consume(segment, page[_WIRE])
            after = page.get("LastEvaluatedKey")
            if after is None:
                del self._starts[segment]
                return
            self._starts[segment] = after
            self._pace.used(float(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0)))

    def _page(self, segment: int, start: Any, stop: Callable[[], bool]) -> Any:
        """One page; None when asked to stop. Throttling is waited out for minutes, the table may have few units."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "Segment": segment,
            "TotalSegments": self._segments,
            "ReturnConsumedCapacity": "TOTAL",
        }
        if start is not None:
            request["ExclusiveStartKey"] = start
        for attempt in range(_PATIENCE):
            _ours.on = True
            try:
                return self._client.scan(**request)
            except Exception as error:
                throttled = verdict(error) == "retry" and ("Throttl" in code(error) or "Throughput" in code(error))
                if not throttled or attempt == _PATIENCE - 1:
                    raise
            finally:
                _ours.on = False
            if stop():
                return None
            self._pace.sleep(min(0.5 * 2**attempt, 5))
        return None
