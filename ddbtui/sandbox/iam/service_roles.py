"""Roles that a caller hands to a service: whether the service may assume one, and who it is then.

Extends moto from outside by managed policies that its own list lacks. Uses its private
`IAMBackend.managed_policies` and `Role.create_date`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import unix_time
from moto.iam import models

from ddbtui.sandbox.iam.policy import listed
from ddbtui.sandbox.iam.principals import Principal, find_role, iam
from ddbtui.sandbox.profiles import REGION
from ddbtui.sandbox.world import World


def as_principal(role_arn: str, session: str) -> Principal:
    """A role as a service acts in it.

    Args:
        role_arn: of a role that exists.
        session: name of the session, by which GetCallerIdentity tells the service.
    """
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return Principal(account, f"arn:aws:sts::{account}:assumed-role/{name}/{session}", role_arn, "role", name)


def trusts(role: Any, service: str) -> bool:
    """Whether the trust policy of moto's role lets a service assume it, e.g. `glue.amazonaws.com`."""
    document: dict[str, Any] = json.loads(role.assume_role_policy_document)
    for statement in listed(document["Statement"]):
        named = statement.get("Principal", {})
        services = listed(named.get("Service", [])) if isinstance(named, dict) else [named]
        if statement["Effect"] == "Allow" and "sts:AssumeRole" in listed(statement["Action"]) and service in services:
            return True
    return False


def assumable(world: World, arn: str, service: str) -> bool:
    """Whether a service may assume the role; a new one takes `propagation` seconds to be known everywhere."""
    role = find_role(arn)
    if role is None or not trusts(role, service):
        return False
    return bool(unix_time(role.create_date) + world.propagation <= world.now())


def add_managed_policy(account: str, name: str, statements: list[dict[str, Any]]) -> None:
    """Make a managed policy of AWS, of the path `/service-role/`, known to an account.

    Args:
        account: 12 digits.
        name: e.g. `AWSGlueServiceRole`.
        statements: all of them allow.
    """
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
    data = {
        "DefaultVersionId": "v1",
        "Path": "/service-role/",
        "Document": document,
        "CreateDate": "2019-01-10T21:01:28+00:00",
        "UpdateDate": "2024-05-17T17:10:32+00:00",
    }
    policy = models.AWSManagedPolicy.from_data(name, account, REGION, data)
    iam(account).managed_policies[policy.arn] = policy
