"""The Glue connection that jobs use, and whether its security groups let the workers of a job talk to each other.

https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.move import Move
from ddbtui.prerequisites.base import Finding, Prerequisite, answering
from ddbtui.prerequisites.catalog_database import catalog_arns

_ALL_PORTS = range(65_536)
_ANYWHERE = "0.0.0.0/0"


def find_connection(account: Account, name: str) -> Mapping[str, Any] | None:
    """Return where a connection puts jobs, e.g. its `SubnetId`; None if there is no connection of that name.

    https://docs.aws.amazon.com/glue/latest/webapi/API_PhysicalConnectionRequirements.html
    """
    with suppress_codes("EntityNotFoundException"):
        found = account.client("glue").get_connection(Name=name, HidePassword=True)["Connection"]
        return dict(found.get("PhysicalConnectionRequirements", {}))
    return None


def connection_access(account: Account, name: str, why: str) -> list[Access]:
    """Return what `find_connection` needs."""
    return [Access(account.side, "glue:GetConnection", arn, why) for arn in catalog_arns(account, f"connection/{name}")]


class SecurityGroups(Prerequisite):
    """One of the connection's security groups lets its own members in on all ports; Glue refuses to run jobs otherwise.

    https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html#error-inbound-self-reference-rule

    Args:
        move: the plan with its accounts.
        connection: name of the Glue connection.
    """

    id = "security-groups"
    title = "The connection's security groups let workers talk to each other"

    def __init__(self, move: Move, connection: str) -> None:
        super().__init__(move)
        self._connection = connection

    @answering
    def check(self) -> Finding:
        """Read the rules of the groups. A connection without any is not judged: EC2 has a default for it then."""
        target = self.move.target
        where = find_connection(target, self._connection)
        if where is None:
            evidence = f"Connection {self._connection} does not exist in account {target.account_id}."
            return self.finding("fail", evidence, "Name another one, or leave it out of the plan.")
        groups = list(where.get("SecurityGroupIdList", ()))
        if not groups:
            return self.finding("pass", f"Connection {self._connection} names no security groups.")
        found = target.client("ec2").describe_security_groups(GroupIds=groups)["SecurityGroups"]
        named = ", ".join(groups)
        if any(_lets_itself_in(group) for group in found):
            return self.finding("pass", f"Of {named}, one lets its own members in on all ports.")
        evidence = f"None of the connection's security groups ({named}) lets its own members in on all ports."
        advice = "Add an inbound rule to one of them: all TCP ports, with that group itself as the source."
        return self.finding("fail", evidence, advice)

    def access(self) -> Sequence[Access]:
        """The connection and its groups."""
        why = "see whether workers in the subnet reach each other"
        groups = Access("target", "ec2:DescribeSecurityGroups", "*", why)
        return [*connection_access(self.move.target, self._connection, why), groups]


def _lets_itself_in(group: Mapping[str, Any]) -> bool:
    """Whether a rule is about all TCP ports and either the group itself or every address.

    The range of the VPC is reported not to satisfy Glue.
    """
    for rule in group["IpPermissions"]:
        sources = {pair.get("GroupId") for pair in rule.get("UserIdGroupPairs", ())}
        sources |= {each["CidrIp"] for each in rule.get("IpRanges", ())}
        if sources & {group["GroupId"], _ANYWHERE} and _is_about_all_ports(rule):
            return True
    return False


def _is_about_all_ports(rule: Mapping[str, Any]) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    first, last = rule.get("FromPort", 1), rule.get("ToPort", 0)
    return rule["IpProtocol"] == "tcp" and (first, last) == (_ALL_PORTS[0], _ALL_PORTS[-1])
