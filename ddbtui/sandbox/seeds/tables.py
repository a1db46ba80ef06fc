"""Making tables and filling them inside moto, much faster than over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from moto.kms.models import kms_backends

from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import backend, epoch
from ddbtui.sandbox.profiles import REGION


def keys(text: str) -> list[dict[str, str]]:
    """A key schema from `name:type name:type`; the second is the sort key."""
    roles = ("HASH", "RANGE")
    return [{"AttributeName": part.split(":")[0], "KeyType": roles[at]} for at, part in enumerate(text.split())]


def _index(name: str, schema: list[dict[str, str]], include: tuple[str, ...] | None = None) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": "ALL"}
    if include is not None:
        projection = (
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(include)}
            if include
            else {"ProjectionType": "KEYS_ONLY"}
        )
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


@dataclass(frozen=True)
class Wanted:
    """A table to make.

    Args:
        account: in which account.
        name: its name.
        key: `name:type` of the partition key and, after a space, of the sort key.
        indexes: global indexes and their key schemas.
        local: local indexes likewise.
        extra: attributes of the index keys, `name:type name:type`.
        include: what an index projects, if not all: a tuple of attributes, empty for the keys only.
        tags: its tags.
        units: provisioned read and write units; on demand if absent.
        stream: view type of its stream.
        encryption: its SSESpecification.
        protected: whether deletion protection is on.
        pitr_hours: since when point-in-time recovery is on.
        table_class: e.g. STANDARD_INFREQUENT_ACCESS.
    """

    account: str
    name: str
    key: str
    indexes: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    local: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    extra: str = ""
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    units: tuple[int, int] | None = None
    stream: str | None = None
    encryption: dict[str, Any] | None = None
    protected: bool = False
    pitr_hours: float | None = None
    table_class: str | None = None


def make_table(wanted: Wanted) -> Any:
    """Make an ACTIVE table, empty."""
    units = wanted.units
    throughput = {"ReadCapacityUnits": units[0], "WriteCapacityUnits": units[1]} if units else None
    kinds = [part.split(":") for part in f"{wanted.key} {wanted.extra}".split()]
    indexes = [_index(name, schema, wanted.include.get(name)) for name, schema in wanted.indexes.items()]
    for index in indexes:
        if throughput:
            index["ProvisionedThroughput"] = dict(throughput)
    table = backend(wanted.account, REGION).create_table(
        name=wanted.name,
        schema=keys(wanted.key),
        throughput=throughput,
        attr=[{"AttributeName": attribute, "AttributeType": kind} for attribute, kind in kinds],
        global_indexes=indexes,
        indexes=[_index(name, schema) for name, schema in wanted.local.items()],
        streams={"StreamEnabled": True, "StreamViewType": wanted.stream} if wanted.stream else None,
        billing_mode="PROVISIONED" if units else "PAY_PER_REQUEST",
        sse_specification=wanted.encryption,
        tags=[{"Key": tag, "Value": value} for tag, value in wanted.tags.items()],
        deletion_protection_enabled=wanted.protected,
        warm_throughput=None,
    )
    state = state_of(table)
    state.table_class = wanted.table_class
    if wanted.pitr_hours is not None:
        state.pitr_since = epoch(table.created_at) - wanted.pitr_hours * 3600
    return table


def seeded() -> Random:
    """A source of the same random values every time."""
    return Random(7)  # noqa: S311 nothing here is secret


def set_ttl(table: Any, attribute: str) -> None:
    """Switch time to live on."""
    table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}


def customer_key(account: str, description: str) -> str:
    """Make a customer-managed key; return its ARN."""
    key = kms_backends[account][REGION].create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
    return str(key.arn)
