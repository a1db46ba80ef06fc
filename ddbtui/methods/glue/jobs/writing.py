"""Puts whole items into a table: many at a time, within the capacity, until every single one is in.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience, code, is_transient, told
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.wire import Item, key_text, wire_size, without_values

BATCH = 25
BATCH_BYTES = 15_000_000
"""A call takes 16 MB; what surrounds the items needs room, too."""
_ABOUT_ITEMS = frozenset({"ValidationException", "SerializationException", "ItemCollectionSizeLimitExceededException"})


def key_names(client: Any, table: str, patience: Patience | None = None) -> tuple[str, ...]:
    """Return the key attributes of a table that can be written to, partition key first.

    Args:
        client: a DynamoDB client that does not retry.
        table: the table's name.
        patience: how long to wait for an answer.

    Raises:
        JobFailed: it does not exist, is not there yet, or can't be described for minutes.
    """
    found = _described(client, table, patience or Patience())
    if found["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise JobFailed(f"table {table} is {found['TableStatus']}, it can't be written to")
    return tuple(part["AttributeName"] for part in sorted(found["KeySchema"], key=lambda part: str(part["KeyType"])))


def _described(client: Any, table: str, patience: Patience) -> Mapping[str, Any]:
    while True:
        try:
            found: Mapping[str, Any] = client.describe_table(TableName=table)["Table"]
        except (ClientError, BotoCoreError) as error:
            if not is_transient(error):
                raise JobFailed(f"table {table}: {told(error)}") from error
            patience.wait(f"table {table} can't be described: {told(error)}")
        else:
            return found


def _busiest(consumed: Mapping[str, Any]) -> float:
    """Units of the table with its local indexes, or of a global index that took more: each has units of its own.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
    """
    others = [each["CapacityUnits"] for each in consumed.get("GlobalSecondaryIndexes", {}).values()]
    return float(max(consumed["CapacityUnits"] - sum(others), *others, 0))


@dataclass
class BatchWriter:
    """Writes to one table. Not for several threads at once.

    A whole item is put over whatever has its key, so writing it twice changes nothing.

    Args:
        client: a DynamoDB client that does not retry.
        table: the table's name.
        key_names: its key attributes.
        pace: the share of the table's write units.
        patience: how long to wait for a table that takes nothing.
    """

    client: Any
    table: str
    key_names: Sequence[str]
    pace: Pace
    patience: Patience = field(default_factory=Patience)
    written: int = 0
    retried: int = 0
    _batch: list[Item] = field(default_factory=list)
    _bytes: int = 0

    def put(self, item: Item) -> None:
        """Write an item, with the next batch.

        Raises:
            JobFailed: as `flush`.
        """
        size = wire_size(item)
        if len(self._batch) == BATCH or (self._batch and self._bytes + size > BATCH_BYTES):
            self.flush()
        self._batch.append(item)
        self._bytes += size

    def flush(self) -> None:
        """Write what is left.

        Raises:
            JobFailed: an item is refused, the table can't be written to, or does not take anything for minutes.
        """
        batch, self._batch, self._bytes = self._batch, [], 0
        self._send(batch)

    def _send(self, batch: list[Item]) -> None:
        while batch:
            try:
                left, why = self._call(batch), "it leaves them unprocessed"
            except (ClientError, BotoCoreError) as error:
                if not is_transient(error):
                    self._refused(batch, error)
                    return
                left, why = batch, told(error)
            self.written += len(batch) - len(left)
            self.retried += len(left)
            if len(left) < len(batch):
                self.patience.progress()
            if left:
                self.patience.wait(f"table {self.table} does not take any of {len(left)} items: {why}")
            batch = left

    def _call(self, batch: list[Item]) -> list[Item]:
        """One call; returns what was not processed."""
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        answer = self.client.batch_write_item(RequestItems={self.table: requests}, ReturnConsumedCapacity="INDEXES")
        self.pace.used(sum(map(_busiest, answer.get("ConsumedCapacity", ()))))
        left = answer.get("UnprocessedItems", {}).values()
        return [request["PutRequest"]["Item"] for requests in left for request in requests]

    def _refused(self, batch: list[Item], error: ClientError | BotoCoreError) -> None:
        """AWS refuses a batch for one of its items without saying for which: each is sent alone."""
        if code(error) not in _ABOUT_ITEMS:
            raise JobFailed(f"table {self.table}: {told(error)}") from error
        if len(batch) == 1:
            key, why = key_text(batch[0], self.key_names), without_values(told(error), batch[0])
            raise JobFailed(f"table {self.table} refuses the item {key}: {why}") from None  # the cause may quote it
        for item in batch:
            self._send([item])
