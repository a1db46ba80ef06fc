"""Global indexes that are added to a table by UpdateTable: one at a time, and filled before they can be used.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.world import World

ALLOCATING, BACKFILLING = 0.2, 0.4
_USUAL = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}


def check_updates(world: World, table: Any, params: dict[str, Any]) -> None:
    """Refuse what AWS refuses; name the table's attributes beside the new index's, as moto wants them.

    Raises:
        AwsError: more than one index at a time, one that is there already, or a key without a type.
    """
    updates = params.get("GlobalSecondaryIndexUpdates", [])
    changed = [body for update in updates for kind, body in update.items() if kind in ("Create", "Delete")]
    if not changed:
        return
    if len(changed) > 1 or any(phase(world, table, index.name) for index in table.global_indexes):
        message = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        raise AwsError("LimitExceededException", message)
    for body in (update["Create"] for update in updates if "Create" in update):
        _check_new(table, body, params)


def _check_new(table: Any, index: dict[str, Any], params: dict[str, Any]) -> None:
    if index["IndexName"] in {held.name for held in (*table.global_indexes, *table.indexes)}:
        raise _invalid("Attempting to create an index which already exists")
    types = {each["AttributeName"]: each["AttributeType"] for each in table.attr}
    for each in params.get("AttributeDefinitions", []):
        if types.setdefault(each["AttributeName"], each["AttributeType"]) != each["AttributeType"]:
            raise _invalid(f"Attribute {each['AttributeName']} is defined with another type")
    if any(part["AttributeName"] not in types for part in index["KeySchema"]):
        raise _invalid("Some index key attribute have no definition")
    if (table.billing_mode == "PAY_PER_REQUEST") == ("ProvisionedThroughput" in index):
        raise _invalid("ProvisionedThroughput does not fit the table's BillingMode")
    params["AttributeDefinitions"] = [{"AttributeName": name, "AttributeType": of} for name, of in types.items()]


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", f"One or more parameter values were invalid: {message}")


def note_indexes(world: World, table: Any, made: list[dict[str, Any]], *, online: bool) -> None:
    """Keep what moto drops of new indexes, and from when those can be used that are filled first."""
    state = state_of(table)
    for index in made:
        if "OnDemandThroughput" in index:
            state.index_on_demand[index["IndexName"]] = index["OnDemandThroughput"]
        if online:
            filling = world.after(ALLOCATING)
            state.building[index["IndexName"]] = (filling, world.after(ALLOCATING + BACKFILLING))


def phase(world: World, table: Any, index: str) -> str:
    """`allocating`, `backfilling`, or nothing once the index can be used."""
    filling, ready = state_of(table).building.get(index, (0.0, 0.0))
    if world.now() >= ready:
        return ""
    return "backfilling" if world.now() >= filling else "allocating"


def describe_phase(world: World, table: Any, index: str) -> dict[str, Any]:
    """Status of a global index; `Backfilling` only of those that were added later."""
    now = phase(world, table, index)
    return {"IndexStatus": "CREATING", "Backfilling": now == "backfilling"} if now else {"IndexStatus": "ACTIVE"}


def check_readable(world: World, table: Any, index: str | None) -> None:
    """Raise AWS's error for reading an index that is not filled yet."""
    if index and phase(world, table, index):
        raise AwsError("ValidationException", f"Cannot read from backfilling global secondary index: {index}")


def warm_throughput(of: Any, *, on_demand: bool) -> dict[str, Any]:
    """WarmThroughput of a table or index: what was asked for, else what is usual."""
    units = of.throughput or {}
    usual = {
        "ReadUnitsPerSecond": units.get("ReadCapacityUnits", 0),
        "WriteUnitsPerSecond": units.get("WriteCapacityUnits", 0),
    }
    return {**(_USUAL if on_demand else usual), **(of.warm_throughput or {}), "Status": "ACTIVE"}
