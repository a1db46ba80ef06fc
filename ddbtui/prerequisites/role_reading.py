"""What IAM says of a role: whom it trusts, and what its policies allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ddbtui.aws.account import Account
from ddbtui.aws.arns import parse_arn
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.evaluation import Answer, matches, policy_allows
from ddbtui.aws.policies import PolicyRefused, parse
from ddbtui.aws.policy_document import VERSION

Statement = Mapping[str, Any]
_POLICY_CHARACTERS = 10_240
"""All inline policies of a role together, without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def find_role(account: Account, name: str) -> dict[str, Any] | None:
    """Return what IAM says of a role, None if it isn't there."""
    with suppress_codes("NoSuchEntity"):
        found: dict[str, Any] = account.client("iam").get_role(RoleName=name)["Role"]
        return found
    return None


def trusts_service(role: Mapping[str, Any], service: str) -> Answer:
    """Say whether a service may assume the role; `unknown` if that hangs on a condition."""
    answers: set[Answer] = set()
    for statement in _trust(role):
        named = statement.get("Principal")
        services = _listed(named.get("Service", ())) if isinstance(named, dict) else []
        if statement.get("Effect") == "Allow" and service in services and _assumes(statement):
            answers.add("unknown" if statement.get("Condition") else "yes")
    return "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"


def trusts_role(role: Mapping[str, Any], arn: str) -> Answer:
    """Say whether another role may assume the role."""
    return policy_allows(_trust(role), arn, parse_arn(arn).account_id, "sts:AssumeRole", str(role["Arn"]))


def inline_policy(account: Account, name: str, policy: str) -> Any:
    """Return an inline policy of a role, parsed; None if the role has none of that name."""
    with suppress_codes("NoSuchEntity"):
        found = account.client("iam").get_role_policy(RoleName=name, PolicyName=policy)
        return json.loads(_text(found["PolicyDocument"]))
    return None


def role_statements(account: Account, name: str) -> list[Statement]:
    """Return all statements of a role's policies, inline and attached, fit for `policy_allows`."""
    return [_for_anyone(statement) for text in _policies(account, name) for statement in _statements(text)]


def document(statements: Sequence[Statement]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def fits(statements: Sequence[Statement]) -> bool:
    """Whether IAM takes the statements as an inline policy of a role."""
    return len(re.sub(r"\s", "", document(statements))) <= _POLICY_CHARACTERS


def uses(statements: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """Yield each action with each of its resources."""
    for statement in statements:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield action, resource


def _policies(account: Account, name: str) -> Iterator[str]:
    iam, role = account.client("iam"), {"RoleName": name}
    for page in iam.get_paginator("list_role_policies").paginate(**role):
        for policy in page["PolicyNames"]:
            yield _text(iam.get_role_policy(**role, PolicyName=policy)["PolicyDocument"])
    for page in iam.get_paginator("list_attached_role_policies").paginate(**role):
        for policy in page["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield _text(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _for_anyone(statement: Statement) -> Statement:
    """An identity policy names nobody: it is about whoever has it."""
    return {**statement, "Principal": "*"}


def _trust(role: Mapping[str, Any]) -> tuple[Statement, ...]:
    return _statements(_text(role.get("AssumeRolePolicyDocument") or {}))


def _assumes(statement: Statement) -> bool:
    return any(matches(action, "sts:AssumeRole", ignore_case=True) for action in _listed(statement.get("Action", ())))


def _statements(text: str) -> tuple[Statement, ...]:
    """The statements of a policy; none if it isn't understood, which then allows nothing."""
    try:
        return parse(text).statements
    except PolicyRefused:
        return ()


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _text(policy: Any) -> str:
    """A policy as text: boto3 gives it parsed, or as the URL-encoded text that AWS sends."""
    return unquote(policy) if isinstance(policy, str) else json.dumps(policy)
