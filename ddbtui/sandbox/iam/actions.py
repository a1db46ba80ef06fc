"""Which IAM actions on which resources a request needs.

Written from the Service Authorization Reference, independently of what ddbtui declares, so that tests can hold one
against the other. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from ddbtui.sandbox.backup.actions import backup_uses
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.actions import glue_uses
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.actions_ec2 import ec2_uses
from ddbtui.sandbox.iam.actions_s3 import s3_uses
from ddbtui.sandbox.ram.routes import ram_uses
from ddbtui.sandbox.uses import Use

_UNBOUND_DYNAMODB = frozenset(
    {
        "ListTables",
        "DescribeLimits",
        "DescribeEndpoints",
        "ListExports",
        "ListImports",
        "ListBackups",
        "ListGlobalTables",
        "ListContributorInsights",
        "ListStreams",
    }
)
_UNBOUND_KMS = {"CreateKey", "ListKeys", "ListAliases"}
_ROLE_PATHS = {
    "AWSServiceRoleForBackup": "/aws-service-role/backup.amazonaws.com/",
    "AWSBackupDefaultServiceRole": "/service-role/",
}
_TRANSACT = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class _Place(NamedTuple):
    region: str
    account: str


def uses_of(call: Call, account: str) -> list[Use]:
    """Everything that the request needs by itself; what AWS does in the caller's name later is recorded by the jobs."""
    place = _Place(call.region, account)
    return _SERVICES.get(call.service, _unbound)(call, place)


def table_arn(name: str, region: str, account: str) -> str:
    """The ARN of a table that may already be named by its ARN."""
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{name}"


def _unbound(call: Call, _: _Place) -> list[Use]:
    prefix = {"monitoring": "cloudwatch"}.get(call.service, call.service)
    return [Use(f"{prefix}:{call.operation}", "*")]


def _dynamodb(call: Call, place: _Place) -> list[Use]:
    operation, params = call.operation, call.params
    action = f"dynamodb:{operation}"
    if operation in _UNBOUND_DYNAMODB:
        return [Use(action, "*")]
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [Use(action, table_arn(name, *place)) for name in params.get("RequestItems", {})]
    if operation == "TransactWriteItems":
        parts = [part for item in params.get("TransactItems", []) for part in item.items()]
        return [Use(f"dynamodb:{_TRANSACT[kind]}", table_arn(body["TableName"], *place)) for kind, body in parts]
    if operation == "TransactGetItems":
        names = [item["Get"]["TableName"] for item in params.get("TransactItems", [])]
        return [Use("dynamodb:GetItem", table_arn(name, *place)) for name in names]
    resource = _dynamodb_resource(params, place)
    uses = [Use(action, resource)]
    if operation == "CreateTable":
        uses += [Use("dynamodb:TagResource", resource)] if params.get("Tags") else []
        uses += [Use("dynamodb:PutResourcePolicy", resource)] if params.get("ResourcePolicy") else []
    return uses


def _dynamodb_resource(params: dict[str, Any], place: _Place) -> str:
    for member in ("TableArn", "ExportArn", "ImportArn", "ResourceArn", "StreamArn", "BackupArn"):
        if member in params:
            return str(params[member])
    name = params.get("TableName") or params.get("TableCreationParameters", {}).get("TableName")
    if not name:
        return "*"
    arn = table_arn(name, *place)
    return f"{arn}/index/{params['IndexName']}" if "IndexName" in params else arn


def _kms(call: Call, place: _Place) -> list[Use]:
    action = f"kms:{call.operation}"
    if call.operation in _UNBOUND_KMS:
        return [Use(action, "*")]
    key = str(call.params.get("KeyId") or call.params.get("TargetKeyId") or "*")
    if key != "*" and not key.startswith("arn:"):
        key = f"arn:aws:kms:{place.region}:{place.account}:" + (key if key.startswith("alias/") else f"key/{key}")
    return [Use(action, key)]


def _sts(call: Call, _: _Place) -> list[Use]:
    if call.operation == "AssumeRole":
        return [Use("sts:AssumeRole", str(call.params.get("RoleArn", "*")))]
    return []


def _iam(call: Call, place: _Place) -> list[Use]:
    params, start = call.params, f"arn:aws:iam::{place.account}"
    resource = "*"
    if "RoleName" in params:
        path = params.get("Path") or principals.role_path(place.account, params["RoleName"])
        path = path or _ROLE_PATHS.get(params["RoleName"], "/")
        resource = f"{start}:role{path}{params['RoleName']}"
    elif call.operation == "CreateServiceLinkedRole":
        service = params.get("AWSServiceName", "")
        name = next((role for role, path in _ROLE_PATHS.items() if path.endswith(f"/{service}/")), "*")
        resource = f"{start}:role/aws-service-role/{service}/{name}"
    elif "UserName" in params:
        resource = f"{start}:user{params.get('Path', '/')}{params['UserName']}"
    elif "PolicyArn" in params:
        resource = params["PolicyArn"]
    tagged = call.operation == "CreateRole" and any(name.startswith("Tags") for name in params)
    return [Use(f"iam:{call.operation}", resource), *([Use("iam:TagRole", resource)] if tagged else [])]


def _autoscaling(call: Call, place: _Place) -> list[Use]:
    params, action = call.params, f"application-autoscaling:{call.operation}"
    if call.operation.startswith("Describe"):
        return [Use(action, "*")]
    identity = "/".join(str(params.get(name, "")) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension"))
    target = sha256(identity.encode()).hexdigest()[:12]
    return [Use(action, f"arn:aws:application-autoscaling:{place.region}:{place.account}:scalable-target/{target}")]


def _logs(call: Call, place: _Place) -> list[Use]:
    params = call.params
    group = params.get("logGroupName") or params.get("logGroupIdentifier") or params.get("logGroupNamePrefix") or "*"
    if group.startswith("arn:"):
        return [Use(f"logs:{call.operation}", group)]
    arn = f"arn:aws:logs:{place.region}:{place.account}:log-group:{group}"
    stream = params.get("logStreamName")
    return [Use(f"logs:{call.operation}", f"{arn}:log-stream:{stream}" if stream else f"{arn}:*")]


_SERVICES: dict[str, Callable[[Call, _Place], list[Use]]] = {
    "backup": lambda call, place: backup_uses(call, *place),
    "dynamodb": _dynamodb,
    "ec2": lambda call, place: ec2_uses(call, *place),
    "dynamodbstreams": _dynamodb,
    "glue": lambda call, place: glue_uses(call, *place),
    "s3": lambda call, _: s3_uses(call),
    "kms": _kms,
    "ram": lambda call, place: ram_uses(call.operation, call.params, *place),
    "sts": _sts,
    "iam": _iam,
    "application-autoscaling": _autoscaling,
    "logs": _logs,
}
