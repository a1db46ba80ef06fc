"""Point-in-time recovery, resource policies, contributor insights, Kinesis destinations, limits and TTL."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import table_of
from ddbtui.sandbox.iam.linked_roles import CONTRIBUTOR_INSIGHTS, use_linked_role
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import page
from ddbtui.sandbox.resources import find_table
from ddbtui.sandbox.world import World

_LAG = 300.0
_POLICY_LIMIT = 20 * 1024


def _backups(world: World, table: Any) -> Answer:
    state = state_of(table)
    recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if state.pitr_since is not None:
        earliest = max(state.pitr_since, world.now() - state.pitr_days * 86400)
        recovery = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": state.pitr_days,
            "EarliestRestorableDateTime": earliest,
            "LatestRestorableDateTime": max(earliest, world.now() - _LAG),
        }
    description = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
    return json_answer({"ContinuousBackupsDescription": description})


def describe_continuous_backups(world: World, call: Call, principal: Principal) -> Answer:
    """Whether PITR is on, and its window."""
    return _backups(world, _named(call, principal))


def update_continuous_backups(world: World, call: Call, principal: Principal) -> Answer:
    """Turn PITR on or off."""
    table, wanted = _named(call, principal), call.params["PointInTimeRecoverySpecification"]
    state = state_of(table)
    if wanted["PointInTimeRecoveryEnabled"]:
        days = int(wanted.get("RecoveryPeriodInDays", state.pitr_days if state.pitr_since else 35))
        if not 1 <= days <= 35:
            raise AwsError("ValidationException", "RecoveryPeriodInDays must be between 1 and 35")
        state.pitr_days = days
        state.pitr_since = world.now() if state.pitr_since is None else state.pitr_since
    else:
        state.pitr_since = None
    return _backups(world, table)


def _named(call: Call, principal: Principal) -> Any:
    try:
        return table_of(call, principal)
    except AwsError:
        name = call.params.get("TableName")
        raise AwsError("TableNotFoundException", f"Table not found: {name}") from None


def _of_arn(call: Call) -> Any:
    arn = str(call.params.get("ResourceArn", ""))
    if "/stream/" in arn and call.operation != "GetResourcePolicy":
        raise AwsError("UnknownOperationException", "The sandbox keeps policies of tables only")
    table = find_table(arn)
    if table is None:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: {call.params.get('ResourceArn')}")
    return table


def get_resource_policy(_: World, call: Call, __: Principal) -> Answer:
    """The table's policy and its revision."""
    state = state_of(_of_arn(call))
    if not state.policy or "/stream/" in call.params["ResourceArn"]:
        arn = call.params["ResourceArn"]
        raise AwsError(
            "PolicyNotFoundException", f"Resource-based policy not found for the provided ResourceArn: {arn}"
        )
    return json_answer({"Policy": state.policy, "RevisionId": state.policy_revision})


def put_resource_policy(_: World, call: Call, __: Principal) -> Answer:
    """Attach a policy; the same text again changes no revision."""
    state = state_of(_of_arn(call))
    _check_revision(state, call.params.get("ExpectedRevisionId"))
    text = call.params["Policy"]
    try:
        statements = json.loads(text)["Statement"]
        assert statements
    except (ValueError, KeyError, TypeError, AssertionError):
        raise AwsError("ValidationException", "Resource-based policy document is not valid JSON") from None
    if len(text.encode()) > _POLICY_LIMIT:
        raise AwsError("ValidationException", "Resource-based policy is larger than 20 KB")
    if text != state.policy:
        state.policy, state.policy_revision = text, str(uuid4().int % 10**13)
    return json_answer({"RevisionId": state.policy_revision})


def delete_resource_policy(_: World, call: Call, __: Principal) -> Answer:
    """Remove the policy."""
    state = state_of(_of_arn(call))
    _check_revision(state, call.params.get("ExpectedRevisionId"))
    revision, state.policy, state.policy_revision = state.policy_revision, None, ""
    return json_answer({"RevisionId": revision} if revision else {})


def _check_revision(state: Any, expected: str | None) -> None:
    held = state.policy_revision or "NO_POLICY"
    if expected is not None and expected != held:
        raise AwsError("PolicyNotFoundException", f"The expected revision {expected} does not match")


def update_contributor_insights(world: World, call: Call, principal: Principal) -> Answer:
    """Turn insights on or off for a table or an index.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Contributor_Insights_IAM.html
    """
    table, index = table_of(call, principal), _index(call, principal)
    insights = state_of(table).insights
    mode = call.params.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")
    if call.params["ContributorInsightsAction"] == "ENABLE":
        use_linked_role(world, principal, CONTRIBUTOR_INSIGHTS, "dynamodb")
        insights[index] = mode
    else:
        insights.pop(index, None)
    return json_answer(_insight(table, index))


def describe_contributor_insights(_: World, call: Call, principal: Principal) -> Answer:
    """Whether insights are on."""
    return json_answer(_insight(table_of(call, principal), _index(call, principal)))


def list_contributor_insights(_: World, call: Call, principal: Principal) -> Answer:
    """Insights of a table and its indexes, or of all tables, a page at a time."""
    from ddbtui.sandbox.dynamodb.tables import backend

    tables = [table_of(call, principal)] if call.params.get("TableName") else []
    tables = tables or list(backend(principal.account, call.region).tables.values())
    found = [_insight(table, index) for table in tables for index in _indexes(table)]
    rows, token = page(found, call.params.get("NextToken"), call.params.get("MaxResults") or 100)
    return json_answer({"ContributorInsightsSummaries": rows, **({"NextToken": token} if token else {})})


def _indexes(table: Any) -> list[str]:
    return ["", *(index.name for index in table.global_indexes)]


def _index(call: Call, principal: Principal) -> str:
    index = str(call.params.get("IndexName", ""))
    if index not in _indexes(table_of(call, principal)):
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: index {index}")
    return index


def _insight(table: Any, index: str) -> dict[str, Any]:
    mode = state_of(table).insights.get(index)
    row: dict[str, Any] = {"TableName": table.name, "ContributorInsightsStatus": "ENABLED" if mode else "DISABLED"}
    if index:
        row["IndexName"] = index
    if mode:
        row["ContributorInsightsMode"] = mode
    return row


def describe_kinesis_streaming_destination(_: World, call: Call, principal: Principal) -> Answer:
    """No table of the sandbox has one."""
    return json_answer({"TableName": table_of(call, principal).name, "KinesisDataStreamDestinations": []})


def describe_limits(_: World, __: Call, ___: Principal) -> Answer:
    """The default quotas."""
    account, table = 80_000, 40_000
    return json_answer(
        {
            "AccountMaxReadCapacityUnits": account,
            "AccountMaxWriteCapacityUnits": account,
            "TableMaxReadCapacityUnits": table,
            "TableMaxWriteCapacityUnits": table,
        }
    )


def update_time_to_live(_: World, call: Call, principal: Principal) -> Answer:
    """Refuse what changes nothing, as AWS does."""
    table, wanted = table_of(call, principal), call.params["TimeToLiveSpecification"]
    enabled = table.ttl.get("TimeToLiveStatus") == "ENABLED"
    if enabled == bool(wanted["Enabled"]):
        raise AwsError("ValidationException", f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    return moto_app.forward(call, table.account_id)
