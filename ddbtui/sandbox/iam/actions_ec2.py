"""Which IAM actions a request to Amazon EC2 needs, as far as the product has to do with networks.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from ddbtui.sandbox.call import Call
from ddbtui.sandbox.uses import Use


def ec2_uses(call: Call, region: str, account: str) -> list[Use]:
    """The actions and resources of one request; nothing that only describes has a resource."""
    start, params = f"arn:aws:ec2:{region}:{account}", call.params
    action = f"ec2:{call.operation}"
    if call.operation == "CreateVpcEndpoint":
        tables = [value for name, value in params.items() if name.startswith("RouteTableId.")]
        parts = [f"vpc/{params.get('VpcId', '')}", "vpc-endpoint/*", *(f"route-table/{table}" for table in tables)]
        tagged = any(name.startswith("TagSpecification.") for name in params)
        uses = [Use(action, f"{start}:{part}") for part in parts]
        return [*uses, *([Use("ec2:CreateTags", f"{start}:vpc-endpoint/*")] if tagged else [])]
    if call.operation == "DeleteVpcEndpoints":
        ids = [value for name, value in params.items() if name.startswith("VpcEndpointId.")]
        return [Use(action, f"{start}:vpc-endpoint/{each}") for each in ids]
    return [Use(action, "*")]
