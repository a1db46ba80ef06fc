"""How a resource policy names whoever an account's credentials belong to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.arns import parse_arn, role_arn, role_name, root_arn
from ddbtui.aws.evaluation import Answer, Context, policy_allows
from ddbtui.aws.policies import PolicyRefused, parse

_BEST_FIRST: tuple[Answer, ...] = ("yes", "unknown", "no")


def policy_principal(account: Account) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the `Principal` and the `Condition` (may be empty) that let in exactly this account's credentials.

    STS leaves the path out of a session's ARN (SSO roles live under `/aws-reserved/sso.amazonaws.com/`), and a policy
    that names a role which does not exist is refused. So a role of unknown path is told by a condition.

    Raises:
        UserError: AWS does not say whose credentials these are.
    """
    arn = account.identity.arn
    if account.ref.role_arn:
        return {"AWS": account.ref.role_arn}, {}
    partition, account_id = account.partition, account.account_id
    if ":assumed-role/" in arn:
        roles = f"arn:{partition}:iam::{account_id}:role/"
        name = role_name(arn)
        patterns = [f"{roles}{name}", f"{roles}*/{name}"]
        return {"AWS": root_arn(partition, account_id)}, {"ArnLike": {"aws:PrincipalArn": patterns}}
    if ":federated-user/" in arn or arn.endswith(":root"):  # the root ARN alone would let in the whole account
        return {"AWS": root_arn(partition, account_id)}, {"ArnLike": {"aws:PrincipalArn": [arn]}}
    return {"AWS": arn}, {}


def principal_arn(account: Account) -> str:
    """Return the ARN of the role or user behind the credentials, with its path where the plan tells it."""
    return account.ref.role_arn or account.identity.principal_arn


def whole_principal_arn(account: Account) -> str:
    """Return the ARN of the role or user behind the credentials, always with its path.

    STS leaves the path out, so IAM is asked for the role of a session that the plan does not name.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    arn = principal_arn(account)
    if not _path_unknown(account):
        return arn
    return str(account.client("iam").get_role(RoleName=role_name(arn))["Role"]["Arn"])


def whole_principal_access(account: Account, why: str) -> list[Access]:
    """Return what `whole_principal_arn` needs: to read the role, wherever it is."""
    if not _path_unknown(account):
        return []
    role = role_arn(account.partition, account.account_id, f"*{role_name(account.identity.arn)}")
    return [Access(account.side, "iam:GetRole", role, why)]


def _path_unknown(account: Account) -> bool:
    return not account.ref.role_arn and ":assumed-role/" in account.identity.arn


def principal_arns(account: Account, policy: str | None = None) -> tuple[str, ...]:
    """Return the ARNs that the credentials can have, given the roles of that name which a policy names with a path."""
    first = principal_arn(account)
    if not _path_unknown(account) or not policy:
        return (first,)
    start = f"arn:{account.partition}:iam::{account.account_id}:role/"
    with_path = re.findall(rf'"({re.escape(start)}[^"*?]+/{re.escape(str(role_name(first)))})"', policy)
    return tuple(dict.fromkeys([first, *with_path]))


def allowing(account: Account, statement: dict[str, Any]) -> dict[str, Any]:
    """Return an Allow statement for this account's credentials.

    Args:
        account: whose credentials are let in.
        statement: `Action`, `Resource` and maybe a `Condition` of other operators than ArnLike.
    """
    principal, condition = policy_principal(account)
    both = {**statement.get("Condition", {}), **condition}
    rest = {key: value for key, value in statement.items() if key != "Condition"}
    return {"Effect": "Allow", "Principal": principal, **rest, **({"Condition": both} if both else {})}


def allowed(account: Account, policy: str | None, action: str, resource: str, context: Context | None = None) -> Answer:
    """Say whether a resource policy lets an account's credentials do something; `unknown` if it isn't understood.

    Args:
        account: whose credentials ask.
        policy: the document as AWS gave it; None if there is none.
        action: as IAM spells it, e.g. `s3:PutObject`.
        resource: the ARN that it is done to.
        context: further condition keys of the request.
    """
    arns = principal_arns(account, policy)
    answers = [principal_allowed(arn, policy, action, resource, context) for arn in arns]
    return next((answer for answer in _BEST_FIRST if answer in answers), "no")


def principal_allowed(
    arn: str, policy: str | None, action: str, resource: str, context: Context | None = None
) -> Answer:
    """Say whether a resource policy lets a role or user do something. Arguments as above, but for its ARN."""
    try:
        statements = parse(policy).statements if policy else ()
    except PolicyRefused:
        return "unknown"
    return policy_allows(statements, arn, parse_arn(arn).account_id, action, resource, context)
