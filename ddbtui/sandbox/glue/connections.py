"""Connections of AWS Glue. They are kept, told and checked, but there is no VPC that a job could be put into.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.ec2_service import lets_itself_in
from ddbtui.sandbox.glue.answers import missing, paged
from ddbtui.sandbox.glue.databases import check_catalog
from ddbtui.sandbox.glue.state import Connection
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World


def _arn(connection: Connection) -> str:
    return f"arn:aws:glue:{connection.region}:{connection.account}:connection/{connection.name}"


def create_connection(world: World, call: Call, principal: Principal) -> Answer:
    """Create a connection."""
    check_catalog(call, principal)
    whole = call.params["ConnectionInput"]
    given = {name: value for name, value in whole.items() if name != "Name"}
    place = (principal.account, call.region, str(whole["Name"]))
    if place in world.glue.connections:
        raise AwsError("AlreadyExistsException", "Connection already exists.")
    connection = Connection(*place, given, world.now())
    world.glue.connections[place] = connection
    world.glue.tags[_arn(connection)] = dict(call.params.get("Tags") or {})
    return json_answer({"CreateConnectionStatus": "READY"})


def _describe(connection: Connection) -> dict[str, Any]:
    told = {"Name": connection.name, "CreationTime": connection.created, "LastUpdatedTime": connection.created}
    dropped = ("ValidateCredentials", "ValidateForComputeEnvironments")
    given = {name: value for name, value in connection.given.items() if name not in dropped}
    return {**given, **told, "Status": "READY"}


def get_connection(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a connection."""
    check_catalog(call, principal)
    name = str(call.params["Name"])
    connection = world.glue.connections.get((principal.account, call.region, name))
    if connection is None:
        raise missing(f"Connection {name} not found.")
    return json_answer({"Connection": _describe(connection)})


def get_connections(world: World, call: Call, principal: Principal) -> Answer:
    """Describe all connections, or those of a type, a page at a time."""
    check_catalog(call, principal)
    kind = (call.params.get("Filter") or {}).get("ConnectionType")
    rows = [
        _describe(connection)
        for connection in world.glue.connections.values()
        if (connection.account, connection.region) == (principal.account, call.region)
        and kind in (None, connection.given.get("ConnectionType"))
    ]
    return paged("ConnectionList", rows, call)


def delete_connection(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a connection."""
    check_catalog(call, principal)
    name = str(call.params["ConnectionName"])
    connection = world.glue.connections.pop((principal.account, call.region, name), None)
    if connection is None:
        raise missing(f"Connection {name} not found.")
    world.glue.tags.pop(_arn(connection), None)
    return json_answer({})


def refusal(world: World, account: str, region: str, name: str) -> str:
    """Why Glue runs no job with a connection, or an empty text.

    https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html#error-inbound-self-reference-rule
    """
    connection = world.glue.connections.get((account, region, name))
    if connection is None:
        return f"Connection {name} not found."
    groups = connection.given.get("PhysicalConnectionRequirements", {}).get("SecurityGroupIdList", ())
    if groups and not lets_itself_in(account, region, groups):
        return (
            "At least one security group must open all ingress ports.To limit traffic, the source security group in "
            "your inbound rule can be restricted to the same security group"
        )
    return ""
