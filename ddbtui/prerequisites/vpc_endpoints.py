"""What jobs in a subnet of the target account reach: S3, DynamoDB and more, by endpoints or a way out of the VPC.

https://docs.aws.amazon.com/glue/latest/dg/vpc-endpoints-s3.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/vpc-endpoints-dynamodb.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import Arn
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.evaluation import policy_allows
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.glue_connection import connection_access, find_connection
from ddbtui.prerequisites.roles import MARK
from ddbtui.text import shown

_READS = ("DescribeSubnets", "DescribeRouteTables", "DescribeVpcEndpoints")
_OUT = ("NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "VpcPeeringConnectionId", "GatewayId")


@dataclass(frozen=True)
class Reach:
    """What jobs must reach.

    Args:
        role: ARN of the role of the jobs, which the policies of endpoints are asked about.
        gateways: `s3` and `dynamodb`, and which action on which resource jobs need there.
        interfaces: other services, e.g. `sts`.
        regions: further regions, which no endpoint leads to.
    """

    role: str
    gateways: Mapping[str, Sequence[tuple[str, str]]]
    interfaces: Sequence[str]
    regions: Sequence[str] = ()


@dataclass(frozen=True)
class _Network:
    """Where the jobs are put.

    Args:
        subnet: of the connection.
        vpc: of the subnet.
        route_table: that the subnet follows.
        way_out: whether its default route leads out without a public address, which workers do not have.
        endpoints: of the VPC that are available.
    """

    subnet: str
    vpc: str
    route_table: str
    way_out: bool
    endpoints: Sequence[Mapping[str, Any]]

    def endpoint(self, service: str) -> Mapping[str, Any] | None:
        """Return the endpoint by which the subnet reaches a service, e.g. `com.amazonaws.eu-west-1.s3`."""
        for one in self.endpoints:
            gateway = one["VpcEndpointType"] == "Gateway"
            reached = self.route_table in one.get("RouteTableIds", ()) if gateway else _is_resolved_to(one)
            if one["ServiceName"] == service and reached:
                return one
        return None


def _is_resolved_to(interface: Mapping[str, Any]) -> bool:
    """Whether the name of the service, which is what a job asks for, leads to an interface endpoint inside the VPC.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    only_from_outside = interface.get("DnsOptions", {}).get("PrivateDnsOnlyForInboundResolverEndpoint", False)
    return bool(interface.get("PrivateDnsEnabled", False)) and not only_from_outside


def endpoint_service(partition: str, region: str, service: str) -> str:
    """Return how endpoints name a service, e.g. `com.amazonaws.eu-west-1.s3`.

    In China some interface endpoints have names of their own, of those that jobs use only that of STS.
    https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc-endpoint.ts

    Args:
        partition: e.g. `aws-cn`.
        region: of the VPC.
        service: `s3`, `dynamodb`, `glue`, `logs` or `sts`.
    """
    start = "cn.com.amazonaws" if partition == "aws-cn" and service == "sts" else "com.amazonaws"
    return f"{start}.{region}.{service}"


