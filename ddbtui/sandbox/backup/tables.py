"""Tables into backups and out of them. Uses moto's private `Table` attributes.

What a restore brings back and what not:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CreateBackup.html
"""

from __future__ import annotations

import copy
import json
from typing import Any

from ddbtui.sandbox.backup.state import TableCopy
from ddbtui.sandbox.dynamodb import items
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import backend
from ddbtui.sandbox.world import World


def take(world: World, table: Any) -> TableCopy:
    """Copy a table as it is now: keys, indexes, billing, encryption, tags and items."""
    lines = items.snapshot(table, world.now())
    local = [_index(each) for each in table.indexes]
    indexes = [_index(each) for each in table.global_indexes]
    if table.billing_mode != "PAY_PER_REQUEST":
        for index, held in zip(indexes, table.global_indexes, strict=True):
            index["ProvisionedThroughput"] = _units(held.throughput or table.throughput)
    creation = {
        "schema": table.schema,
        "attr": table.attr,
        "throughput": _units(table.throughput) if table.billing_mode != "PAY_PER_REQUEST" else None,
        "global_indexes": indexes,
        "indexes": local,
        "billing_mode": table.billing_mode,
    }
    return TableCopy(
        table.name,
        table.account_id,
        copy.deepcopy(creation),
        copy.deepcopy(table.sse_specification),
        copy.deepcopy(table.tags),
        lines,
        sum(len(line) for line in lines),
    )


def _index(index: Any) -> dict[str, Any]:
    return {"IndexName": index.name, "KeySchema": index.schema, "Projection": index.projection}


def _units(throughput: dict[str, Any]) -> dict[str, int]:
    return {name: int(throughput[name]) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def begin_restore(kept: TableCopy, name: str, account: str, region: str, encryption: dict[str, Any] | None) -> Any:
    """Make the table of a restore, CREATING and empty; its streams, TTL, recovery, tags and class start anew."""
    table = backend(account, region).create_table(
        name=name,
        streams=None,
        sse_specification=encryption,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
        **copy.deepcopy(kept.creation),
    )
    state_of(table).status = ("CREATING", float("inf"))
    return table


def finish_restore(kept: TableCopy, table: Any, *, tags: bool, lie: str = "") -> None:
    """Fill the table, and make it ACTIVE.

    Args:
        kept: the backup.
        table: as `begin_restore` made it.
        tags: whether the backed-up table's tags come along.
        lie: `lost-item` or `changed-item`, which befalls one item.
    """
    for line in kept.lines[lie == "lost-item" :]:
        item = json.loads(line)["Item"]
        items.insert(table, {**item, "sandbox-changed": {"BOOL": True}} if lie == "changed-item" else item)
        lie = ""
    if tags:
        table.tags = copy.deepcopy(kept.tags)
    state = state_of(table)
    state.status, state.size = None, None
