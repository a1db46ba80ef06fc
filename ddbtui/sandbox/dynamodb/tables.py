"""Finding tables, and describing them as AWS does. Uses moto's private `Table` attributes.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from calendar import timegm
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb.table_indexes import describe_phase, warm_throughput
from ddbtui.sandbox.dynamodb.table_state import TableState, state_of
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World


def backend(account: str, region: str) -> Any:
    """Moto's DynamoDB of one account and region."""
    return dynamodb_backends[account][region]


def account_of(name: str, principal: Principal) -> str:
    """The account whose table a name or ARN means."""
    return name.split(":")[4] if name.startswith("arn:") else principal.account


def table_of(call: Call, principal: Principal, member: str = "TableName") -> Any:
    """Moto's table that a call is about.

    Raises:
        AwsError: there is none.
    """
    name = str(call.params.get(member, ""))
    region = name.split(":")[3] if name.startswith("arn:") else call.region
    short = name.rsplit(":table/", maxsplit=1)[-1].split("/", maxsplit=1)[0]
    table = backend(account_of(name, principal), region).tables.get(short)
    if table is None:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {short} not found")
    return table


def status_of(world: World, table: Any) -> str:
    """CREATING and UPDATING pass with time."""
    state = state_of(table)
    if state.status is None or world.now() >= state.status[1]:
        return "ACTIVE"
    return state.status[0]


def describe(world: World, table: Any) -> dict[str, Any]:
    """The TableDescription; what AWS leaves out is left out."""
    state = state_of(table)
    size, count = _size(table, state)
    status = status_of(world, table)
    on_demand = table.billing_mode == "PAY_PER_REQUEST"
    data: dict[str, Any] = {
        "AttributeDefinitions": table.attr,
        "TableName": table.name,
        "KeySchema": table.schema,
        "TableStatus": status,
        "CreationDateTime": epoch(table.created_at),
        "ProvisionedThroughput": _throughput(table.throughput, on_demand=on_demand),
        "TableSizeBytes": size,
        "ItemCount": count,
        "TableArn": table.table_arn,
        "TableId": state.table_id,
        "DeletionProtectionEnabled": bool(table.deletion_protection_enabled),
        "WarmThroughput": warm_throughput(table, on_demand=on_demand),
    }
    if on_demand:
        since = state.billing_since or epoch(table.created_at)
        data["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": since}
    elif state.billing_since:
        data["BillingModeSummary"] = {
            "BillingMode": "PROVISIONED",
            "LastUpdateToPayPerRequestDateTime": state.billing_since,
        }
    if state.on_demand:
        data["OnDemandThroughput"] = state.on_demand
    if state.table_class:
        data["TableClassSummary"] = {"TableClass": state.table_class}
        if state.class_since:
            data["TableClassSummary"]["LastUpdateDateTime"] = state.class_since
    _add_indexes(world, data, table)
    _add_stream(data, table)
    sse = table.sse_specification
    if sse and sse.get("Enabled") is True:
        data["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": sse.get("KMSMasterKeyId")}
    return data


def _throughput(units: dict[str, Any], *, on_demand: bool) -> dict[str, Any]:
    read, write = (0, 0) if on_demand else (units.get("ReadCapacityUnits", 0), units.get("WriteCapacityUnits", 0))
    return {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": read, "WriteCapacityUnits": write}


def _size(table: Any, state: TableState) -> tuple[int, int]:
    """AWS refreshes these about every six hours; here they are never far off."""
    count = len(table)
    if state.size is None or state.size[1] != count:
        state.size = (sum(item.size() for item in table.all_items()), count)
    return state.size


def _add_indexes(world: World, data: dict[str, Any], table: Any) -> None:
    size, count, state = data["TableSizeBytes"], data["ItemCount"], state_of(table)
    on_demand = table.billing_mode == "PAY_PER_REQUEST"
    for member, indexes in (("LocalSecondaryIndexes", table.indexes), ("GlobalSecondaryIndexes", table.global_indexes)):
        described = []
        for index in indexes:
            one: dict[str, Any] = {
                "IndexName": index.name,
                "KeySchema": index.schema,
                "Projection": index.projection,
                "IndexSizeBytes": size,
                "ItemCount": count,
                "IndexArn": f"{table.table_arn}/index/{index.name}",
            }
            if member.startswith("Global"):
                one |= describe_phase(world, table, index.name)
                if data["TableStatus"] == "CREATING":
                    one["IndexStatus"] = "CREATING"
                one["WarmThroughput"] = warm_throughput(index, on_demand=on_demand)
                one["ProvisionedThroughput"] = _throughput(index.throughput or {}, on_demand=on_demand)
                if index.name in state.index_on_demand:
                    one["OnDemandThroughput"] = state.index_on_demand[index.name]
            described.append(one)
        if described:
            data[member] = described


def _add_stream(data: dict[str, Any], table: Any) -> None:
    if table.latest_stream_label:
        data["LatestStreamLabel"] = table.latest_stream_label
        data["LatestStreamArn"] = f"{table.table_arn}/stream/{table.latest_stream_label}"
    if (table.stream_specification or {}).get("StreamEnabled"):
        data["StreamSpecification"] = table.stream_specification


def epoch(moment: Any) -> float:
    """Epoch seconds of moto's naive UTC times."""
    return float(timegm(moment.timetuple()) + moment.microsecond / 1e6)
