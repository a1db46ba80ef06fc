"""The databases of the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-databases.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.glue.state import Database
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.lake import rules
from ddbtui.sandbox.lake.state import LakeResource
from ddbtui.sandbox.world import World


def check_catalog(call: Call, principal: Principal) -> None:
    """Refuse the catalog of another account: the sandbox's are not shared."""
    catalog = call.params.get("CatalogId")
    if catalog not in (None, principal.account):
        raise AwsError("AccessDeniedException", f"Account {principal.account} has no access to catalog {catalog}")


def folded(name: Any) -> str:
    """A name as the catalog keeps it: in lower case, as Hive does."""
    text = str(name)
    if not 1 <= len(text) <= 255:
        raise invalid("A name has 1 to 255 characters.")
    return text.lower()


def database_named(world: World, call: Call, principal: Principal, name: Any) -> Database:
    """The caller's database.

    Who could not make one is not told that there is none. Whom exactly AWS tells it is inferred: reports say only that
    Lake Formation decides first. https://github.com/trinodb/trino/pull/30297

    Raises:
        AwsError: there is none.
    """
    check_catalog(call, principal)
    database = world.glue.databases.get((principal.account, call.region, folded(name)))
    if database is None:
        if not rules.may(world, (principal.account, call.region), principal, "CREATE_DATABASE", rules.CATALOG):
            raise rules.insufficient("DESCRIBE", LakeResource(folded(name)))
        raise missing(f"Database {folded(name)} not found.")
    return database


def _require(world: World, principal: Principal, permission: str, database: Database) -> None:
    place = (database.account, database.region)
    rules.require(world, place, principal, permission, LakeResource(database.name))


def create_database(world: World, call: Call, principal: Principal) -> Answer:
    """Create a database."""
    check_catalog(call, principal)
    rules.require(world, (principal.account, call.region), principal, "CREATE_DATABASE", rules.CATALOG)
    given = {name: value for name, value in call.params["DatabaseInput"].items() if name != "Name"}
    place = (principal.account, call.region)
    database = Database(*place, folded(call.params["DatabaseInput"]["Name"]), given, world.now())
    if (*place, database.name) in world.glue.databases:
        raise AwsError("AlreadyExistsException", "Database already exists.")
    settings = world.lake.settings_of(place)
    given.setdefault("CreateTableDefaultPermissions", settings["CreateTableDefaultPermissions"])
    world.glue.databases[*place, database.name] = database
    world.glue.tags[database.arn] = dict(call.params.get("Tags") or {})
    defaults = settings["CreateDatabaseDefaultPermissions"]
    rules.made(world, place, principal, LakeResource(database.name), defaults)
    return json_answer({})


def _describe(database: Database) -> dict[str, Any]:
    told = {"Name": database.name, "CreateTime": database.created, "CatalogId": database.account}
    return {**database.given, **told}


def get_database(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a database."""
    database = database_named(world, call, principal, call.params["Name"])
    _require(world, principal, "DESCRIBE", database)
    return json_answer({"Database": _describe(database)})


def get_databases(world: World, call: Call, principal: Principal) -> Answer:
    """Describe all databases that the caller may see, a page at a time."""
    check_catalog(call, principal)
    place = (principal.account, call.region)
    rows = [
        _describe(database)
        for database in sorted(world.glue.databases.values(), key=lambda database: database.name)
        if (database.account, database.region) == place
        and rules.may(world, place, principal, "DESCRIBE", LakeResource(database.name))
    ]
    return paged("DatabaseList", rows, call, most=100)


def update_database(world: World, call: Call, principal: Principal) -> Answer:
    """Replace what is said of a database."""
    database = database_named(world, call, principal, call.params["Name"])
    _require(world, principal, "ALTER", database)
    kept = {"CreateTableDefaultPermissions": database.given["CreateTableDefaultPermissions"]}
    given = {name: value for name, value in call.params["DatabaseInput"].items() if name != "Name"}
    database.given = {**kept, **given}
    return json_answer({})


def delete_database(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a database and all tables in it."""
    database = database_named(world, call, principal, call.params["Name"])
    _require(world, principal, "DROP", database)
    place = (database.account, database.region)
    for table in world.glue.tables_of(database):
        del world.glue.tables[*place, database.name, table.name]
        world.lake.forget(place, LakeResource(database.name, table.name))
    world.lake.forget(place, LakeResource(database.name, "*"))
    world.lake.forget(place, LakeResource(database.name))
    del world.glue.databases[*place, database.name]
    world.glue.tags.pop(database.arn, None)
    return json_answer({})
