"""Lake Formation decides beside IAM who may use databases and tables, once its defaults no longer leave it to IAM.

https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.test_glue_crawlers import crawl, make_crawler, put, ready
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, refused

ADMIN = f"arn:aws:iam::{TARGET}:user/target-admin"
OTHER = f"arn:aws:iam::{TARGET}:role/Other"
EVERYTHING = [{"Effect": "Allow", "Action": ["glue:*", "lakeformation:*"], "Resource": "*"}]
DATABASE = {"Database": {"Name": "moves"}}
TABLES = {"Table": {"DatabaseName": "moves", "TableWildcard": {}}}


def close(sandbox: TestSandbox) -> Any:
    """Take new databases and tables out of IAM's hands; the client."""
    lake = sandbox.client("target", "lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    nobody = {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    lake.put_data_lake_settings(DataLakeSettings={**settings, **nobody})
    return lake


def who(principal: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": principal}


def test_by_default_iam_decides_alone(fresh: TestSandbox) -> None:
    lake = fresh.client("target", "lakeformation")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    everything = [{"Principal": who("IAM_ALLOWED_PRINCIPALS"), "Permissions": ["ALL"]}]
    assert settings["CreateDatabaseDefaultPermissions"] == everything
    assert settings["CreateTableDefaultPermissions"] == everything
    assert settings["DataLakeAdmins"] == []
    fresh.client("target", "glue").create_database(DatabaseInput={"Name": "moves"})
    other = fresh.client_of(fresh.role(TARGET, "Other", EVERYTHING), "glue")
    assert other.get_database(Name="moves")["Database"]["Name"] == "moves"


def test_without_the_defaults_a_grant_is_needed(fresh: TestSandbox) -> None:
    lake = close(fresh)
    glue = fresh.client("target", "glue")
    glue.create_database(DatabaseInput={"Name": "moves"})
    glue.create_table(DatabaseName="moves", TableInput={"Name": "orders"})
    other = fresh.client_of(fresh.role(TARGET, "Other", EVERYTHING), "glue")
    with refused("AccessDeniedException") as held:
        other.get_database(Name="moves")
    assert "Insufficient Lake Formation permission(s): Required Describe on moves" in str(held[0])
    assert other.get_databases()["DatabaseList"] == []
    with refused("AccessDeniedException"):
        other.create_table(DatabaseName="moves", TableInput={"Name": "mine"})
    with refused("AccessDeniedException"):
        other.get_table(DatabaseName="moves", Name="orders")
    lake.grant_permissions(Principal=who(OTHER), Resource=DATABASE, Permissions=["CREATE_TABLE"])
    other.get_database(Name="moves")
    other.create_table(DatabaseName="moves", TableInput={"Name": "mine"})
    assert [table["Name"] for table in other.get_tables(DatabaseName="moves")["TableList"]] == ["mine"]
    lake.grant_permissions(Principal=who(OTHER), Resource=TABLES, Permissions=["DESCRIBE"])
    other.get_table(DatabaseName="moves", Name="orders")
    with refused("AccessDeniedException") as held:
        other.delete_table(DatabaseName="moves", Name="orders")
    assert "Required Drop on orders" in str(held[0])


def test_grants_are_listed_and_revoked(fresh: TestSandbox) -> None:
    lake = close(fresh)
    fresh.client("target", "glue").create_database(DatabaseInput={"Name": "moves"})
    fresh.role(TARGET, "Other", EVERYTHING)
    request = {"Principal": who(OTHER), "Resource": DATABASE, "Permissions": ["ALTER", "CREATE_TABLE"]}
    for _ in range(2):
        lake.grant_permissions(**request)
    [held] = lake.list_permissions(Principal=who(OTHER), Resource=DATABASE)["PrincipalResourcePermissions"]
    assert (held["Permissions"], held["PermissionsWithGrantOption"]) == (["ALTER", "CREATE_TABLE"], [])
    assert held["Resource"] == {"Database": {"CatalogId": TARGET, "Name": "moves"}}
    pages = lake.list_permissions(MaxResults=1)
    assert len(pages["PrincipalResourcePermissions"]) == 1
    assert pages["NextToken"]
    lake.revoke_permissions(**request)
    assert lake.list_permissions(Principal=who(OTHER))["PrincipalResourcePermissions"] == []
    with refused("InvalidInputException"):
        lake.revoke_permissions(**request)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Permissions": ["SELECT"]}, "InvalidInputException"),
        ({"Resource": {"Database": {"Name": "nowhere"}}}, "EntityNotFoundException"),
        ({"Principal": who(f"arn:aws:iam::{TARGET}:role/Nobody")}, "InvalidInputException"),
        ({"Principal": who(f"arn:aws:iam::{TARGET}:role/Deep")}, "InvalidInputException"),
        ({"Resource": {"DataLocation": {"ResourceArn": "arn:aws:s3:::b"}}}, "AccessDeniedException"),
        ({"Resource": {"LFTag": {"TagKey": "a", "TagValues": ["b"]}}}, "InvalidInputException"),
        ({"CatalogId": SOURCE}, "AccessDeniedException"),
    ],
    ids=["permission", "database", "principal", "path", "location", "kind", "catalog"],
)
def test_a_grant_that_cannot_be_is_refused(fresh: TestSandbox, more: dict[str, Any], code: str) -> None:
    lake = close(fresh)
    fresh.client("target", "glue").create_database(DatabaseInput={"Name": "moves"})
    trust = document({"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"})
    fresh.client("target", "iam").create_role(RoleName="Deep", Path="/down/", AssumeRolePolicyDocument=trust)
    request = {"Principal": who(ADMIN), "Resource": DATABASE, "Permissions": ["DESCRIBE"], **more}
    with refused(code):
        lake.grant_permissions(**request)


