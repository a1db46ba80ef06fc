"""The switches of AWS Backup: of the organization, and of each account and Region; and tags.

https://docs.aws.amazon.com/aws-backup/latest/devguide/manage-cross-account.html
"""

from __future__ import annotations

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.organizations_service import manager_of
from ddbtui.sandbox.world import World

CROSS_ACCOUNT = "isCrossAccountBackupEnabled"
_OFF = {CROSS_ACCOUNT: "false", "isMpaEnabled": "false", "isDelegatedAdministratorEnabled": "false"}
_TYPES = ("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")


def is_cross_account(world: World, organization: str) -> bool:
    """Whether an organization lets its members copy backups to one another."""
    return world.backup.global_settings.get(organization, {}).get(CROSS_ACCOUNT) == "true"


def _organization(world: World, principal: Principal) -> str:
    organization = world.organization_of(principal.account)
    if organization is None:
        raise AwsError("InvalidRequestException", "Your account is not a member of an organization.")
    return organization


def describe_global(world: World, call: Call, principal: Principal) -> Answer:
    """Tell any member of an organization how its switches stand."""
    settings = world.backup.global_settings.get(_organization(world, principal), {})
    return json_answer({"GlobalSettings": {**_OFF, **settings}, "LastUpdateTime": 1_700_000_000})


def update_global(world: World, call: Call, principal: Principal) -> Answer:
    """Switch something; the management account alone can."""
    organization = _organization(world, principal)
    if principal.account != manager_of(world, organization):
        message = "Global settings can be updated only by the management account of the organization."
        raise AwsError("InvalidRequestException", message)
    if world.organization_features != "ALL":
        raise AwsError("InvalidRequestException", "All features must be enabled in the organization.")
    for name, value in call.params.get("GlobalSettings", {}).items():
        if name not in _OFF or value not in ("true", "false"):
            raise AwsError("InvalidParameterValueException", f"Invalid global setting: {name}={value}")
        world.backup.global_settings.setdefault(organization, {})[name] = value
    return json_answer({})


def describe_region(world: World, call: Call, principal: Principal) -> Answer:
    """Tell the switches of an account in a Region."""
    place = (principal.account, call.region)
    opt_in = {name: name != "DynamoDB" for name in _TYPES}
    return json_answer(
        {
            "ResourceTypeOptInPreference": {**opt_in, **world.backup.opt_in.get(place, {})},
            "ResourceTypeManagementPreference": {
                "DynamoDB": False,
                "EFS": True,
                **world.backup.management.get(place, {}),
            },
        }
    )


def update_region(world: World, call: Call, principal: Principal) -> Answer:
    """Switch resource types; those that are not named stay as they are."""
    place = (principal.account, call.region)
    wanted = call.params.get("ResourceTypeManagementPreference") or {}
    world.backup.opt_in.setdefault(place, {}).update(call.params.get("ResourceTypeOptInPreference") or {})
    world.backup.management.setdefault(place, {}).update(wanted)
    return json_answer({})


def list_tags(world: World, call: Call, principal: Principal) -> Answer:
    """The tags of a vault, recovery point or plan."""
    return json_answer({"Tags": _tags(world, call, principal)})


def _tags(world: World, call: Call, principal: Principal) -> dict[str, str]:
    arn = str(call.params["ResourceArn"])
    own = arn.split(":")[4:5] == [principal.account]
    if not own or arn not in world.backup.tags:
        raise AwsError("ResourceNotFoundException", f"Resource not found: {arn}", 404)
    return world.backup.tags[arn]


def tag(world: World, call: Call, principal: Principal) -> Answer:
    """Add tags."""
    _tags(world, call, principal).update(call.params.get("Tags") or {})
    return json_answer({})


def untag(world: World, call: Call, principal: Principal) -> Answer:
    """Remove tags."""
    held = _tags(world, call, principal)
    for name in call.params.get("TagKeyList") or ():
        held.pop(name, None)
    return json_answer({})
