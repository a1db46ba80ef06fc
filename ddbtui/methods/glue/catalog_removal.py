"""Takes away what a run made in the Data Catalog: crawlers, their tables, the database, grants of Lake Formation."""

from __future__ import annotations

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, reason
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.catalog_database import find_database, is_made
from ddbtui.text import shown

_GONE = "EntityNotFoundException"


def remove_crawler(account: Account, resource: Resource) -> None:
    """Delete the crawler; its name has the run's id in it.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteCrawler.html
    """
    name = str(resource.data["crawler"])
    try:
        account.client("glue").delete_crawler(Name=name)
    except Exception as error:
        if code(error) == "CrawlerRunningException":
            hint = "Stop it or wait for its end, then clean up again."
            raise UserError(f"crawler {shown(name)} could not be removed: {reason(error)}", hint) from error
        if code(error) != _GONE:
            raise


def remove_catalog_tables(account: Account, resource: Resource) -> None:
    """Delete the tables that the run's crawler made; their names begin with the run's id.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html
    """
    glue, database, prefix = account.client("glue"), str(resource.data["database"]), str(resource.data["prefix"])
    try:
        listed = glue.get_paginator("get_tables").paginate(DatabaseName=database)
        names = [table["Name"] for page in listed for table in page["TableList"] if table["Name"].startswith(prefix)]
        for name in names:
            glue.delete_table(DatabaseName=database, Name=name)
    except Exception as error:
        if code(error) != _GONE:
            raise


def remove_catalog_database(account: Account, resource: Resource) -> None:
    """Delete the database that ddbtui made, with whatever is left in it.

    https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html
    """
    name = str(resource.data["database"])
    found = find_database(account, name)
    if found is None:
        return
    if not is_made(found):
        raise UserError(f"database {shown(name)} was not made by ddbtui", "Delete it yourself if it is not wanted.")
    try:
        account.client("glue").delete_database(Name=name)
    except Exception as error:
        if code(error) != _GONE:
            raise


def revoke_grant(account: Account, resource: Resource) -> None:
    """Revoke what was granted. With the database its grants are gone; one that is revoked already is an invalid input.

    https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RevokePermissions.html
    """
    parameters = {name: resource.data[name] for name in ("Principal", "Resource", "Permissions")}
    try:
        account.client("lakeformation").revoke_permissions(**parameters)
    except Exception as error:
        if code(error) not in (_GONE, "InvalidInputException"):
            raise
