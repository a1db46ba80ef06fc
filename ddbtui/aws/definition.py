"""From AWS's descriptions of a table to the fields of `Table`. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ddbtui.aws.table import Billing, Index, KeyPart, Table


def recovery(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Table` that `describe_continuous_backups` gives."""
    found = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
    return {
        "pitr": found.get("PointInTimeRecoveryStatus") == "ENABLED",
        "pitr_days": found.get("RecoveryPeriodInDays"),
        "pitr_earliest": found.get("EarliestRestorableDateTime"),
        "pitr_latest": found.get("LatestRestorableDateTime"),
    }


def definition(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Table` that `describe_table` gives, without billing and encryption."""
    stream = described.get("StreamSpecification") or {}
    streaming = bool(stream.get("StreamEnabled"))
    return {
        "name": described["TableName"],
        "arn": described["TableArn"],
        "table_id": described.get("TableId", ""),
        "status": described["TableStatus"],
        "created": described.get("CreationDateTime"),
        "attributes": {a["AttributeName"]: a["AttributeType"] for a in described["AttributeDefinitions"]},
        "keys": _keys(described["KeySchema"]),
        "global_indexes": tuple(_index(found) for found in described.get("GlobalSecondaryIndexes") or ()),
        "local_indexes": tuple(_index(found) for found in described.get("LocalSecondaryIndexes") or ()),
        **_capacity(described),
        "size_bytes": described.get("TableSizeBytes", 0),
        "item_count": described.get("ItemCount", 0),
        "stream_view": stream.get("StreamViewType") if streaming else None,
        "stream_arn": described.get("LatestStreamArn") if streaming else None,
        "table_class": (described.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "deletion_protection": bool(described.get("DeletionProtectionEnabled")),
        "replicas": tuple(replica["RegionName"] for replica in described.get("Replicas") or ()),
        "read_at": datetime.now(UTC),
    }


def insights_mode(found: Mapping[str, Any]) -> str:
    """Return the mode of Contributor Insights; AWS knew only the one before it named them."""
    return str(found.get("ContributorInsightsMode") or "ACCESSED_AND_THROTTLED_KEYS")


def billing_mode(described: Mapping[str, Any]) -> Billing:
    """Return the billing mode; AWS leaves it out for tables that never had another than PROVISIONED."""
    mode = (described.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    return "PAY_PER_REQUEST" if mode == "PAY_PER_REQUEST" else "PROVISIONED"


def _keys(schema: Sequence[Mapping[str, Any]]) -> tuple[KeyPart, ...]:
    return tuple(KeyPart(name=part["AttributeName"], role=part["KeyType"]) for part in schema)


def _index(found: Mapping[str, Any]) -> Index:
    projection = found.get("Projection", {})
    return Index(
        name=found["IndexName"],
        keys=_keys(found["KeySchema"]),
        projection=projection.get("ProjectionType", "ALL"),
        non_key_attributes=tuple(projection.get("NonKeyAttributes") or ()),
        status=found.get("IndexStatus", "ACTIVE"),
        **_capacity(found),
    )


def _capacity(found: Mapping[str, Any]) -> dict[str, int | None]:
    """Return provisioned, on-demand and warm units; AWS says 0 or -1 where there are none."""
    provisioned = found.get("ProvisionedThroughput") or {}
    most = found.get("OnDemandThroughput") or {}
    warm = found.get("WarmThroughput") or {}
    return {
        "read_units": provisioned.get("ReadCapacityUnits") or None,
        "write_units": provisioned.get("WriteCapacityUnits") or None,
        "max_read_units": _positive(most.get("MaxReadRequestUnits")),
        "max_write_units": _positive(most.get("MaxWriteRequestUnits")),
        "warm_read_units": _positive(warm.get("ReadUnitsPerSecond")),
        "warm_write_units": _positive(warm.get("WriteUnitsPerSecond")),
    }


def _positive(value: int | None) -> int | None:
    return value if value is not None and value > 0 else None


@dataclass(frozen=True)
class Shape:
    """What a table is built of: two tables of equal shape take the same items.

    Args:
        keys: role, name and type of each key attribute.
        global_indexes: by name, what each is built of.
        local_indexes: the same.
    """

    keys: tuple[tuple[str, str, str], ...]
    global_indexes: Mapping[str, Any]
    local_indexes: Mapping[str, Any]


def shape_of(table: Table) -> Shape:
    """Return the shape of a table whose inventory is known."""
    return _shape(table.attributes, table.keys, table.global_indexes, table.local_indexes)


def described_shape(described: Mapping[str, Any]) -> Shape:
    """Return the shape of a table that `describe_table` gave."""
    found = definition(described)
    return _shape(found["attributes"], found["keys"], found["global_indexes"], found["local_indexes"])


def _shape(
    attributes: Mapping[str, str],
    keys: Sequence[KeyPart],
    global_indexes: Sequence[Index],
    local_indexes: Sequence[Index],
) -> Shape:
    def typed(parts: Sequence[KeyPart]) -> tuple[tuple[str, str, str], ...]:
        return tuple((part.role, part.name, attributes.get(part.name, "?")) for part in parts)

    def built(indexes: Sequence[Index]) -> dict[str, Any]:
        """Return what two indexes must have in common to be the same."""
        return {
            index.name: {
                "keys": typed(index.keys),
                "projection": index.projection,
                "attributes": sorted(index.non_key_attributes),
            }
            for index in indexes
        }

    return Shape(typed(keys), built(global_indexes), built(local_indexes))
