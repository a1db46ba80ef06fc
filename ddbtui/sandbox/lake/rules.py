"""Whether Lake Formation lets a principal do something with the Data Catalog, beside what IAM says.

https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.lake.state import ALL, EVERYBODY, LakeResource, Place

if TYPE_CHECKING:
    from ddbtui.sandbox.world import World

CATALOG = LakeResource()
_WORDS = {
    "ALTER": "Alter",
    "CREATE_DATABASE": "Create Database",
    "CREATE_TABLE": "Create Table",
    "DESCRIBE": "Describe",
    "DROP": "Drop",
}


def may(world: World, place: Place, principal: Principal, permission: str, resource: LakeResource) -> bool:
    """Whether a grant, or being an administrator, allows it. Any permission on a resource lets it be described."""
    if principal.iam_arn in world.lake.admins(place):
        return True
    about = {resource, LakeResource(resource.database, "*")} if resource.table else {resource}
    for grant in world.lake.grants_of(place):
        if grant.resource not in about or not grant.permissions:
            continue
        if grant.principal not in (EVERYBODY, principal.iam_arn):
            continue
        if permission == "DESCRIBE" or {ALL, permission} & grant.permissions:
            return True
    return False


def require(world: World, place: Place, principal: Principal, permission: str, resource: LakeResource) -> None:
    """Raise Lake Formation's refusal unless it is allowed."""
    if not may(world, place, principal, permission, resource):
        raise insufficient(permission, resource)


def insufficient(permission: str, resource: LakeResource) -> AwsError:
    """Lake Formation's refusal."""
    name = resource.table or resource.database or "Catalog"
    message = f"Insufficient Lake Formation permission(s): Required {_WORDS[permission]} on {name}"
    return AwsError("AccessDeniedException", message)


def require_location(world: World, place: Place, principal: Principal, url: str) -> None:
    """Raise Lake Formation's refusal of a table in a registered location, unless it is granted or nobody registered it.

    https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html#data-location-permissions

    Args:
        world: the simulated world.
        place: account and region.
        principal: who makes the table.
        url: of the table's data, e.g. `s3://bucket/folder/`.
    """
    arn = f"arn:aws:s3:::{url.partition('://')[2]}"
    if not any(LakeResource(location=one).covers(arn) for one in world.lake.locations_of(place)):
        return
    granted = (grant for grant in world.lake.grants_of(place) if grant.principal == principal.iam_arn)
    if principal.iam_arn in world.lake.admins(place) or any(grant.resource.covers(arn) for grant in granted):
        return
    raise AwsError("AccessDeniedException", f"Insufficient Lake Formation permission(s) on {url}")


def made(world: World, place: Place, principal: Principal, resource: LakeResource, defaults: list[Any]) -> None:
    """Note a new database or table: its maker may do and grant everything, others what the defaults say.

    Args:
        world: the simulated world.
        place: account and region.
        principal: who made it.
        resource: the new database or table.
        defaults: principals and permissions, as the settings or the database hold them.
    """
    world.lake.grant(place, principal.iam_arn, resource, {ALL}, {ALL})
    for each in defaults:
        who = each["Principal"]["DataLakePrincipalIdentifier"]
        world.lake.grant(place, who, resource, set(each["Permissions"]), set())
