"""Jobs with a connection: what their subnet reaches, and the gateway endpoints that can be made for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ddbtui.engine.step import Resource
from ddbtui.methods.resources import remove
from ddbtui.prerequisites.base import Finding
from ddbtui.prerequisites.vpc_endpoints import Reach, VpcEndpoints, endpoint_service
from tests.aws.live import REGION, TARGET, Live

CONNECTION = "private"
OBJECTS = "arn:aws:s3:::staging/ddbtui/*"
TABLE = f"arn:aws:dynamodb:{REGION}:{TARGET}:table/orders"
ROLE = f"arn:aws:iam::{TARGET}:role/glue-worker"


@dataclass
class Network:
    """A VPC of the target account with one subnet, and a connection into it."""

    live: Live
    vpc: str
    subnet: str
    routes: str

    @property
    def ec2(self) -> Any:
        return self.live.admin("target", "ec2")

    def endpoint(self, name: str, kind: str = "Gateway", **more: Any) -> None:
        where = {"RouteTableIds": [self.routes]} if kind == "Gateway" else {"SubnetIds": [self.subnet]}
        service = f"com.amazonaws.{REGION}.{name}"
        self.ec2.create_vpc_endpoint(VpcEndpointType=kind, VpcId=self.vpc, ServiceName=service, **{**where, **more})

    def endpoints(self) -> list[str]:
        found = self.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["VpcEndpoints"]
        return sorted(one["ServiceName"].rsplit(".", 1)[-1] for one in found if one["State"] != "deleted")


@pytest.fixture
def network(live: Live) -> Network:
    ec2 = live.admin("target", "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    routes = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=routes, SubnetId=subnet)
    connect(live, {"PhysicalConnectionRequirements": {"SubnetId": subnet, "AvailabilityZone": f"{REGION}a"}})
    return Network(live, vpc, subnet, routes)


def connect(live: Live, more: dict[str, Any]) -> None:
    wanted = {"Name": CONNECTION, "ConnectionType": "NETWORK", "ConnectionProperties": {}, **more}
    live.admin("target", "glue").create_connection(ConnectionInput=wanted)


def wanted(live: Live, interfaces: Sequence[str] = (), regions: Sequence[str] = ()) -> VpcEndpoints:
    needs = {"s3": [("s3:GetObject", OBJECTS)], "dynamodb": [("dynamodb:BatchWriteItem", TABLE)]}
    return VpcEndpoints(live.move(), CONNECTION, Reach(ROLE, needs, interfaces, regions))


def looked(live: Live, prerequisite: VpcEndpoints, *, changing: bool = False) -> Finding:
    """Check; every call was declared."""
    live.forget()
    finding = prerequisite.check()
    declared = [*prerequisite.access(), *(prerequisite.remedy_access() if changing else ())]
    for side, action, resource in live.used():
        assert any(
            (one.side, one.action) == (side, action) and fnmatchcase(resource, one.resource) for one in declared
        ), (action, resource)
    return finding


def test_a_connection_without_a_subnet_needs_nothing(live: Live) -> None:
    connect(live, {})
    finding = looked(live, wanted(live))
    assert (finding.outcome, "outside of any VPC" in finding.evidence) == ("pass", True)


def test_a_connection_that_is_not_there(live: Live) -> None:
    finding = looked(live, wanted(live))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"Connection {CONNECTION} does not exist" in finding.evidence


def test_gateway_endpoints_are_made_and_removed(network: Network) -> None:
    live, prerequisite = network.live, wanted(network.live)
    before = looked(live, prerequisite)
    assert before.outcome == "fail"
    assert "no endpoint for s3 and dynamodb" in before.evidence
    assert before.remedy
    assert [change.action for change in before.remedy.changes] == ["ec2:CreateVpcEndpoint"] * 2
    recorded: list[Resource] = []
    live.forget()
    prerequisite.apply(recorded.append)
    declared = [*prerequisite.access(), *prerequisite.remedy_access()]
    assert {action for _, action, _ in live.used()} == {one.action for one in declared}
    assert network.endpoints() == ["dynamodb", "s3"]
    assert looked(live, prerequisite).outcome == "pass"
    again: list[Resource] = []
    prerequisite.apply(again.append)
    assert again == []
    network.endpoint("sts", "Interface")
    for resource in recorded:
        assert (resource.kind, resource.fate) == ("vpc-endpoint", "remove")
        remove(live.account("target"), resource)
        remove(live.account("target"), resource)
    assert network.endpoints() == ["sts"]


def test_an_endpoint_of_others_stays(network: Network) -> None:
    network.endpoint("s3")
    data = {"vpc": network.vpc, "service": f"com.amazonaws.{REGION}.s3"}
    remove(network.live.account("target"), Resource("vpc-endpoint", "target", "x", "remove", data))
    assert network.endpoints() == ["s3"]


def test_an_endpoint_of_other_routes_does_not_help(network: Network) -> None:
    other = network.ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    network.endpoint("s3", RouteTableIds=[other])
    network.endpoint("dynamodb")
    assert "no endpoint for s3." in looked(network.live, wanted(network.live)).evidence


def test_what_costs_money_is_only_advised(network: Network) -> None:
    prerequisite = wanted(network.live, ["sts", "logs"], ["us-east-1"])
    network.endpoint("logs", "Interface")
    finding = looked(network.live, prerequisite)
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert "none to s3, dynamodb, sts, us-east-1." in finding.evidence
    assert "cost money" in finding.advice


def test_an_interface_endpoint_that_no_name_leads_to_does_not_help(network: Network) -> None:
    for name in ("s3", "dynamodb"):
        network.endpoint(name)
    network.endpoint("sts", "Interface", PrivateDnsEnabled=False)
    prerequisite = wanted(network.live, ["sts"])
    assert "none to sts." in looked(network.live, prerequisite).evidence
    network.endpoint("sts", "Interface", PrivateDnsEnabled=True)
    assert looked(network.live, prerequisite).outcome == "pass"


@pytest.mark.parametrize(
    ("partition", "region", "service", "name"),
    [
        ("aws", "eu-west-1", "sts", "com.amazonaws.eu-west-1.sts"),
        ("aws-us-gov", "us-gov-west-1", "glue", "com.amazonaws.us-gov-west-1.glue"),
        ("aws-cn", "cn-north-1", "sts", "cn.com.amazonaws.cn-north-1.sts"),
        ("aws-cn", "cn-north-1", "glue", "com.amazonaws.cn-north-1.glue"),
        ("aws-cn", "cn-northwest-1", "logs", "com.amazonaws.cn-northwest-1.logs"),
        ("aws-cn", "cn-northwest-1", "s3", "com.amazonaws.cn-northwest-1.s3"),
        ("aws-cn", "cn-north-1", "dynamodb", "com.amazonaws.cn-north-1.dynamodb"),
    ],
)
def test_services_are_named_as_endpoints_name_them(partition: str, region: str, service: str, name: str) -> None:
    """Those of China as AWS's CDK has them, and in its regions' own lists of prefixes."""
    assert endpoint_service(partition, region, service) == name


def test_a_nat_gateway_is_a_way_out(network: Network) -> None:
    nat = network.ec2.create_nat_gateway(SubnetId=network.subnet, ConnectivityType="private")["NatGateway"]
    network.ec2.create_route(
        RouteTableId=network.routes, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGatewayId"]
    )
    prerequisite = wanted(network.live, ["sts"], ["us-east-1"])
    finding = looked(network.live, prerequisite)
    assert (finding.outcome, "free" in finding.advice) == ("warn", True)
    for name in ("s3", "dynamodb"):
        network.endpoint(name)
    assert looked(network.live, prerequisite).outcome == "pass"


def test_an_internet_gateway_is_none(network: Network) -> None:
    gateway = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    network.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    network.ec2.create_route(RouteTableId=network.routes, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    assert "has no way out" in looked(network.live, wanted(network.live)).evidence


def test_the_main_routes_count_for_a_subnet_without_its_own(network: Network) -> None:
    subnet = network.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    network.live.admin("target", "glue").delete_connection(ConnectionName=CONNECTION)
    connect(network.live, {"PhysicalConnectionRequirements": {"SubnetId": subnet}})
    for name in ("s3", "dynamodb"):
        network.endpoint(name)  # they are on the other subnet's routes
    assert "no endpoint for s3 and dynamodb" in looked(network.live, wanted(network.live)).evidence


def test_a_policy_of_an_endpoint_that_refuses_is_told(network: Network) -> None:
    only = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*"}
    network.endpoint("s3", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": only}))
    network.endpoint("dynamodb")
    finding = looked(network.live, wanted(network.live))
    assert (finding.outcome, finding.remedy) == ("fail", None)
    assert f"refuse s3:GetObject on {OBJECTS}." in finding.evidence
