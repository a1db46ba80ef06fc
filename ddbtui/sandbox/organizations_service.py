"""AWS Organizations as members see it. https://docs.aws.amazon.com/organizations/latest/APIReference/."""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.profiles import MANAGEMENT, SOURCE, TARGET
from ddbtui.sandbox.world import World

ONE, OTHER = "o-sandbox0001", "o-sandbox0002"
_NAMES = {SOURCE: "shop-old", TARGET: "shop-new", MANAGEMENT: "management"}


def put_together(
    world: World, *, same: bool | None, features: str = "ALL", manager: str = MANAGEMENT, sharing: bool = False
) -> None:
    """Put source and target into one organization, or the target into another, or (None) all into none.

    Args:
        world: the simulated world.
        same: whether both are in one.
        features: `ALL` or `CONSOLIDATED_BILLING`.
        manager: the management account of the first; the other one's is the target.
        sharing: whether AWS RAM shares within it without invitations.
    """
    world.organization_features = features
    world.managers = {ONE: manager, OTHER: TARGET}
    world.backup.ram.within_organization = sharing
    if same is None:
        world.organizations = {}
        return
    world.organizations = {MANAGEMENT: ONE, SOURCE: ONE, TARGET: ONE if same else OTHER}


def manager_of(world: World, organization: str) -> str:
    """The management account of an organization."""
    return world.managers[organization]


def organizations(world: World, call: Call, principal: Principal) -> Answer:
    """Answer DescribeOrganization, and to the management account ListAccounts and DescribeAccount."""
    organization = world.organization_of(principal.account)
    if organization is None:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    manager = manager_of(world, organization)
    if call.operation == "DescribeOrganization":
        return json_answer({"Organization": _organization(organization, manager, world.organization_features)})
    if principal.account != manager:
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    members = [account for account, held in sorted(world.organizations.items()) if held == organization]
    if call.operation == "ListAccounts":
        return json_answer({"Accounts": [_account(organization, manager, member) for member in members]})
    if call.operation == "DescribeAccount":
        if call.params.get("AccountId") not in members:
            raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
        return json_answer({"Account": _account(organization, manager, call.params["AccountId"])})
    raise AwsError("UnknownOperationException", f"The sandbox does not know organizations:{call.operation}")


def _organization(organization: str, manager: str, features: str) -> dict[str, Any]:
    return {
        "Id": organization,
        "Arn": f"arn:aws:organizations::{manager}:organization/{organization}",
        "FeatureSet": features,
        "MasterAccountArn": f"arn:aws:organizations::{manager}:account/{organization}/{manager}",
        "MasterAccountId": manager,
        "MasterAccountEmail": "management@example.com",
        "AvailablePolicyTypes": [],
    }


def _account(organization: str, manager: str, account: str) -> dict[str, Any]:
    return {
        "Id": account,
        "Arn": f"arn:aws:organizations::{manager}:account/{organization}/{account}",
        "Email": f"{_NAMES[account]}@example.com",
        "Name": _NAMES[account],
        "Status": "ACTIVE",
        "JoinedMethod": "INVITED",
        "JoinedTimestamp": 1_700_000_000,
    }
