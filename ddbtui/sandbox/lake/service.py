"""AWS Lake Formation, as far as the Data Catalog's databases and tables go: settings, and grants that are enforced.

Not here, and refused: columns, tags, filters and shares with other accounts.
https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_Operations_AWS_Lake_Formation.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.iam.principals import Principal, principal_exists, role_path
from ddbtui.sandbox.lake.state import ALL, EVERYBODY, Grant, LakeResource, Place
from ddbtui.sandbox.world import ACCOUNTS, World

_DATABASE = {ALL, "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"}
_TABLE = {ALL, "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"}
_CATALOG = {ALL, "CREATE_DATABASE"}
_LOCATION = {"DATA_LOCATION_ACCESS"}
_NOT_TOLD = "Resource does not exist or requester is not authorized to access requested permissions."


def _place(call: Call, principal: Principal) -> Place:
    if call.params.get("CatalogId") not in (None, principal.account):
        raise AwsError("AccessDeniedException", "The sandbox shares no catalogs across accounts.")
    return principal.account, call.region


def get_settings(world: World, call: Call, principal: Principal) -> Answer:
    """Tell the settings."""
    return json_answer({"DataLakeSettings": world.lake.settings_of(_place(call, principal))})


def put_settings(world: World, call: Call, principal: Principal) -> Answer:
    """Replace the settings: what is left out is empty from then on."""
    place = _place(call, principal)
    held = world.lake.settings_of(place)
    emptied: dict[str, Any] = {name: [] if isinstance(value, list) else value for name, value in held.items()}
    world.lake.settings[place] = {**emptied, **call.params["DataLakeSettings"]}
    return json_answer({})


def _resource(world: World, place: Place, data: dict[str, Any]) -> LakeResource:
    kind = next(iter(data), "")
    if kind == "Catalog":
        return LakeResource()
    if kind == "Database":
        found = LakeResource(str(data[kind]["Name"]))
    elif kind == "DataLocation":
        found = LakeResource(location=str(data[kind]["ResourceArn"]))
        if not any(LakeResource(location=one).covers(found.location) for one in world.lake.locations_of(place)):
            raise AwsError("AccessDeniedException", _NOT_TOLD)
        return found
    elif kind == "Table":
        name = "*" if "TableWildcard" in data[kind] else str(data[kind]["Name"])
        found = LakeResource(str(data[kind]["DatabaseName"]), name)
    else:
        raise invalid(f"The sandbox knows no Lake Formation resources of the kind {kind}")
    if (*place, found.database) not in world.glue.databases:
        raise missing(f"Database not found: {found.database}")
    if found.table not in ("", "*") and (*place, found.database, found.table) not in world.glue.tables:
        raise missing(f"Table not found: {found.table}")
    return found


def _wanted(call: Call, resource: LakeResource) -> tuple[set[str], set[str]]:
    known = _TABLE if resource.table else _DATABASE if resource.database else _CATALOG
    known = _LOCATION if resource.location else known
    permissions = set(call.params.get("Permissions") or ())
    grantable = set(call.params.get("PermissionsWithGrantOption") or ())
    if not permissions or not permissions <= known or not grantable <= permissions:
        raise invalid("Permissions modification is invalid.")
    return permissions, grantable


def _check_grantor(
    world: World, place: Place, principal: Principal, resource: LakeResource, permissions: set[str]
) -> None:
    """An administrator, who made the resource, or who was given the permission to grant it."""
    if principal.iam_arn in world.lake.admins(place):
        return
    above = {resource, LakeResource(resource.database, "*")} if resource.table else {resource}
    if resource.table == "*":
        above.add(LakeResource(resource.database))
    for grant in world.lake.grants_of(place):
        own = grant.principal == principal.iam_arn and grant.resource in above
        if own and (ALL in grant.grantable or permissions <= grant.grantable):
            return
    raise AwsError("AccessDeniedException", _NOT_TOLD)


def _grantee(call: Call) -> str:
    """Who is granted something: a role by its whole ARN, with the path that STS leaves out.

    https://github.com/data-dot-all/dataall/issues/376
    """
    name = str(call.params["Principal"]["DataLakePrincipalIdentifier"])
    if name != EVERYBODY and not principal_exists(name, set(ACCOUNTS)):
        parts = name.split(":")
        known = ":role/" in name and parts[4] in ACCOUNTS and role_path(parts[4], name.rsplit("/", 1)[-1])
        raise invalid(f"Invalid path for user, arn: {name}" if known else f"Invalid principal, arn: {name}")
    return name


def grant(world: World, call: Call, principal: Principal) -> Answer:
    """Let a principal do something; to grant it again changes nothing."""
    place = _place(call, principal)
    resource = _resource(world, place, call.params["Resource"])
    permissions, grantable = _wanted(call, resource)
    _check_grantor(world, place, principal, resource, permissions)
    world.lake.grant(place, _grantee(call), resource, permissions, grantable)
    return json_answer({})


def revoke(world: World, call: Call, principal: Principal) -> Answer:
    """Take back what a principal was granted."""
    place = _place(call, principal)
    resource = _resource(world, place, call.params["Resource"])
    permissions, grantable = _wanted(call, resource)
    _check_grantor(world, place, principal, resource, permissions)
    grantee = str(call.params["Principal"]["DataLakePrincipalIdentifier"])
    held = world.lake.find(place, grantee, resource)
    if held is None or not permissions <= held.permissions:
        raise invalid("No permissions revoked. Grantee does not have these permissions on the resource.")
    held.permissions -= permissions
    held.grantable -= permissions | grantable
    if not held.permissions:
        world.lake.grants.remove(held)
    return json_answer({})


def list_permissions(world: World, call: Call, principal: Principal) -> Answer:
    """Tell the grants, of one principal or on one resource if asked, a page at a time.

    Of what does not exist it knows no other error than the one of who may not ask.
    https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListPermissions.html#API_ListPermissions_Errors
    """
    place = _place(call, principal)
    grants = world.lake.grants_of(place)
    who = call.params.get("Principal")
    if who:
        grants = [grant for grant in grants if grant.principal == who["DataLakePrincipalIdentifier"]]
    if call.params.get("Resource"):
        try:
            wanted = _resource(world, place, call.params["Resource"])
        except AwsError as error:
            if error.code != "EntityNotFoundException":
                raise
            raise AwsError("AccessDeniedException", _NOT_TOLD) from error
        about = {wanted, LakeResource(wanted.database, "*")} if wanted.table else {wanted}
        grants = [grant for grant in grants if grant.resource in about]
    return paged("PrincipalResourcePermissions", [_describe(grant) for grant in grants], call)


def _describe(grant: Grant) -> dict[str, Any]:
    catalog, resource = {"CatalogId": grant.place[0]}, grant.resource
    table: dict[str, Any] = {"TableWildcard": {}} if resource.table == "*" else {"Name": resource.table}
    about: dict[str, Any] = {"Catalog": {}}
    if resource.location:
        about = {"DataLocation": {**catalog, "ResourceArn": resource.location}}
    elif resource.table:
        about = {"Table": {**catalog, "DatabaseName": resource.database, **table}}
    elif resource.database:
        about = {"Database": {**catalog, "Name": resource.database}}
    return {
        "Principal": {"DataLakePrincipalIdentifier": grant.principal},
        "Resource": about,
        "Permissions": sorted(grant.permissions),
        "PermissionsWithGrantOption": sorted(grant.grantable),
    }


def register(world: World, call: Call, principal: Principal) -> Answer:
    """Register a bucket, or a folder in one: who makes a table there needs a grant from then on."""
    arn, locations = str(call.params["ResourceArn"]), world.lake.locations_of(_place(call, principal))
    if not arn.startswith("arn:aws:s3:::"):
        raise invalid("Invalid ResourceArn.")
    if arn in locations:
        raise AwsError("AlreadyExistsException", "Resource is already registered")
    role = f"arn:aws:iam::{principal.account}:role/aws-service-role/lakeformation.amazonaws.com/"
    role += "AWSServiceRoleForLakeFormationDataAccess"
    locations[arn] = {"ResourceArn": arn, "RoleArn": call.params.get("RoleArn") or role, "LastModified": world.now()}
    return json_answer({})


def list_resources(world: World, call: Call, principal: Principal) -> Answer:
    """Tell what is registered, a page at a time."""
    if call.params.get("FilterConditionList"):
        raise invalid("The sandbox filters no resources")
    return paged("ResourceInfoList", list(world.lake.locations_of(_place(call, principal)).values()), call)


_OPERATIONS: dict[str, Callable[[World, Call, Principal], Answer]] = {
    "GetDataLakeSettings": get_settings,
    "PutDataLakeSettings": put_settings,
    "GrantPermissions": grant,
    "RevokePermissions": revoke,
    "ListPermissions": list_permissions,
    "ListResources": list_resources,
    "RegisterResource": register,
}


def lakeformation(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to Lake Formation; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know lakeformation:{call.operation}")
    return operation(world, call, principal)
