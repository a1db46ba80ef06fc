"""The tables of the Data Catalog, without partitions and old versions.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

import re
from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.glue.databases import database_named, folded
from ddbtui.sandbox.glue.state import Database, Table
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.lake import rules
from ddbtui.sandbox.lake.state import LakeResource
from ddbtui.sandbox.world import World


def table_in(world: World, database: Database, name: Any) -> Table:
    """A table of a database.

    Raises:
        AwsError: there is none.
    """
    table = world.glue.tables.get((database.account, database.region, database.name, folded(name)))
    if table is None:
        raise missing(f"Table {folded(name)} not found.")
    return table


def _require(world: World, principal: Principal, permission: str, table: Table) -> None:
    place = (table.database.account, table.database.region)
    rules.require(world, place, principal, permission, LakeResource(table.database.name, table.name))


def put_table(world: World, principal: Principal, database: Database, name: str, given: dict[str, Any]) -> Table:
    """Make a table in someone's name.

    Raises:
        AwsError: it is there already, or Lake Formation refuses it.
    """
    place = (database.account, database.region)
    rules.require(world, place, principal, "CREATE_TABLE", LakeResource(database.name))
    rules.require_location(world, place, principal, str(given.get("StorageDescriptor", {}).get("Location", "")))
    if (*place, database.name, name) in world.glue.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    now = world.now()
    table = Table(database, name, given, now, now, principal.arn)
    world.glue.tables[*place, database.name, name] = table
    defaults = database.given["CreateTableDefaultPermissions"]
    rules.made(world, place, principal, LakeResource(database.name, name), defaults)
    return table


def change_table(world: World, principal: Principal, table: Table, given: dict[str, Any]) -> None:
    """Replace what is said of a table, in someone's name.

    Raises:
        AwsError: Lake Formation refuses it.
    """
    _require(world, principal, "ALTER", table)
    table.given, table.updated, table.version = given, world.now(), table.version + 1


def _given(call: Call) -> tuple[str, dict[str, Any]]:
    whole = call.params.get("TableInput")
    if not whole or call.params.get("OpenTableFormatInput"):
        raise invalid("The sandbox knows tables by their TableInput only")
    return folded(whole["Name"]), {name: value for name, value in whole.items() if name != "Name"}


def create_table(world: World, call: Call, principal: Principal) -> Answer:
    """Create a table."""
    database = database_named(world, call, principal, call.params["DatabaseName"])
    put_table(world, principal, database, *_given(call))
    return json_answer({})


def _describe(table: Table) -> dict[str, Any]:
    told = {
        "Name": table.name,
        "DatabaseName": table.database.name,
        "CreateTime": table.created,
        "UpdateTime": table.updated,
        "CreatedBy": table.maker,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": table.database.account,
        "VersionId": str(table.version),
    }
    return {"Retention": 0, "PartitionKeys": [], **table.given, **told}


def get_table(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a table."""
    table = table_in(world, database_named(world, call, principal, call.params["DatabaseName"]), call.params["Name"])
    _require(world, principal, "DESCRIBE", table)
    return json_answer({"Table": _describe(table)})


def get_tables(world: World, call: Call, principal: Principal) -> Answer:
    """Describe the tables of a database that the caller may see, a page at a time."""
    database = database_named(world, call, principal, call.params["DatabaseName"])
    place = (database.account, database.region)
    wanted = re.compile(str(call.params.get("Expression") or ".*"))
    rows = [
        _describe(table)
        for table in world.glue.tables_of(database)
        if wanted.fullmatch(table.name)
        and rules.may(world, place, principal, "DESCRIBE", LakeResource(database.name, table.name))
    ]
    return paged("TableList", rows, call, most=100)


def update_table(world: World, call: Call, principal: Principal) -> Answer:
    """Replace what is said of a table."""
    name, given = _given(call)
    table = table_in(world, database_named(world, call, principal, call.params["DatabaseName"]), name)
    change_table(world, principal, table, given)
    return json_answer({})


def _delete(world: World, principal: Principal, database: Database, name: str) -> None:
    table = table_in(world, database, name)
    _require(world, principal, "DROP", table)
    place = (database.account, database.region)
    del world.glue.tables[*place, database.name, table.name]
    world.lake.forget(place, LakeResource(database.name, table.name))


def delete_table(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a table; its files stay."""
    database = database_named(world, call, principal, call.params["DatabaseName"])
    _delete(world, principal, database, call.params["Name"])
    return json_answer({})


def delete_tables(world: World, call: Call, principal: Principal) -> Answer:
    """Delete many tables; what can't be deleted is told, each for itself."""
    database = database_named(world, call, principal, call.params["DatabaseName"])
    errors: list[dict[str, Any]] = []
    for name in call.params["TablesToDelete"]:
        try:
            _delete(world, principal, database, name)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return json_answer({"Errors": errors} if errors else {})
