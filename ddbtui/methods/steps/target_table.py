"""The parameters that create the target table, from the inventory of its source and the wishes of the plan.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableCreationParameters.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Index, KeyPart, Table

FRESH_WRITE_UNITS = 4000
"""A second: what a new on-demand table, or index of one, serves from the start."""
TABLE_KEY_ACTIONS = (
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)
"""What DynamoDB does with a table's customer managed key in the name of whoever makes or writes to the table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""


def creation_parameters(move: Move, moving: MovingTable) -> dict[str, Any]:
    """Return what `ImportTable` takes as `TableCreationParameters`: keys, global indexes, billing, encryption."""
    return _parameters(move, moving, moving.table.global_indexes, ())


def table_parameters(move: Move, moving: MovingTable, with_indexes: bool, warm_units: int | None) -> dict[str, Any]:
    """Return what `CreateTable` takes: all of that, and local indexes, class, tags and warm throughput.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html

    Args:
        move: the move; its plan says which settings are carried over.
        moving: the table.
        with_indexes: whether the global indexes are made with it.
        warm_units: write units a second that table and indexes are to serve from the start; None for what is usual.
    """
    table = moving.table
    indexes = table.global_indexes if with_indexes else ()
    parameters = _parameters(move, moving, indexes, table.local_indexes, warm_units)
    if table.table_class != "STANDARD" and "table-class" in move.plan.carried:
        parameters["TableClass"] = table.table_class
    if table.tags and "tags" in move.plan.carried:
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(table.tags.items())]
    return parameters


def index_parameters(source: Table, index: Index, on_demand: bool) -> dict[str, Any]:
    """Return what `UpdateTable` takes to add one global index of the source to a table of that billing."""
    return {
        "AttributeDefinitions": _attributes(source, [index.keys]),
        "GlobalSecondaryIndexUpdates": [{"Create": _index(index, on_demand)}],
    }


def written(table: Table, with_indexes: bool) -> list[Table | Index]:
    """Return what each write of an item is written to, each with a capacity of its own."""
    return [table, *(table.global_indexes if with_indexes else ())]


def usual_write_units(of: Table | Index, on_demand: bool) -> int:
    """Return the write units a second that a new table or index serves from the start.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
    """
    return FRESH_WRITE_UNITS if on_demand else of.write_units or 1


def _parameters(
    move: Move,
    moving: MovingTable,
    global_indexes: Sequence[Index],
    local_indexes: Sequence[Index],
    warm_units: int | None = None,
) -> dict[str, Any]:
    table = moving.table
    on_demand = billing(move, table) == "PAY_PER_REQUEST"
    schemas = [table.keys, *(index.keys for index in (*global_indexes, *local_indexes))]
    parameters: dict[str, Any] = {
        "TableName": moving.target_name,
        "AttributeDefinitions": _attributes(table, schemas),
        "KeySchema": _keys(table.keys),
        "BillingMode": billing(move, table),
        **_throughput(table, on_demand, warm_units),
    }
    if local_indexes:
        parameters["LocalSecondaryIndexes"] = [_built(index) for index in local_indexes]
    if global_indexes:
        parameters["GlobalSecondaryIndexes"] = [_index(index, on_demand, warm_units) for index in global_indexes]
    encryption = sse(move)
    return {**parameters, "SSESpecification": encryption} if encryption else parameters


def billing(move: Move, table: Table) -> str:
    """Return the billing mode of the new table."""
    return "PAY_PER_REQUEST" if move.plan.target_table.billing == "on-demand" else table.billing


def sse(move: Move) -> dict[str, Any] | None:
    """Return the `SSESpecification`, or None for the key that AWS owns."""
    wanted = move.plan.target_table.encryption
    if wanted == "aws-owned":
        return None
    specification: dict[str, Any] = {"Enabled": True, "SSEType": "KMS"}
    return specification if wanted == "aws-managed" else {**specification, "KMSMasterKeyId": wanted}


def key_access(move: Move) -> list[Access]:
    """What creating and using a table with the customer's key needs of the caller."""
    key = move.plan.target_table.key_arn
    return [Access("target", action, key, "encryption of the new table") for action in TABLE_KEY_ACTIONS if key]


def _attributes(table: Table, schemas: Iterable[tuple[KeyPart, ...]]) -> list[dict[str, str]]:
    """Only those that these keys use: AWS refuses any other."""
    used = {key.name for keys in schemas for key in keys}
    return [{"AttributeName": name, "AttributeType": table.attributes[name]} for name in sorted(used)]


def _keys(keys: tuple[KeyPart, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": key.role} for key in keys]


def _throughput(of: Table | Index, on_demand: bool, warm_units: int | None = None) -> dict[str, Any]:
    warm = warm_units or 0
    found: dict[str, Any] = {}
    if warm > usual_write_units(of, on_demand):  # AWS refuses less
        found["WarmThroughput"] = {"WriteUnitsPerSecond": warm}
    if not on_demand:
        units = {"ReadCapacityUnits": of.read_units, "WriteCapacityUnits": of.write_units}
        return {**found, "ProvisionedThroughput": units}
    most = {"MaxReadRequestUnits": of.max_read_units, "MaxWriteRequestUnits": of.max_write_units}
    given = {name: value for name, value in most.items() if value is not None}
    return {**found, "OnDemandThroughput": given} if given else found


def _index(index: Index, on_demand: bool, warm_units: int | None = None) -> dict[str, Any]:
    return {**_built(index), **_throughput(index, on_demand, warm_units)}


def _built(index: Index) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = list(index.non_key_attributes)
    return {"IndexName": index.name, "KeySchema": _keys(index.keys), "Projection": projection}
