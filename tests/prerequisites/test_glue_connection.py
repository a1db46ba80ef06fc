"""Workers of a job in a subnet talk to each other: one security group of the connection must let itself in."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.prerequisites.glue_connection import SecurityGroups
from tests.aws.live import REGION, Live
from tests.prerequisites.holding import checked

CONNECTION = "private"
ITSELF = "itself"


def connect(live: Live, *groups: str) -> SecurityGroups:
    """A connection with these groups; what looks at them."""
    where: dict[str, Any] = {"SubnetId": "subnet-1", "AvailabilityZone": f"{REGION}a"}
    requirements = {**where, **({"SecurityGroupIdList": list(groups)} if groups else {})}
    wanted = {"Name": CONNECTION, "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    live.admin("target", "glue").create_connection(
        ConnectionInput={**wanted, "PhysicalConnectionRequirements": requirements}
    )
    return SecurityGroups(live.move(), CONNECTION)


def make_group(live: Live, source: str, protocol: str, *ports: int) -> str:
    """A security group with one inbound rule; its id."""
    ec2 = live.admin("target", "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = str(ec2.create_security_group(GroupName="workers", Description="of Glue", VpcId=vpc)["GroupId"])
    rule: dict[str, Any] = {"IpProtocol": protocol, **dict(zip(("FromPort", "ToPort"), ports, strict=False))}
    if "/" in source:
        rule["IpRanges"] = [{"CidrIp": source}]
    else:
        rule["UserIdGroupPairs"] = [{"GroupId": made if source == ITSELF else other_group(ec2, vpc)}]
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    return made


def other_group(ec2: Any, vpc: str) -> str:
    return str(ec2.create_security_group(GroupName="other", Description="others", VpcId=vpc)["GroupId"])


@pytest.mark.parametrize(
    ("source", "protocol", "ports", "outcome"),
    [
        (ITSELF, "-1", (), "pass"),
        (ITSELF, "tcp", (0, 65535), "pass"),
        ("0.0.0.0/0", "tcp", (0, 65535), "pass"),
        (ITSELF, "tcp", (443, 443), "fail"),
        (ITSELF, "udp", (0, 65535), "fail"),
        ("10.0.0.0/16", "-1", (), "fail"),
        ("another", "-1", (), "fail"),
    ],
)
def test_a_group_must_let_itself_in_on_all_ports(
    live: Live, source: str, protocol: str, ports: tuple[int, ...], outcome: str
) -> None:
    group = make_group(live, source, protocol, *ports)
    finding = checked(live, connect(live, group))
    assert (finding.outcome, group in finding.evidence, finding.remedy) == (outcome, True, None)
    assert live.used() >= {("target", "ec2:DescribeSecurityGroups", "*")}


def test_one_group_of_several_is_enough(live: Live) -> None:
    closed = make_group(live, ITSELF, "tcp", 443, 443)
    assert checked(live, connect(live, closed, make_group(live, ITSELF, "-1"))).outcome == "pass"


def test_a_connection_without_groups_or_that_is_not_there(live: Live) -> None:
    finding = checked(live, SecurityGroups(live.move(), CONNECTION))
    assert (finding.outcome, "does not exist" in finding.evidence) == ("fail", True)
    assert checked(live, connect(live)).outcome == "pass"


def test_a_group_that_is_gone_is_told(live: Live) -> None:
    finding = connect(live, "sg-0123456789abcdef0").check()
    assert (finding.outcome, "InvalidGroup.NotFound" in finding.evidence) == ("unknown", True)
