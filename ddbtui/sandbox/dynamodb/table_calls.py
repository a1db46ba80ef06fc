"""CreateTable, DescribeTable, UpdateTable and DeleteTable, with the statuses that pass in between."""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb.table_indexes import check_updates, note_indexes
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import account_of, backend, describe, status_of, table_of
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.resources import find_key
from ddbtui.sandbox.world import World

_OWN = frozenset(
    {"TableClass", "OnDemandThroughput", "StreamSpecification", "SSESpecification", "DeletionProtectionEnabled"}
)
CREATING, UPDATING, DELETING = 0.4, 0.2, 0.3


def create_table(world: World, call: Call, principal: Principal) -> Answer:
    """Create a table; it is CREATING for a while."""
    name = call.params["TableName"]
    if _deleting(world, principal, call.region, name):
        raise AwsError("ResourceInUseException", f"Table is being deleted: {name}")
    params = {key: value for key, value in call.params.items() if key not in ("TableClass", "OnDemandThroughput")}
    params.pop("ResourcePolicy", None)
    sse = params.get("SSESpecification")
    if sse:
        params["SSESpecification"] = resolve_encryption(sse, call.region, principal.account)
    answer = moto_app.forward_json(call, principal.account, params)
    if answer.status >= 300:
        return answer
    table = backend(principal.account, call.region).tables[name]
    state = state_of(table)
    state.table_class = call.params.get("TableClass")
    state.on_demand = call.params.get("OnDemandThroughput")
    note_indexes(world, table, call.params.get("GlobalSecondaryIndexes", []), online=False)
    state.policy = call.params.get("ResourcePolicy")
    state.policy_revision = str(int(world.now() * 1000)) if state.policy else ""
    state.status = ("CREATING", world.after(CREATING))
    return json_answer({"TableDescription": describe(world, table)})


def resolve_encryption(sse: dict[str, Any], region: str, account: str) -> dict[str, Any]:
    """Name the key by its ARN, as AWS reports it."""
    key = sse.get("KMSMasterKeyId")
    if not sse.get("Enabled") or not key:
        return sse
    if not key.startswith("arn:"):
        kind = key if key.startswith("alias/") else f"key/{key}"
        key = f"arn:aws:kms:{region}:{account}:{kind}"
    found = find_key(key)
    if found is None:
        raise AwsError("ValidationException", f"KMS key {key} does not exist or is not accessible")
    return {**sse, "KMSMasterKeyId": found.arn}


def describe_table(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a table, also one that is being deleted."""
    gone = _deleting(world, principal, call.region, call.params.get("TableName", ""))
    if gone:
        return json_answer({"Table": {**gone, "TableStatus": "DELETING"}})
    return json_answer({"Table": describe(world, table_of(call, principal))})


def _deleting(world: World, principal: Principal, region: str, name: str) -> dict[str, Any] | None:
    until, description = world.deleting.get(
        (account_of(name, principal), region, name.rsplit(":table/", maxsplit=1)[-1]), (0.0, {})
    )
    return description if world.now() < until else None


def delete_table(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a table; it is DELETING for a while."""
    table = table_of(call, principal)
    if status_of(world, table) in ("CREATING", "UPDATING"):
        raise AwsError("ResourceInUseException", f"Attempt to change a resource which is still in use: {table.name}")
    description = {**describe(world, table), "TableStatus": "DELETING"}
    answer = moto_app.forward(call, table.account_id)
    if answer.status >= 300:
        return answer
    world.deleting[table.account_id, table.region_name, table.name] = (world.after(DELETING), description)
    return json_answer({"TableDescription": description})


def update_table(world: World, call: Call, principal: Principal) -> Answer:
    """Change a table; it is UPDATING for a while."""
    table, params = table_of(call, principal), call.params
    if status_of(world, table) != "ACTIVE":
        message = f"Attempt to change a resource which is still in use: Table is being updated: {table.name}"
        raise AwsError("ResourceInUseException", message)
    check_updates(world, table, params)
    rest = {key: value for key, value in params.items() if key not in _OWN}
    if "StreamSpecification" in params:
        _change_stream(table, params["StreamSpecification"])
    if set(rest) - {"TableName", "AttributeDefinitions"}:
        before = table.billing_mode
        answer = moto_app.forward_json(call, table.account_id, rest)
        if answer.status >= 300:
            return answer
        if table.billing_mode != before and table.billing_mode == "PAY_PER_REQUEST":
            state_of(table).billing_since = world.now()
    _apply_own(world, table, params)
    made = [update["Create"] for update in params.get("GlobalSecondaryIndexUpdates", []) if "Create" in update]
    note_indexes(world, table, made, online=True)
    state_of(table).status = ("UPDATING", world.after(UPDATING))
    return json_answer({"TableDescription": describe(world, table)})


def _apply_own(world: World, table: Any, params: dict[str, Any]) -> None:
    state = state_of(table)
    if "TableClass" in params:
        state.table_class, state.class_since = params["TableClass"], world.now()
    if "OnDemandThroughput" in params:
        state.on_demand = params["OnDemandThroughput"]
    if "SSESpecification" in params:
        sse = resolve_encryption(params["SSESpecification"], table.region_name, table.account_id)
        if sse.get("Enabled") and "KMSMasterKeyId" not in sse:
            sse = {**sse, "KMSMasterKeyId": table._get_default_encryption_key(table.account_id, table.region_name)}
        table.sse_specification = sse
    if "DeletionProtectionEnabled" in params:
        table.deletion_protection_enabled = params["DeletionProtectionEnabled"]


def _change_stream(table: Any, wanted: dict[str, Any]) -> None:
    enabled = bool((table.stream_specification or {}).get("StreamEnabled"))
    if wanted.get("StreamEnabled"):
        if enabled:
            raise AwsError("ValidationException", f"Table already has an enabled stream: {table.name}")
        table.set_stream_specification(dict(wanted))
        return
    if not enabled:
        raise AwsError("ValidationException", f"Table has no stream to disable: {table.name}")
    table.stream_specification, table.stream_shard = {"StreamEnabled": False}, None
