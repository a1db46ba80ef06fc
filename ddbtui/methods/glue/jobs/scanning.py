"""Reads one segment of a table, page by page, within the capacity.

Reads are eventually consistent, which costs half. Nothing is lost by that: writes to the source have ended before the
job is started, and starting it takes longer than the second by which a replica may lag behind.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience, is_transient, told
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.wire import Item

_FIRST, _MOST = 100, 1_000_000
"""Items of the first page, when nobody knows yet how large they are, and of any; a page has at most 1 MB anyway."""
_AT_ONCE = 5
"""Seconds of capacity that one page may use: with a small share, pages of 1 MB would come in bursts."""


def pages(
    client: Any, table: str, segment: int, segments: int, pace: Pace, patience: Patience | None = None
) -> Iterator[list[Item]]:
    """Yield the items of a segment, at most 1 MB at a time.

    Args:
        client: a DynamoDB client that does not retry.
        table: name or ARN of the table.
        segment: which segment, from 0.
        segments: how many there are.
        pace: the share of the table's read units.
        patience: how long to wait for a table that gives nothing.

    Raises:
        JobFailed: the table can't be read, or gives nothing for minutes.
    """
    patience = patience or Patience()
    request: dict[str, Any] = {"TableName": table, "Segment": segment, "TotalSegments": segments, "Limit": _FIRST}
    while True:
        try:
            page = client.scan(ConsistentRead=False, ReturnConsumedCapacity="TOTAL", **request)
        except (ClientError, BotoCoreError) as error:
            if not is_transient(error):
                raise JobFailed(f"table {table}: {told(error)}") from error
            patience.wait(f"table {table} gives no page of segment {segment}: {told(error)}")
            continue
        patience.progress()
        yield page["Items"]
        used = page.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        pace.used(used)
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        if used:
            request["Limit"] = max(1, min(_MOST, int(len(page["Items"]) * pace.units * _AT_ONCE / used)))
