"""Lake Formation, which may ask for grants of its own where crawlers and jobs use the Data Catalog.

https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import lake_formation_wants, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.aws.paging import pages
from ddbtui.aws.principals import whole_principal_access, whole_principal_arn
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.catalog_database import catalog_arns, find_database

_EVERYBODY = "IAM_ALLOWED_PRINCIPALS"
"""While it has ALL, IAM's policies decide alone."""


@dataclass(frozen=True)
class _Grant:
    """What one principal must be granted.

    Args:
        principal: ARN of a role or user.
        resource: as `GrantPermissions` takes it.
        permissions: Lake Formation's.
    """

    principal: str
    resource: Mapping[str, Any]
    permissions: tuple[str, ...]

    def __str__(self) -> str:
        kind, named = next(iter(self.resource.items()))
        what = {
            "Database": f"database {named.get('Name')}",
            "DataLocation": "it",
        }.get(kind, f"the tables of {named.get('DatabaseName')}")
        return f"{', '.join(self.permissions)} on {what} to {self.principal}"

    @property
    def parameters(self) -> dict[str, Any]:
        """What grants and revokes it."""
        who = {"DataLakePrincipalIdentifier": self.principal}
        return {"Principal": who, "Resource": dict(self.resource), "Permissions": list(self.permissions)}


class LakeFormation(Prerequisite):
    """The role of crawlers and jobs may use the database, and so may the caller.

    Who makes a table may do everything with it, so the role needs no grant on the tables that its crawlers make; the
    caller, who reads and removes them, does.

    A grant to a role must name its path: https://github.com/data-dot-all/dataall/issues/376

    Args:
        move: the plan with its accounts.
        database: in the target's Data Catalog.
        role: ARN of the role.
        location: ARN of the bucket, with the folder that the crawlers read, e.g. `arn:aws:s3:::staging/ddbtui`.
    """

    id = "lake-formation"
    title = "Lake Formation lets crawlers and jobs use the database"

    def __init__(self, move: Move, database: str, role: str, location: str) -> None:
        super().__init__(move)
        self._database = database
        self._role = role
        self._location = location

    @answering
    def check(self) -> Finding:
        """See whether Lake Formation has a say at all, and then what it grants."""
        alone = self._iam_alone()
        lacking = [] if alone else list(self._lacking())
        if not lacking:
            evidence = f"Lake Formation grants what is needed on database {self._database}."
            if alone:
                evidence = "Lake Formation leaves new databases and tables to IAM."
            return self._registered() or self.finding("pass", evidence)
        evidence = f"Lake Formation decides on new databases and does not grant {'; '.join(map(str, lacking))}."
        advice = "Grant it, as an administrator of the data lake."
        return self.finding("fail", evidence, advice, self._remedy(lacking))

    def _registered(self) -> Finding | None:
        """Warn where a location is registered in which the crawlers' tables lie, and the role may not use it.

        https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html#data-location-permissions
        """
        listed = (str(one["ResourceArn"]) for one in pages(self._client().list_resources, "ResourceInfoList"))
        for arn in (one for one in listed if f"{self._location}/".startswith(f"{one.rstrip('/*')}/")):
            grant = _Grant(self._role, {"DataLocation": {"ResourceArn": arn}}, ("DATA_LOCATION_ACCESS",))
            held: set[str] = set()
            with suppress_codes("AccessDeniedException", "InvalidInputException"):  # hidden, or of a role to come
                held = self._held(grant)
            if not held.issuperset(grant.permissions):
                evidence = f"{arn} is registered with Lake Formation and does not grant {grant}: crawls may be refused."
                advice = "Grant it, as an administrator of the data lake, or use a bucket that is not registered."
                return self.finding("warn", evidence, advice)
        return None

    def _iam_alone(self) -> bool:
        settings = self._client().get_data_lake_settings()["DataLakeSettings"]
        names = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")
        return all(_everything(settings.get(name, ()), _EVERYBODY) for name in names)

    def _wanted(self) -> list[_Grant]:
        database = {"Database": {"Name": self._database}}
        tables = {"Table": {"DatabaseName": self._database, "TableWildcard": {}}}
        caller = whole_principal_arn(self.move.target)
        return [
            _Grant(self._role, database, ("ALTER", "CREATE_TABLE", "DESCRIBE")),
            _Grant(caller, tables, ("DESCRIBE", "DROP")),
        ]

    def _lacking(self) -> Iterator[_Grant]:
        known = self._is_there()
        for grant in self._wanted():
            held = self._held(grant) if known else set()
            if "ALL" not in held and not held.issuperset(grant.permissions):
                yield grant

    def _is_there(self) -> bool:
        """Whether the database is made. Lake Formation has no error of its own for one that is not: it denies access.

        https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListPermissions.html#API_ListPermissions_Errors
        """
        try:
            return find_database(self.move.target, self._database) is not None
        except Exception as error:
            if not lake_formation_wants(error):
                raise
            return True  # or hidden from the caller, which ListPermissions tells

    def _held(self, grant: _Grant) -> set[str]:
        """What the principal has already."""
        asked = {name: grant.parameters[name] for name in ("Principal", "Resource")}
        found = pages(self._client().list_permissions, "PrincipalResourcePermissions", **asked)
        return {one for entry in found for one in entry["Permissions"]}

    def _remedy(self, lacking: Iterable[_Grant]) -> Remedy:
        owner, arn = self.move.target.account_id, "*"
        grants = list(lacking)
        made = (Change("target", owner, "lakeformation:GrantPermissions", arn, "", str(one)) for one in grants)
        leaves = (self._resource(one) for one in grants)
        return Remedy("Grant it (revoked when the run cleans up)", tuple(made), tuple(leaves))

    def _resource(self, grant: _Grant) -> Resource:
        name = f"{self._arn}#{','.join(grant.permissions)}"
        return Resource("lake-grant", "target", name, "remove", grant.parameters)

    @property
    def _arn(self) -> str:
        return catalog_arns(self.move.target, f"database/{self._database}")[-1]

    @explaining
    def apply(self, record: Record) -> None:
        """Grant what lacks; a repeated grant changes nothing."""
        for grant in self._lacking():
            record(self._resource(grant))
            self._client().grant_permissions(**grant.parameters)

    def access(self) -> Sequence[Access]:
        """Settings, database, grants and the caller's role; Lake Formation's actions have no resource."""
        why = "see what Lake Formation grants on the database"
        actions = [f"lakeformation:{each}" for each in ("GetDataLakeSettings", "ListPermissions", "ListResources")]
        caller = whole_principal_access(self.move.target, "see the path of the caller's role, which a grant names")
        arns = catalog_arns(self.move.target, f"database/{self._database}")
        return [
            *(Access("target", action, "*", why) for action in actions),
            *(Access("target", "glue:GetDatabase", arn, why) for arn in arns),
            *caller,
        ]

    def remedy_access(self) -> Sequence[Access]:
        """Grants."""
        why = "let crawlers and jobs use the database"
        return [Access("target", "lakeformation:GrantPermissions", "*", why, changes=True)]

    def undo_access(self) -> Sequence[Access]:
        """Revocations."""
        why = "revoke what ddbtui granted"
        return [Access("target", "lakeformation:RevokePermissions", "*", why, changes=True)]

    def _client(self) -> Any:
        return self.move.target.client("lakeformation")


def _everything(permissions: Iterable[Mapping[str, Any]], principal: str) -> bool:
    return any(
        one.get("Principal", {}).get("DataLakePrincipalIdentifier") == principal and "ALL" in one.get("Permissions", ())
        for one in permissions
    )
