"""The Data Catalog: databases, tables, connections, and the rights on them.

https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, refused

START = f"arn:aws:glue:{REGION}:{TARGET}"
TABLE = {"Name": "Orders", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "string"}], "Location": "s3://b/"}}


def test_databases_are_kept_in_lower_case(fresh: TestSandbox) -> None:
    glue = fresh.client("target", "glue")
    glue.create_database(DatabaseInput={"Name": "Moves", "Parameters": {"a": "1"}}, Tags={"ddbtui:run": "1"})
    told = glue.get_database(Name="MOVES")["Database"]
    assert (told["Name"], told["Parameters"], told["CatalogId"]) == ("moves", {"a": "1"}, TARGET)
    everybody = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    assert told["CreateTableDefaultPermissions"] == [{"Principal": everybody, "Permissions": ["ALL"]}]
    assert glue.get_tags(ResourceArn=f"{START}:database/moves")["Tags"] == {"ddbtui:run": "1"}
    with refused("AlreadyExistsException"):
        glue.create_database(DatabaseInput={"Name": "moves"})
    glue.update_database(Name="moves", DatabaseInput={"Name": "moves", "Description": "new"})
    assert glue.get_database(Name="moves")["Database"]["Description"] == "new"
    assert fresh.client("source", "glue").get_databases()["DatabaseList"] == []
    with refused("AccessDeniedException"):
        glue.get_database(Name="moves", CatalogId=SOURCE)
    glue.delete_database(Name="moves")
    with refused("EntityNotFoundException"):
        glue.get_database(Name="moves")


def test_tables_are_made_changed_and_deleted(fresh: TestSandbox) -> None:
    glue = fresh.client("target", "glue")
    with refused("EntityNotFoundException"):
        glue.create_table(DatabaseName="moves", TableInput=TABLE)
    glue.create_database(DatabaseInput={"Name": "moves"})
    glue.create_table(DatabaseName="moves", TableInput=TABLE)
    with refused("AlreadyExistsException"):
        glue.create_table(DatabaseName="moves", TableInput=TABLE)
    told = glue.get_table(DatabaseName="moves", Name="orders")["Table"]
    assert (told["Name"], told["DatabaseName"], told["VersionId"]) == ("orders", "moves", "0")
    assert told["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "string"}]
    glue.update_table(DatabaseName="moves", TableInput={**TABLE, "Description": "changed"})
    changed = glue.get_table(DatabaseName="moves", Name="orders")["Table"]
    assert (changed["Description"], changed["VersionId"]) == ("changed", "1")
    for name in ("b", "c"):
        glue.create_table(DatabaseName="moves", TableInput={**TABLE, "Name": name})
    pages = glue.get_paginator("get_tables").paginate(DatabaseName="moves", PaginationConfig={"PageSize": 2})
    assert [[table["Name"] for table in page["TableList"]] for page in pages] == [["b", "c"], ["orders"]]
    assert len(glue.get_tables(DatabaseName="moves", Expression="or.*")["TableList"]) == 1
    answer = glue.batch_delete_table(DatabaseName="moves", TablesToDelete=["b", "nowhere"])
    assert [error["TableName"] for error in answer["Errors"]] == ["nowhere"]
    glue.delete_table(DatabaseName="moves", Name="c")
    with refused("EntityNotFoundException"):
        glue.delete_table(DatabaseName="moves", Name="c")
    glue.delete_database(Name="moves")
    glue.create_database(DatabaseInput={"Name": "moves"})
    assert glue.get_tables(DatabaseName="moves")["TableList"] == []


def test_a_right_is_needed_on_all_that_lies_above(fresh: TestSandbox) -> None:
    admin = fresh.client("target", "glue")
    admin.create_database(DatabaseInput={"Name": "moves"})
    admin.create_table(DatabaseName="moves", TableInput=TABLE)
    parts = [f"{START}:catalog", f"{START}:database/moves", f"{START}:table/moves/orders"]

    def client(name: str, resources: list[str], *actions: str) -> Any:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
        return fresh.client_of(fresh.role(TARGET, name, [statement]), "glue")

    client("Reader", parts, "glue:GetTable").get_table(DatabaseName="moves", Name="orders")
    for number in range(3):
        with refused("AccessDeniedException") as held:
            glue = client(f"Reader{number}", parts[:number] + parts[number + 1 :], "glue:GetTable")
            glue.get_table(DatabaseName="moves", Name="orders")
        assert f"glue:GetTable on resource: {parts[number]}" in str(held[0])
    with refused("AccessDeniedException") as held:
        client("Dropper", parts[:2], "glue:DeleteDatabase").delete_database(Name="moves")
    assert f"{START}:table/moves/*" in str(held[0])
    inside = [*parts[:2], f"{START}:table/moves/*", f"{START}:userDefinedFunction/moves/*"]
    client("Remover", inside, "glue:DeleteDatabase").delete_database(Name="moves")


def test_connections_are_kept(fresh: TestSandbox) -> None:
    glue = fresh.client("target", "glue")
    needs = {"SubnetId": "subnet-1", "SecurityGroupIdList": ["sg-1"], "AvailabilityZone": f"{REGION}a"}
    given = {"Name": "inside", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput={**given, "PhysicalConnectionRequirements": needs})
    told = glue.get_connection(Name="inside")["Connection"]
    assert (told["ConnectionType"], told["PhysicalConnectionRequirements"]) == ("NETWORK", needs)
    assert len(glue.get_connections(Filter={"ConnectionType": "NETWORK"})["ConnectionList"]) == 1
    assert glue.get_connections(Filter={"ConnectionType": "JDBC"})["ConnectionList"] == []
    with refused("AlreadyExistsException"):
        glue.create_connection(ConnectionInput=given)
    glue.delete_connection(ConnectionName="inside")
    with refused("EntityNotFoundException"):
        glue.get_connection(Name="inside")


@pytest.mark.parametrize("operation", ["create_partition", "get_partitions"])
def test_partitions_are_not_there(fresh: TestSandbox, operation: str) -> None:
    more = {"PartitionInput": {}} if operation == "create_partition" else {}
    with refused("UnknownOperationException"):
        getattr(fresh.client("target", "glue"), operation)(DatabaseName="a", TableName="b", **more)
