"""Calls on items: validated and normalised as by AWS, noted for exports at an earlier time; the scan is a fast one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import md5
from typing import Any

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb import items
from ddbtui.sandbox.dynamodb.items import Attributes, invalid
from ddbtui.sandbox.dynamodb.table_indexes import check_readable
from ddbtui.sandbox.dynamodb.table_key import use_table_key
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import account_of, backend, status_of
from ddbtui.sandbox.dynamodb.write_units import Written, with_units
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_PLAIN_SCAN = frozenset(
    {"TableName", "Limit", "ExclusiveStartKey", "Segment", "TotalSegments", "ConsistentRead", "ReturnConsumedCapacity"}
)
_PAGE = 1 << 20
Touched = tuple[Any, Attributes]


def write(world: World, call: Call, principal: Principal) -> Answer:
    """Any writing call."""
    params = call.params
    if call.operation == "BatchWriteItem" and sum(len(each) for each in params["RequestItems"].values()) > 25:
        raise invalid("Too many items requested for the BatchWriteItem call")
    touched = list(_touched(world, call, principal))
    before = [(table, items.key_of(table, key), items.get(table, key)) for table, key in touched]
    account = touched[0][0].account_id if touched else principal.account
    answer = moto_app.forward_json(call, account, params)
    if answer.status < 300:
        for table, key, item in before:
            state = state_of(table)
            if state.pitr_since is not None:
                state.undo.append((world.now(), key, item))
            state.version, state.size = state.version + 1, None
        if call.operation == "BatchWriteItem":
            told = str(params.get("ReturnConsumedCapacity", "NONE"))
            answer = with_units(answer, _written(params, before) if told != "NONE" else (), told)
        if call.operation in ("UpdateItem", "TransactWriteItems"):
            _normalise_results(touched)
    return answer


def _written(params: dict[str, Any], before: list[tuple[Any, str, Attributes | None]]) -> Iterator[Written]:
    """What a BatchWriteItem has written, in the order in which it was noted."""
    requests = [request for each in params["RequestItems"].values() for request in each]
    for request, (table, _, held) in zip(requests, before, strict=True):
        yield table, held, request.get("PutRequest", {}).get("Item")


def _normalise_results(touched: list[Touched]) -> None:
    """What an update computed may have trailing zeros."""
    for table, key in touched:
        item = items.get(table, key)
        better = items.normalised_item(json.loads(items.dumps(item))) if item else None
        if better and better != item:
            items.insert(table, better)


def _touched(world: World, call: Call, principal: Principal) -> Iterator[Touched]:
    """Normalise the request in place; yield the table and key of every item that it writes."""
    params = call.params
    if call.operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield _one(world, call, principal, params["TableName"], params)
    for name, requests in params.get("RequestItems", {}).items():
        for request in requests:
            yield _one(world, call, principal, name, next(iter(request.values())))
    for request in params.get("TransactItems", []):
        body = next(iter(request.values()))
        touched = _one(world, call, principal, body["TableName"], body)
        if "ConditionCheck" not in request:
            yield touched


def _one(world: World, call: Call, principal: Principal, name: str, body: dict[str, Any]) -> Touched:
    table = _active(world, call, principal, name)
    for member in ("Item", "Key", "ExpressionAttributeValues"):
        if member in body:
            body[member] = items.normalised_item(body[member])
    if "Item" in body:
        items.check_index_keys(table, body["Item"])
    return table, body.get("Item") or body.get("Key") or {}


def _active(world: World, call: Call, principal: Principal, name: str) -> Any:
    """The table, if its items can be used: not while it is being created or imported."""
    region = name.split(":")[3] if name.startswith("arn:") else call.region
    tables = backend(account_of(name, principal), region).tables
    table = tables.get(name.rsplit(":table/", maxsplit=1)[-1])
    if table is None or status_of(world, table) == "CREATING" or state_of(table).importing:
        raise AwsError("ResourceNotFoundException", "Requested resource not found")
    use_table_key(world, principal, table)
    return table


def read(world: World, call: Call, principal: Principal) -> Answer:
    """Any reading call but a scan: moto's, once the table can be used."""
    names = list(call.params.get("RequestItems", {})) or [call.params.get("TableName", "")]
    tables = [_active(world, call, principal, name) for name in names]
    check_readable(world, tables[0], call.params.get("IndexName"))
    return moto_app.forward(call, tables[0].account_id)


def scan(world: World, call: Call, principal: Principal) -> Answer:
    """A scan; a plain one goes past moto's generic serializer, which takes most of its time."""
    table, params = _active(world, call, principal, call.params.get("TableName", "")), call.params
    check_readable(world, table, params.get("IndexName"))
    select = params.get("Select", "ALL_ATTRIBUTES")
    if set(params) - _PLAIN_SCAN - {"Select"} or select not in ("ALL_ATTRIBUTES", "COUNT"):
        return moto_app.forward(call, table.account_id)
    segment, total = params.get("Segment", 0), params.get("TotalSegments", 1)
    if not 0 <= segment < total:
        raise invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments")
    start = params.get("ExclusiveStartKey")
    found, size, last = _page(table, (segment, total), start, params.get("Limit"))
    answer: dict[str, Any] = {"Count": len(found), "ScannedCount": len(found)}
    if select != "COUNT":
        answer["Items"] = found
    if last:
        answer["LastEvaluatedKey"] = {name: last[name] for name in table.table_key_attrs}
    if params.get("ReturnConsumedCapacity", "NONE") != "NONE":
        answer["ConsumedCapacity"] = {"TableName": table.name, "CapacityUnits": max(0.5, -(-size // 4096) / 2)}
    return Answer(200, items.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.0"})


def _page(
    table: Any, segment: tuple[int, int], start: Attributes | None, limit: int | None
) -> tuple[list[Attributes], int, Attributes | None]:
    """One page in a fixed order: by hash of the partition key, then sort key; also after the start key was deleted."""
    found: list[Attributes] = []
    size = 0
    begin = _place(table, items.normalised_item(start)) if start else None
    for place, item in _ordered(table, segment):
        if begin is not None and place <= begin:
            continue
        found.append(items.plain(item))
        size += item.size()
        if len(found) == limit or size > _PAGE:
            return found, size, found[-1]
    return found, size, None


def _ordered(table: Any, segment: tuple[int, int]) -> list[tuple[Any, Any]]:
    """All items of a segment with their places; kept until the table changes."""
    held = state_of(table)
    stamp = (held.version, len(table))
    cached = table.__dict__.get("_sandbox_order")
    if cached is None or cached[0] != stamp:
        pairs = sorted(((_place_of(table, item), item) for item in items.all_items(table)), key=lambda pair: pair[0])
        cached = (stamp, pairs)
        table.__dict__["_sandbox_order"] = cached
    number, total = segment
    return cached[1] if total == 1 else [pair for pair in cached[1] if int(pair[0][0][:8], 16) % total == number]


def _place_of(table: Any, item: Any) -> tuple[Any, ...]:
    names = table.table_key_attrs
    return _place(table, {name: item.attrs[name].to_json() for name in names})


def _place(table: Any, key: Attributes) -> tuple[Any, ...]:
    """The position of a key: hash of the partition key, the key itself, the sort key."""
    from decimal import Decimal

    first = items.dumps(key[table.hash_key_attr])
    digest = md5(first.encode(), usedforsecurity=False).hexdigest()
    if not table.range_key_attr:
        return digest, first
    kind, value = next(iter(key[table.range_key_attr].items()))
    return digest, first, Decimal(value) if kind == "N" else value
