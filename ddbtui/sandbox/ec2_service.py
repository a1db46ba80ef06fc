"""Amazon EC2 as moto has it, but that the default security group of a VPC lets its own members in.

Uses moto's private `EC2Backend.groups`, `SecurityGroup.is_default` and `.ingress_rules`. Moto's EC2 takes half a second
to import, so that waits until it is needed.
https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ddbtui.sandbox import moto_app
from ddbtui.sandbox.answers import Answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_ALL_PORTS = (("-1", None, None), ("tcp", 0, 65_535))


def ec2(_: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to EC2; the caller was found to be allowed."""
    _backend(principal.account, call.region)
    return moto_app.forward(call, principal.account)


def _backend(account: str, region: str) -> Any:
    """The simulated EC2, with the rules that default groups have. A rule that somebody took away stays away."""
    from moto.ec2.models import ec2_backends

    backend: Any = ec2_backends[account][region]
    for group in [group for groups in backend.groups.values() for group in groups.values()]:
        if group.is_default and not getattr(group, "ddbtui_opened", False):
            group.ddbtui_opened = True
            itself = [{"GroupId": group.id}]
            backend.authorize_security_group_ingress(
                group.id, "-1", None, None, [], source_groups=itself, vpc_id=group.vpc_id
            )
    return backend


def lets_itself_in(account: str, region: str, groups: Iterable[str]) -> bool:
    """Whether one of some security groups has a rule for all TCP ports with itself, or everybody, as the source."""
    backend = _backend(account, region)
    return any(_is_open_to_itself(group) for group in map(backend.get_security_group_from_id, groups) if group)


def _is_open_to_itself(group: Any) -> bool:
    for rule in group.ingress_rules:
        from_itself = (rule.source_group or {}).get("GroupId") == group.id or rule.cidr_ipv4 == "0.0.0.0/0"
        if from_itself and (rule.ip_protocol, rule.from_port, rule.to_port) in _ALL_PORTS:
            return True
    return False