class VpcEndpoints(Prerequisite):
    """Jobs of a connection reach what they need. Gateway endpoints, which cost nothing, can be made.

    Args:
        move: the plan with its accounts.
        connection: name of the Glue connection.
        reach: what jobs must reach.
    """

    id = "vpc-endpoints"
    title = "Jobs in the connection's subnet reach AWS"

    def __init__(self, move: Move, connection: str, reach: Reach) -> None:
        super().__init__(move)
        self._connection = connection
        self._reach = reach

    @answering
    def check(self) -> Finding:
        """Follow the connection to its subnet, its routes and the endpoints of its VPC."""
        where = find_connection(self.move.target, self._connection)
        if where is None:
            evidence = f"Connection {self._connection} does not exist in account {self.move.target.account_id}."
            return self.finding("fail", evidence, "Name another one, or leave it out of the plan.")
        if not where.get("SubnetId"):
            evidence = f"Connection {self._connection} has no subnet: jobs run outside of any VPC."
            return self.finding("pass", evidence)
        return self._judged(self._network(str(where["SubnetId"])))

    def _judged(self, network: _Network) -> Finding:
        refused = list(self._refused(network))
        if refused:
            evidence = f"Policies of endpoints of {network.vpc} refuse {'; '.join(refused)}."
            return self.finding("fail", evidence, "Allow it in the policies of these endpoints.")
        missing = [name for name in self._reach.gateways if not network.endpoint(self._service(name))]
        if network.way_out:
            if not missing:
                return self.finding("pass", f"Subnet {network.subnet} has a way out, and endpoints for the items.")
            evidence = f"Subnet {network.subnet} has a way out, but no endpoint for {' and '.join(missing)}."
            advice = "All items go through it, which may cost; gateway endpoints for S3 and DynamoDB are free."
            return self.finding("warn", evidence, advice)
        lost = [name for name in self._reach.interfaces if not network.endpoint(self._service(name))]
        lost += self._reach.regions
        if lost:
            evidence = f"Subnet {network.subnet} has no way out, and none to {', '.join([*missing, *lost])}."
            advice = (
                "Make interface endpoints or a NAT gateway, which cost money, or leave `connection` out of the plan."
            )
            return self.finding("fail", evidence, advice)
        if missing:
            evidence = f"Subnet {network.subnet} has no way out and no endpoint for {' and '.join(missing)}."
            return self.finding(
                "fail", evidence, "Make gateway endpoints; they are free.", self._remedy(network, missing)
            )
        return self.finding("pass", f"Subnet {network.subnet} has endpoints for all that jobs need.")

    def _service(self, name: str) -> str:
        return endpoint_service(self.move.target.partition, self.move.target.region, name)

    def _network(self, subnet: str) -> _Network:
        ec2 = self.move.target.client("ec2")
        vpc = str(ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"])
        routes = self._routes(subnet, vpc)
        pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        found = [one for page in pages for one in page["VpcEndpoints"] if one["State"].lower() == "available"]
        way_out = any(_leads_out(route) for route in routes["Routes"])
        return _Network(subnet, vpc, str(routes["RouteTableId"]), way_out, found)

    def _routes(self, subnet: str, vpc: str) -> Mapping[str, Any]:
        """The subnet's own route table, else the main one of its VPC."""
        ec2 = self.move.target.client("ec2")
        own = [{"Name": "association.subnet-id", "Values": [subnet]}]
        main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
        for filters in (own, main):
            for table in ec2.describe_route_tables(Filters=filters)["RouteTables"]:
                return dict(table)
        raise UserError(f"subnet {shown(subnet)} has no route table", "See the VPC console.")

    def _refused(self, network: _Network) -> Iterator[str]:
        for name, needs in self._reach.gateways.items():
            endpoint = network.endpoint(self._service(name))
            policy = json.loads((endpoint or {}).get("PolicyDocument") or "{}")
            statements = policy.get("Statement", [])
            statements = [statements] if isinstance(statements, dict) else statements
            for action, resource in needs if statements else ():
                if policy_allows(statements, self._reach.role, self.move.target.account_id, action, resource) == "no":
                    yield f"{action} on {resource}"

    def _remedy(self, network: _Network, missing: Sequence[str]) -> Remedy:
        owner = self.move.target.account_id
        after = f"a gateway endpoint in {network.route_table}"
        leaves = tuple(_resource(network, self._service(name)) for name in missing)
        make = tuple(Change("target", owner, "ec2:CreateVpcEndpoint", one.name, "", after) for one in leaves)
        return Remedy(f"Make {len(missing)} gateway endpoints (removed when the run cleans up)", make, leaves)

    @explaining
    def apply(self, record: Record) -> None:
        """Make the gateway endpoints that are missing."""
        where = find_connection(self.move.target, self._connection) or {}
        network = self._network(str(where["SubnetId"])) if where.get("SubnetId") else None
        for name in self._reach.gateways if network else ():
            service = self._service(name)
            if network and not network.endpoint(service):
                record(_resource(network, service))
                self._create(network, service)

    def _create(self, network: _Network, service: str) -> None:
        tags = [{"Key": MARK, "Value": self._connection}]
        with suppress_codes("RouteAlreadyExists"):  # botocore repeats a call whose answer got lost
            self.move.target.client("ec2").create_vpc_endpoint(
                VpcEndpointType="Gateway",
                VpcId=network.vpc,
                ServiceName=service,
                RouteTableIds=[network.route_table],
                TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
            )

    def access(self) -> Sequence[Access]:
        """The connection and its network."""
        why = "see what jobs in the subnet reach"
        found = connection_access(self.move.target, self._connection, why)
        return [*found, *(Access("target", f"ec2:{action}", "*", why) for action in _READS)]

    def _arn(self, part: str) -> str:
        target = self.move.target
        return str(Arn(target.partition, "ec2", target.region, target.account_id, part))

    def remedy_access(self) -> Sequence[Access]:
        """Gateway endpoints, with a tag."""
        why = "make gateway endpoints for the jobs"
        parts = ("vpc/*", "vpc-endpoint/*", "route-table/*")
        made = [Access("target", "ec2:CreateVpcEndpoint", self._arn(part), why, changes=True) for part in parts]
        return [*made, Access("target", "ec2:CreateTags", self._arn("vpc-endpoint/*"), "mark them as ddbtui's")]

    def undo_access(self) -> Sequence[Access]:
        """Remove them."""
        why = "remove the endpoints that ddbtui made"
        return [Access("target", "ec2:DeleteVpcEndpoints", self._arn("vpc-endpoint/*"), why, changes=True)]


def _resource(network: _Network, service: str) -> Resource:
    data = {"vpc": network.vpc, "service": service}
    return Resource("vpc-endpoint", "target", f"{network.vpc}/{service}", "remove", data)


def _leads_out(route: Mapping[str, Any]) -> bool:
    """Whether it is a default route that works without a public address, as one to an internet gateway does not."""
    target = next((str(route[name]) for name in _OUT if route.get(name)), "")
    is_default = route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State") != "blackhole"
    return is_default and bool(target) and not target.startswith(("igw-", "local"))
