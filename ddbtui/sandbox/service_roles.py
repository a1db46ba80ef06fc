"""Roles that a caller hands to a service: whether the service may assume one, and who it is then.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import json
from typing import Any

from ddbtui.sandbox.policy import listed
from ddbtui.sandbox.principals import Principal


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
