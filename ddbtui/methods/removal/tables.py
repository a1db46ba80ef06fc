"""Takes away the tables that a run made, and switches backups off that it switched on.

Nothing here can touch a source table: of that only the setting of its backups is undone.
"""

from __future__ import annotations

from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.inventory import find_table
from ddbtui.aws.paging import pages
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.text import shown


def table_is_ours(account: Account, resource: Resource) -> bool:
    """Whether the recorded table exists and is the one that the recorded import (or call) made.

    Args:
        account: the target account.
        resource: of kind `table`; its data has `table_id`, `import_arn` or the import's `client_token`.
    """
    described = _described_table(account, resource)
    return described is not None and described.get("TableId") in _own_table_ids(account, resource)


def remove_table(account: Account, resource: Resource) -> None:
    """Delete the table that the run made.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
    """
    if resource.side != "target":
        raise UserError(f"{shown(resource.name)} is a source table; ddbtui never deletes one")
    described = _described_table(account, resource)
    if described is None or described["TableStatus"] == "DELETING":
        return
    if described.get("TableId") not in _own_table_ids(account, resource):
        raise UserError(
            f"table {shown(resource.name)} was not made by this run", "Delete it yourself if it is not wanted."
        )
    account.client("dynamodb").delete_table(TableName=described["TableName"])


def _described_table(account: Account, resource: Resource) -> dict[str, Any] | None:
    return find_table(account, resource.name.rsplit("/", 1)[-1])


def _own_table_ids(account: Account, resource: Resource) -> set[str]:
    """The ids of tables that the run's own calls made; a table of the same name made since has another."""
    if table_id := resource.data.get("table_id"):
        return {str(table_id)}
    if {"restore", "made_after"} & resource.data.keys():  # what should have made it never said that it has
        return set()
    imports = [resource.data["import_arn"]] if resource.data.get("import_arn") else _imports(account, resource)
    found = [account.client("dynamodb").describe_import(ImportArn=arn)["ImportTableDescription"] for arn in imports]
    token = resource.data.get("client_token")
    return {str(one["TableId"]) for one in found if one.get("TableId") and token in (None, one.get("ClientToken"))}


def _imports(account: Account, resource: Resource) -> list[str]:
    listed = pages(account.client("dynamodb").list_imports, "ImportSummaryList", TableArn=resource.name)
    return [str(summary["ImportArn"]) for summary in listed]


def switch_recovery_off(account: Account, resource: Resource) -> None:
    """Switch continuous backups off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
    """
    name = resource.name.rsplit("/", 1)[-1]
    dynamodb = account.client("dynamodb")
    with suppress_codes("TableNotFoundException"):
        found = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        if found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
            dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
            )
