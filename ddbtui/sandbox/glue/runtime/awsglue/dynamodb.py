"""Glue's DynamoDB connector (`connection_type="dynamodb"`), with what it does to types.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html

Reading, as its maintainers found in August 2026 (https://github.com/awslabs/amazon-dynamodb-tools/issues/184):

- "Sets are indistinguishable from lists": SS, NS, BS and L arrive as array<string> or array<binary>;
- "List/set element types are pre-stringified by the connector": L of S, N, BOOL and NULL arrives as
  ['x', '9', 'true', None];
- "Top-level scalars survive", N as long or double.

Inferred from that: a number is a long if it is a 64-bit integer, else a double, and so loses all beyond about 15
digits; members of a map are stringified like elements of a list, and what is nested in them becomes JSON text (that
nested objects break is known: https://github.com/awslabs/aws-glue-libs/issues/219); NULL is null.

Writing:

- a field that has several types must be resolved before (https://repost.aws/questions/QUciVM2E9dSgyO9lhXG5ZzpA);
- inferred from the open connector for EMR, whose option names are the same: null is left out, also within lists and
  maps, since only an option of its own would have it written (https://github.com/awslabs/emr-dynamodb-connector/pull/114),
  and an array becomes a list, not a set (https://github.com/awslabs/emr-dynamodb-connector/pull/112).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from .dynamicframe import DynamicFrame, Record
from .gluetypes import ChoiceType

_LONG = 2**63
_BATCH = 25
_LOWEST, _HIGHEST = 0.1, 1.5
_ON_DEMAND = 40_000
"""Units that a table on demand is taken to have."""
Options = Mapping[str, str]


def read(options: Options) -> Iterator[Record]:
    """Scan a table, in its account with the role's credentials if one is given.

    Args:
        options: `dynamodb.input.tableName` and others, all texts.

    Raises:
        ValueError: an option is not as documented.
    """
    percent = _percent(options, "dynamodb.throughput.read.percent")
    client, table, splits = (
        _client(options),
        options["dynamodb.input.tableName"],
        int(options.get("dynamodb.splits", "1")),
    )
    _tell_rate("Read", client.describe_table(TableName=table)["Table"], percent)
    for segment in range(splits):
        pages = client.get_paginator("scan").paginate(TableName=table, Segment=segment, TotalSegments=splits)
        for page in pages:
            for item in page["Items"]:
                yield {name: _seen(value) for name, value in item.items()}


def write(frame: DynamicFrame, options: Options) -> None:
    """Put every record.

    Args:
        frame: what to write.
        options: `dynamodb.output.tableName` and others, all texts.

    Raises:
        ValueError: an option is not as documented.
        RuntimeError: a field has several types, or the table takes nothing.
    """
    percent = _percent(options, "dynamodb.throughput.write.percent")
    choices = [field.name for field in frame.schema().fields if isinstance(field.dataType, ChoiceType)]
    if choices:
        raise RuntimeError(f"An error occurred while calling pyWriteDynamicFrame. Unresolved choice: {choices}")
    client, table = _client(options), options["dynamodb.output.tableName"]
    _tell_rate("Write", client.describe_table(TableName=table)["Table"], percent)
    items = ({name: _stored(value) for name, value in record.items() if value is not None} for record in frame.records)
    while batch := [{"PutRequest": {"Item": item}} for item in islice(items, _BATCH)]:
        _put(client, table, batch, int(options.get("dynamodb.output.retry", "10")))


def _put(client: Any, table: str, batch: list[Any], retries: int) -> None:
    for attempt in range(retries + 1):
        batch = client.batch_write_item(RequestItems={table: batch}).get("UnprocessedItems", {}).get(table, [])
        if not batch:
            return
        time.sleep(min(5.0, 0.05 * 2**attempt))
    raise RuntimeError(f"An error occurred while calling pyWriteDynamicFrame. {len(batch)} items are unprocessed")


def _client(options: Options) -> Any:
    import boto3

    own = boto3.Session(region_name=options.get("dynamodb.region"))
    role = options.get("dynamodb.sts.roleArn")
    if not role:
        return own.client("dynamodb")
    name = options.get("dynamodb.sts.roleSessionName", "glue-dynamodb-sts-session")
    held = own.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
    keys = held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"]
    return boto3.Session(*keys, region_name=own.region_name).client("dynamodb")


def _percent(options: Options, name: str) -> float:
    percent = float(options.get(name, "0.5"))
    if not _LOWEST <= percent <= _HIGHEST:
        raise ValueError(f"{name} is a number from {_LOWEST} to {_HIGHEST}, not {options[name]}")
    return percent


def _tell_rate(what: str, table: Mapping[str, Any], percent: float) -> None:
    """Log what the percent come to: AWS documents them, but nothing here waits for them."""
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    units = _ON_DEMAND if on_demand else table["ProvisionedThroughput"][f"{what}CapacityUnits"]
    print(f"DynamoDB connector: {what} rate {units * percent:.0f} units/s")  # noqa: T201 the job's log


def _seen(value: Mapping[str, Any]) -> Any:
    """A top-level value as the reader gives it."""
    ((kind, held),) = value.items()
    if kind == "N":
        return _number(held)
    if kind == "NULL":
        return None
    if kind == "L":
        return [_text(element) for element in held]
    if kind == "M":
        return {name: _text(member) for name, member in held.items()}
    return list(held) if kind in ("SS", "NS", "BS") else held


def _number(text: str) -> int | float:
    number = Decimal(text)
    is_long = number == number.to_integral_value() and -_LONG <= number < _LONG
    return int(number) if is_long else float(number)


def _text(value: Mapping[str, Any]) -> str | None:
    """A nested value as the reader gives it."""
    ((kind, held),) = value.items()
    if kind in ("S", "N"):
        return str(held)
    if kind == "BOOL":
        return str(held).lower()
    if kind == "B":
        return base64.b64encode(held).decode()
    return None if kind == "NULL" else json.dumps(_seen(value), default=_base64)


def _base64(held: bytes) -> str:
    return base64.b64encode(held).decode()


def _stored(value: Any) -> dict[str, Any]:
    """A value of a record as the sink writes it: no set ever."""
    if isinstance(value, dict):
        return {"M": {name: _stored(held) for name, held in value.items() if held is not None}}
    if isinstance(value, list):
        return {"L": [_stored(held) for held in value if held is not None]}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": repr(value)}
    return {"B": value} if isinstance(value, bytes) else {"S": value}
