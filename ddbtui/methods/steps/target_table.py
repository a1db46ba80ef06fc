"""The parameters that create the target table, from the inventory of its source and the wishes of the plan.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableCreationParameters.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Index, KeyPart, Table

_KEY_ACTIONS = (
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""


def creation_parameters(move: Move, moving: MovingTable) -> dict[str, Any]:
    """Return what `ImportTable` takes as `TableCreationParameters`: keys, global indexes, billing, encryption."""
    table = moving.table
    on_demand = billing(move, table) == "PAY_PER_REQUEST"
    parameters: dict[str, Any] = {
        "TableName": moving.target_name,
        "AttributeDefinitions": _attributes(table),
        "KeySchema": _keys(table.keys),
        "BillingMode": billing(move, table),
        **_throughput(table, on_demand),
    }
    if table.global_indexes:
        parameters["GlobalSecondaryIndexes"] = [_index(index, on_demand) for index in table.global_indexes]
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
    wanted = move.plan.target_table.encryption
    if not wanted.startswith("arn:"):
        return []
    return [Access("target", action, wanted, "encryption of the new table") for action in _KEY_ACTIONS]


def _attributes(table: Table) -> list[dict[str, str]]:
    """Only those that keys use: AWS refuses any other."""
    used = {key.name for keys in (table.keys, *(index.keys for index in table.global_indexes)) for key in keys}
    return [{"AttributeName": name, "AttributeType": table.attributes[name]} for name in sorted(used)]


def _keys(keys: tuple[KeyPart, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": key.role} for key in keys]


def _throughput(of: Table | Index, on_demand: bool) -> dict[str, Any]:
    if not on_demand:
        return {"ProvisionedThroughput": {"ReadCapacityUnits": of.read_units, "WriteCapacityUnits": of.write_units}}
    most = {"MaxReadRequestUnits": of.max_read_units, "MaxWriteRequestUnits": of.max_write_units}
    given = {name: value for name, value in most.items() if value is not None}
    return {"OnDemandThroughput": given} if given else {}


def _index(index: Index, on_demand: bool) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = list(index.non_key_attributes)
    return {
        "IndexName": index.name,
        "KeySchema": _keys(index.keys),
        "Projection": projection,
        **_throughput(index, on_demand),
    }
