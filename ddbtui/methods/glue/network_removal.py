"""Takes away the gateway endpoints that ddbtui made for jobs in a subnet."""

from __future__ import annotations

from ddbtui.aws.account import Account
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.roles import MARK
from ddbtui.text import shown


def remove_vpc_endpoint(account: Account, resource: Resource) -> None:
    """Delete the endpoint of that service in that VPC that carries ddbtui's tag.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html

    Raises:
        UserError: AWS keeps it.
    """
    ec2, data = account.client("ec2"), resource.data
    filters = {"vpc-id": data["vpc"], "service-name": data["service"], "tag-key": MARK}
    listed = ec2.get_paginator("describe_vpc_endpoints").paginate(
        Filters=[{"Name": name, "Values": [str(value)]} for name, value in filters.items()]
    )
    ids = [one["VpcEndpointId"] for page in listed for one in page["VpcEndpoints"] if one["State"] != "deleted"]
    if ids:
        for kept in ec2.delete_vpc_endpoints(VpcEndpointIds=ids).get("Unsuccessful", ()):
            why = shown(kept.get("Error", {}).get("Message", "no reason given"))
            raise UserError(f"endpoint {shown(kept.get('ResourceId'))} could not be removed: {why}")
