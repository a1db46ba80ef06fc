"""The Data Catalog's database, and Lake Formation, which may want grants on it: made, granted, and taken back."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from ddbtui.aws.account import Account
from ddbtui.errors import UserError
from ddbtui.methods.resources import remove
from ddbtui.plan.model import AccountRef
from ddbtui.prerequisites.catalog_database import CatalogDatabase
from ddbtui.prerequisites.lake_formation import LakeFormation
from tests.aws.live import REGION, TARGET, Live
from tests.prerequisites.holding import checked, remedied
from tests.support.sandbox import document

DATABASE = "ddbtui_0123456789ab"
ROLE = f"arn:aws:iam::{TARGET}:role/glue-worker"
LOCATION = "arn:aws:s3:::staging/ddbtui"
ARN = f"arn:aws:glue:{REGION}:{TARGET}:database/{DATABASE}"


def administrator(live: Live, arn: str) -> None:
    """Make somebody an administrator of the data lake."""
    lakeformation = live.admin("target", "lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    admins = [{"DataLakePrincipalIdentifier": arn}]
    lakeformation.put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": admins})


def database(live: Live) -> CatalogDatabase:
    return CatalogDatabase(live.move(), DATABASE)


def lake(live: Live) -> LakeFormation:
    return LakeFormation(live.move(), DATABASE, ROLE, LOCATION)


def grants(live: Live) -> list[tuple[str, list[str]]]:
    """Who was granted what."""
    found = live.admin("target", "lakeformation").list_permissions()["PrincipalResourcePermissions"]
    return sorted((one["Principal"]["DataLakePrincipalIdentifier"], sorted(one["Permissions"])) for one in found)


@pytest.fixture
def governed(live: Live) -> Live:
    """An account whose administrators let Lake Formation decide, with the database."""
    lakeformation = live.admin("target", "lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    settings |= {"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    lakeformation.put_data_lake_settings(DataLakeSettings=settings)
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    live.admin("target", "iam").create_role(RoleName="glue-worker", AssumeRolePolicyDocument=document(trust))
    database(live).apply(live.recorded.append)
    return live


def test_before_the_database_is_there_nothing_is_granted(governed: Live) -> None:
    governed.admin("target", "glue").delete_database(Name=DATABASE)
    finding = checked(governed, lake(governed))
    assert finding.outcome == "fail"
    assert finding.remedy
    assert len(finding.remedy.changes) == 2


def test_the_database_is_made_and_removed(live: Live) -> None:
    before, recorded = remedied_with_tag(live)
    assert DATABASE in before.evidence
    (resource,) = recorded
    assert (resource.kind, resource.name, resource.fate) == ("catalog-database", ARN, "remove")
    remove(live.account("target"), resource)
    remove(live.account("target"), resource)
    assert checked(live, database(live)).outcome == "fail"


def remedied_with_tag(live: Live) -> Any:
    """The tag is declared without a line of its own in the dry run, so `holding.remedied` does not fit."""
    before = checked(live, database(live))
    assert before.remedy
    assert (before.remedy.changes[-1].action, before.remedy.changes[-1].resource) == ("glue:CreateDatabase", ARN)
    recorded: list[Any] = []
    live.forget()
    database(live).apply(recorded.append)
    declared = {(one.action, one.resource) for one in (*database(live).access(), *database(live).remedy_access())}
    assert {(action, resource) for _, action, resource in live.used()} == declared
    assert checked(live, database(live)).outcome == "pass"
    again: list[Any] = []
    database(live).apply(again.append)
    assert again == []
    return before, recorded


def test_a_database_of_others_is_left_alone(live: Live) -> None:
    live.admin("target", "glue").create_database(DatabaseInput={"Name": DATABASE})
    finding = checked(live, database(live))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "was not made by ddbtui" in finding.evidence


def test_by_default_iam_decides(live: Live) -> None:
    finding = checked(live, lake(live))
    assert (finding.outcome, finding.evidence) == ("pass", "Lake Formation leaves new databases and tables to IAM.")


def test_grants_are_made_and_revoked(governed: Live) -> None:
    own = grants(governed)  # of who made the database
    before, recorded = remedied(governed, lake(governed))
    assert f"ALTER, CREATE_TABLE, DESCRIBE on database {DATABASE} to {ROLE}" in before.evidence
    assert f"DESCRIBE, DROP on the tables of {DATABASE}" in before.evidence
    caller = governed.move().target.identity.principal_arn
    made = [one for one in grants(governed) if one not in own]
    assert made == sorted([(ROLE, ["ALTER", "CREATE_TABLE", "DESCRIBE"]), (caller, ["DESCRIBE", "DROP"])])
    for resource in recorded:
        assert (resource.kind, resource.fate) == ("lake-grant", "remove")
        remove(governed.account("target"), resource)
        remove(governed.account("target"), resource)
    assert grants(governed) == own


def test_a_caller_of_a_role_is_granted_it_with_the_path(governed: Live) -> None:
    """SSO's roles have one, which STS leaves out."""
    iam = governed.admin("target", "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "sts:AssumeRole"}
    where = {"RoleName": "AWSReservedSSO_Mover", "Path": "/aws-reserved/sso.amazonaws.com/"}
    role = iam.create_role(**where, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName="AWSReservedSSO_Mover", PolicyName="p", PolicyDocument=everything)
    administrator(governed, role)
    with open(governed.sandbox.environment["AWS_CONFIG_FILE"], "a") as config:
        config.write(f"\n[profile sso]\nrole_arn = {role}\nsource_profile = target\nregion = {REGION}\n")
    move = governed.move(target=governed.account("target", profile="sso"))
    prerequisite = LakeFormation(move, DATABASE, ROLE, LOCATION)
    recorded: list[Any] = []
    governed.forget()
    prerequisite.apply(recorded.append)
    declared = [*prerequisite.access(), *prerequisite.remedy_access()]
    for side, action, resource in governed.used() - {("target", "sts:AssumeRole", role)}:
        assert any((side, action) == (one.side, one.action) and fnmatchcase(resource, one.resource) for one in declared)
    assert (role, ["DESCRIBE", "DROP"]) in grants(governed)
    named = AccountRef(profile="target", region=REGION, account_id=TARGET, role_arn=role)
    known = LakeFormation(governed.move(target=Account("target", named)), DATABASE, ROLE, LOCATION)
    assert "iam:GetRole" not in {one.action for one in known.access()}
    assert known.check().outcome == "pass"


def test_who_may_not_make_databases_is_told_whom_to_ask(governed: Live) -> None:
    governed.admin("target", "glue").delete_database(Name=DATABASE)
    administrator(governed, f"arn:aws:iam::{TARGET}:user/target-admin")
    lakeformation = governed.admin("target", "lakeformation")
    creators = {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Resource": {"Catalog": {}}}
    limited = governed.limited("target", ("*", "*"))
    prerequisite = CatalogDatabase(governed.move(target=limited), DATABASE)
    assert (prerequisite.check().outcome, bool(prerequisite.check().remedy)) == ("fail", True)
    lakeformation.revoke_permissions(**creators, Permissions=["CREATE_DATABASE"])
    finding = prerequisite.check()
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "grant CREATE_DATABASE on the catalog" in finding.advice
    with pytest.raises(UserError) as held:
        prerequisite.apply(lambda _: None)
    assert "Lake Formation" in held.value.hint


def test_only_what_lacks_is_granted(governed: Live) -> None:
    governed.admin("target", "lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE},
        Resource={"Database": {"Name": DATABASE}},
        Permissions=["ALL"],
    )
    before = checked(governed, lake(governed))
    assert before.remedy
    assert [change.after.split(" on ")[0] for change in before.remedy.changes] == ["DESCRIBE, DROP"]


def test_what_can_not_be_read_is_unknown(live: Live) -> None:
    limited = live.limited("target")
    finding = LakeFormation(live.move(target=limited), DATABASE, ROLE, LOCATION).check()
    assert finding.outcome == "unknown"
    assert "lakeformation:GetDataLakeSettings" in finding.evidence


@pytest.mark.parametrize(
    ("registered", "outcome"),
    [
        ("arn:aws:s3:::staging", "warn"),
        ("arn:aws:s3:::staging/ddbtui/", "warn"),
        ("arn:aws:s3:::staging/dd", "pass"),
        ("arn:aws:s3:::staging-2", "pass"),
    ],
)
def test_a_location_that_is_registered_is_told(live: Live, registered: str, outcome: str) -> None:
    live.admin("target", "lakeformation").register_resource(ResourceArn=registered, UseServiceLinkedRole=True)
    finding = checked(live, lake(live))
    assert finding.outcome == outcome
    assert (f"does not grant DATA_LOCATION_ACCESS on it to {ROLE}" in finding.evidence) == (outcome == "warn")


def test_a_location_whose_grants_are_hidden_is_told(live: Live) -> None:
    live.admin("target", "lakeformation").register_resource(
        ResourceArn="arn:aws:s3:::staging", UseServiceLinkedRole=True
    )
    live.fault("denied", service="lakeformation", operation="ListPermissions")
    assert lake(live).check().outcome == "warn"


def test_a_location_that_is_granted_is_fine(governed: Live) -> None:
    administrator(governed, f"arn:aws:iam::{TARGET}:user/target-admin")
    lakeformation = governed.admin("target", "lakeformation")
    lakeformation.register_resource(ResourceArn="arn:aws:s3:::staging", UseServiceLinkedRole=True)
    lake(governed).apply(governed.recorded.append)
    assert checked(governed, lake(governed)).outcome == "warn"
    lakeformation.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ROLE},
        Resource={"DataLocation": {"ResourceArn": "arn:aws:s3:::staging"}},
        Permissions=["DATA_LOCATION_ACCESS"],
    )
    assert checked(governed, lake(governed)).outcome == "pass"