def test_a_role_is_named_with_its_path(fresh: TestSandbox) -> None:
    """https://github.com/data-dot-all/dataall/issues/376"""
    lake = close(fresh)
    fresh.client("target", "glue").create_database(DatabaseInput={"Name": "moves"})
    trust = document({"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam = fresh.client("target", "iam")
    whole = iam.create_role(RoleName="Deep", Path="/down/", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    without = f"arn:aws:iam::{TARGET}:role/Deep"
    with refused("InvalidInputException") as held:
        lake.grant_permissions(Principal=who(without), Resource=DATABASE, Permissions=["DESCRIBE"])
    assert f"Invalid path for user, arn: {without}" in str(held[0])
    lake.grant_permissions(Principal=who(whole), Resource=DATABASE, Permissions=["DESCRIBE"])
    iam.get_role(RoleName="Deep")
    assert fresh.calls(action="iam:GetRole")[-1]["resource"] == whole


def test_of_what_is_not_there_no_grants_are_told(fresh: TestSandbox) -> None:
    """ListPermissions knows no EntityNotFoundException."""
    lake = close(fresh)
    with refused("AccessDeniedException") as held:
        lake.list_permissions(Resource=DATABASE)
    assert "Resource does not exist or requester is not authorized" in str(held[0])


def test_who_may_make_databases_is_lake_formations_to_say(fresh: TestSandbox) -> None:
    """https://github.com/aws-solutions/workload-discovery-on-aws/issues/228"""
    lake = close(fresh)
    other = fresh.client_of(fresh.role(TARGET, "Other", EVERYTHING), "glue")
    with refused("EntityNotFoundException"):
        other.get_database(Name="moves")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [who(ADMIN)]})
    creators = {"Principal": who("IAM_ALLOWED_PRINCIPALS"), "Resource": {"Catalog": {}}}
    [held_before] = lake.list_permissions(**creators)["PrincipalResourcePermissions"]
    assert held_before["Permissions"] == ["CREATE_DATABASE"]
    lake.revoke_permissions(**creators, Permissions=["CREATE_DATABASE"])
    with refused("AccessDeniedException") as held:
        other.create_database(DatabaseInput={"Name": "moves"})
    assert "Insufficient Lake Formation permission(s): Required Create Database on Catalog" in str(held[0])
    with refused("AccessDeniedException") as held:
        other.get_database(Name="moves")
    assert "Required Describe on moves" in str(held[0])
    lake.grant_permissions(Principal=who(OTHER), Resource={"Catalog": {}}, Permissions=["CREATE_DATABASE"])
    other.create_database(DatabaseInput={"Name": "moves"})


def test_only_makers_and_administrators_grant(fresh: TestSandbox) -> None:
    lake = close(fresh)
    fresh.client("target", "glue").create_database(DatabaseInput={"Name": "moves"})
    other = fresh.client_of(fresh.role(TARGET, "Other", EVERYTHING), "lakeformation")
    request = {"Principal": who(OTHER), "Resource": DATABASE, "Permissions": ["DROP"]}
    with refused("AccessDeniedException") as held:
        other.grant_permissions(**request)
    assert "requester is not authorized to access requested permissions" in str(held[0])
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [who(OTHER)]})
    other.grant_permissions(**request)


def test_a_crawler_needs_a_grant_for_its_role(fresh: TestSandbox) -> None:
    lake = close(fresh)
    ready(fresh)
    put(fresh, "a/1.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    failed = crawl(fresh)
    assert failed["Status"] == "FAILED"
    assert "Required Create Table on moves" in failed["ErrorMessage"]
    worker = f"arn:aws:iam::{TARGET}:role/GlueWorker"
    lake.grant_permissions(Principal=who(worker), Resource=DATABASE, Permissions=["CREATE_TABLE"])
    assert crawl(fresh)["Status"] == "SUCCEEDED"


def test_a_table_in_a_registered_location_needs_a_grant(fresh: TestSandbox) -> None:
    """https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html"""
    lake = fresh.client("target", "lakeformation")
    ready(fresh)
    put(fresh, "a/1.json.gz", {"x": 1})
    make_crawler(fresh, "s3://crawled/a/")
    assert lake.list_resources()["ResourceInfoList"] == []
    location = "arn:aws:s3:::crawled"
    lake.register_resource(ResourceArn=location, UseServiceLinkedRole=True)
    with refused("AlreadyExistsException"):
        lake.register_resource(ResourceArn=location, UseServiceLinkedRole=True)
    assert [one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]] == [location]
    failed = crawl(fresh)
    assert failed["Status"] == "FAILED"
    assert failed["ErrorMessage"].startswith("Insufficient Lake Formation permission(s) on s3://crawled/a/")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": [who(ADMIN)]})
    worker = who(f"arn:aws:iam::{TARGET}:role/GlueWorker")
    grant = {"Principal": worker, "Resource": {"DataLocation": {"ResourceArn": location}}}
    lake.grant_permissions(**grant, Permissions=["DATA_LOCATION_ACCESS"])
    [held] = lake.list_permissions(**grant)["PrincipalResourcePermissions"]
    assert held["Resource"] == {"DataLocation": {"CatalogId": TARGET, "ResourceArn": location}}
    assert crawl(fresh)["Status"] == "SUCCEEDED"
