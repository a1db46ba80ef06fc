"""DynamoDB: which operations the sandbox answers itself; all others are moto's."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb import exports, imports, item_calls, table_calls, table_settings
from ddbtui.sandbox.dynamodb.tables import account_of
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

Operation = Callable[[World, Call, Principal], Answer]
_OPERATIONS: dict[str, Operation] = {
    "CreateTable": table_calls.create_table,
    "DescribeTable": table_calls.describe_table,
    "UpdateTable": table_calls.update_table,
    "DeleteTable": table_calls.delete_table,
    "DescribeContinuousBackups": table_settings.describe_continuous_backups,
    "UpdateContinuousBackups": table_settings.update_continuous_backups,
    "GetResourcePolicy": table_settings.get_resource_policy,
    "PutResourcePolicy": table_settings.put_resource_policy,
    "DeleteResourcePolicy": table_settings.delete_resource_policy,
    "UpdateContributorInsights": table_settings.update_contributor_insights,
    "DescribeContributorInsights": table_settings.describe_contributor_insights,
    "ListContributorInsights": table_settings.list_contributor_insights,
    "DescribeKinesisStreamingDestination": table_settings.describe_kinesis_streaming_destination,
    "DescribeLimits": table_settings.describe_limits,
    "UpdateTimeToLive": table_settings.update_time_to_live,
    "Scan": item_calls.scan,
    "PutItem": item_calls.write,
    "UpdateItem": item_calls.write,
    "DeleteItem": item_calls.write,
    "BatchWriteItem": item_calls.write,
    "TransactWriteItems": item_calls.write,
    "GetItem": item_calls.read,
    "Query": item_calls.read,
    "BatchGetItem": item_calls.read,
    "ExportTableToPointInTime": exports.export_table,
    "DescribeExport": exports.describe_export,
    "ListExports": exports.list_exports,
    "ImportTable": imports.import_table,
    "DescribeImport": imports.describe_import,
    "ListImports": imports.list_imports,
}

_UNKNOWN = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
"""PartiQL would write past what the sandbox notes of every write."""


def dynamodb(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a DynamoDB call; the caller was found to be allowed."""
    if call.operation in _UNKNOWN:
        raise AwsError("UnknownOperationException", f"The sandbox does not know dynamodb:{call.operation}")
    operation = _OPERATIONS.get(call.operation)
    if operation:
        return operation(world, call, principal)
    return moto_app.forward(call, account_of(str(call.params.get("TableName", "")), principal))
