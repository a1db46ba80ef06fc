"""An export and an import, as the tests of the sandbox need them."""

from __future__ import annotations

from typing import Any

from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, make_bucket, wait_for

BUCKET = "moving-bucket"
DONE = ("COMPLETED", "FAILED")


def arn_of(table: str, account: str = SOURCE) -> str:
    return f"arn:aws:dynamodb:{REGION}:{account}:table/{table}"


def switch_on(sandbox: TestSandbox, table: str = "orders", client: Any = None) -> None:
    (client or sandbox.client("source", "dynamodb")).update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def ready(sandbox: TestSandbox, table: str = "orders") -> None:
    make_bucket(sandbox, BUCKET)
    switch_on(sandbox, table)


def start_export(sandbox: TestSandbox, table: str = "orders", client: Any = None, **more: Any) -> dict[str, Any]:
    request = {"TableArn": arn_of(table), "S3Bucket": BUCKET, "S3BucketOwner": TARGET, "S3Prefix": "run/1", **more}
    client = client or sandbox.client("source", "dynamodb")
    started: dict[str, Any] = client.export_table_to_point_in_time(**request)["ExportDescription"]
    return started


def finish_export(sandbox: TestSandbox, started: dict[str, Any], client: Any = None) -> dict[str, Any]:
    client = client or sandbox.client("source", "dynamodb")

    def look() -> dict[str, Any] | None:
        got: dict[str, Any] = client.describe_export(ExportArn=started["ExportArn"])["ExportDescription"]
        return got if got["ExportStatus"] in DONE else None

    found: dict[str, Any] = wait_for(look)
    return found


def export(sandbox: TestSandbox, table: str = "orders", client: Any = None, **more: Any) -> dict[str, Any]:
    return finish_export(sandbox, start_export(sandbox, table, client, **more), client)


def data_prefix(described: dict[str, Any]) -> str:
    return str(described["ExportManifest"]).removesuffix("manifest-summary.json") + "data/"


def import_request(sandbox: TestSandbox, table: str, prefix: str, **more: Any) -> dict[str, Any]:
    source = sandbox.client("source", "dynamodb").describe_table(TableName=table)["Table"]
    creation = {
        "TableName": table,
        "KeySchema": source["KeySchema"],
        "AttributeDefinitions": source["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    indexes = source.get("GlobalSecondaryIndexes")
    if indexes:
        kept = ("IndexName", "KeySchema", "Projection")
        creation["GlobalSecondaryIndexes"] = [{name: index[name] for name in kept} for index in indexes]
    creation.update(more.pop("creation", {}))
    return {
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "GZIP",
        "S3BucketSource": {"S3BucketOwner": TARGET, "S3Bucket": BUCKET, "S3KeyPrefix": prefix},
        "TableCreationParameters": creation,
        **more,
    }


def finish_import(sandbox: TestSandbox, request: dict[str, Any], client: Any = None) -> dict[str, Any]:
    client = client or sandbox.client("target", "dynamodb")
    started = client.import_table(**request)["ImportTableDescription"]

    def look() -> dict[str, Any] | None:
        got: dict[str, Any] = client.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
        return got if got["ImportStatus"] in DONE else None

    found: dict[str, Any] = wait_for(look)
    return found
