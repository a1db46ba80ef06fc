"""What the simulated AWS Lake Formation holds: settings and grants. Wiped with the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EVERYBODY = "IAM_ALLOWED_PRINCIPALS"
ALL = "ALL"
Place = tuple[str, str]


def defaults() -> dict[str, Any]:
    """The settings of an account that never used Lake Formation: IAM's policies decide alone."""
    everything = [{"Principal": {"DataLakePrincipalIdentifier": EVERYBODY}, "Permissions": [ALL]}]
    return {
        "DataLakeAdmins": [],
        "ReadOnlyAdmins": [],
        "CreateDatabaseDefaultPermissions": everything,
        "CreateTableDefaultPermissions": everything,
        "Parameters": {"CROSS_ACCOUNT_VERSION": "1", "SET_CONTEXT": "TRUE"},
        "TrustedResourceOwners": [],
        "AllowExternalDataFiltering": False,
        "ExternalDataFilteringAllowList": [],
    }


@dataclass(frozen=True)
class LakeResource:
    """What a grant is about.

    Args:
        database: its name; empty for the catalog.
        table: its name; `*` for all tables of the database, empty for the database itself.
        location: ARN of a bucket or of a folder in one, instead of both.
    """

    database: str = ""
    table: str = ""
    location: str = ""

    def covers(self, arn: str) -> bool:
        """Whether something in S3 lies in the location."""
        return bool(self.location) and f"{arn.rstrip('/')}/".startswith(f"{self.location.rstrip('/')}/")


@dataclass
class Grant:
    """What one principal may do with one resource.

    Args:
        principal: an ARN, or `IAM_ALLOWED_PRINCIPALS`.
        permissions: e.g. `DESCRIBE`.
        grantable: those that it may grant to others.
    """

    place: Place
    principal: str
    resource: LakeResource
    permissions: set[str] = field(default_factory=set)
    grantable: set[str] = field(default_factory=set)


@dataclass
class LakeState:
    """Everything, by account and region."""

    settings: dict[Place, dict[str, Any]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    registered: dict[Place, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def locations_of(self, place: Place) -> dict[str, dict[str, Any]]:
        """The locations in S3 that are registered, by ARN, as they are described."""
        return self.registered.setdefault(place, {})

    def settings_of(self, place: Place) -> dict[str, Any]:
        """The settings of an account in a region."""
        if place not in self.settings:
            self.settings[place] = defaults()
            # Until an administrator revokes it: https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
            self.grants.append(Grant(place, EVERYBODY, LakeResource(), {"CREATE_DATABASE"}))
        return self.settings[place]

    def grants_of(self, place: Place) -> list[Grant]:
        """The grants of an account in a region."""
        self.settings_of(place)
        return [grant for grant in self.grants if grant.place == place]

    def admins(self, place: Place) -> set[str]:
        """ARNs of the administrators of the data lake."""
        return {each["DataLakePrincipalIdentifier"] for each in self.settings_of(place).get("DataLakeAdmins", ())}

    def grant(
        self, place: Place, principal: str, resource: LakeResource, permissions: set[str], grantable: set[str]
    ) -> None:
        """Add to what a principal may do."""
        found = self.find(place, principal, resource)
        if found is None:
            found = Grant(place, principal, resource)
            self.grants.append(found)
        found.permissions |= permissions
        found.grantable |= grantable

    def find(self, place: Place, principal: str, resource: LakeResource) -> Grant | None:
        """The grant for exactly this principal and resource."""
        wanted = (place, principal, resource)
        return next((each for each in self.grants if (each.place, each.principal, each.resource) == wanted), None)

    def forget(self, place: Place, resource: LakeResource) -> None:
        """Drop the grants on a resource that is deleted."""
        self.grants = [each for each in self.grants if (each.place, each.resource) != (place, resource)]
