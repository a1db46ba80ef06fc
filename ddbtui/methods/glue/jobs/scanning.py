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
    request: dict[str, Any] = {"TableName": table, "Segment": segment, "TotalSegments": segments}
    while True:
        pace.wait()
        try:
            page = client.scan(ConsistentRead=False, ReturnConsumedCapacity="TOTAL", **request)
        except (ClientError, BotoCoreError) as error:
            if not is_transient(error):
                raise JobFailed(f"table {table}: {told(error)}") from error
            patience.wait(f"table {table} gives no page of segment {segment}: {told(error)}")
            continue
        patience.progress()
        pace.used(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0))
        yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
