"""Whether the two accounts share an AWS organization.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, explain, is_denied, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.text import shown

ACROSS_ORGANIZATIONS = (
    "Set `way: air-gapped-vault` for a backup that is shared across organizations (locked and billed for 7 days), "
    "or choose a method that crosses them, e.g. s3-import."
)
"""Advice of the method `backup` to accounts that are in no common organization."""
_NONE = ""
_ALL = "ALL"


class Organization(Prerequisite):
    """Same or different organization: shown for every method, demanded by some.

    Args:
        move: the plan with its accounts.
        required: whether the method works only inside one organization.
    """

    id = "organization"

    def __init__(self, move: Move, required: bool = False) -> None:
        super().__init__(move)
        self.required = required
        self.title = "Both accounts are in one organization" if required else "Organizations of the accounts"

    @answering
    def check(self) -> Finding:
        """Ask both accounts for their organization."""
        try:
            (source, features), (target, _) = _organization(self.move.source), _organization(self.move.target)
        except Exception as error:
            if not is_denied(error) or self.required:
                raise
            told = explain(error, "organizations")
            return self.finding("warn", f"{told.message} ({code(error)}).", "This method works without knowing it.")
        if self.required and source == target != _NONE and features != _ALL:
            evidence = (
                f"Both accounts are in organization {shown(source, 60)}, whose features are {shown(features, 40)}."
            )
            advice = (
                "Its management account must enable all features, and every member agree; or choose another method."
            )
            return self.finding("fail", evidence, advice)
        if source == target and source != _NONE:
            return self.finding("pass", f"Both accounts are in organization {shown(source, 60)}.")
        evidence = f"{_said('source', source)}; {_said('target', target)}."
        if self.required:
            return self.finding("fail", evidence, ACROSS_ORGANIZATIONS)
        return self.finding("pass", f"{evidence} This method does not need a common one.")

    def access(self) -> Sequence[Access]:
        """One call a side."""
        why = "see whether both accounts share an organization"
        return [
            Access("source", "organizations:DescribeOrganization", "*", why),
            Access("target", "organizations:DescribeOrganization", "*", why),
        ]


def _organization(account: Account) -> tuple[str, str]:
    """Id and feature set."""
    with suppress_codes("AWSOrganizationsNotInUseException"):
        found = account.client("organizations").describe_organization()["Organization"]
        return str(found["Id"]), str(found.get("FeatureSet", _ALL))
    return _NONE, ""


def _said(side: str, organization: str) -> str:
    return f"{side}: organization {shown(organization, 60)}" if organization else f"{side}: in no organization"
