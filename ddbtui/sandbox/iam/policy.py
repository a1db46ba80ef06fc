"""Evaluation of IAM policy documents: statements, wildcards, principals and conditions. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

Decision = Literal["allow", "deny"]
Context = Mapping[str, str]
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
}
_NEGATED.update({"ArnNotEquals": "ArnLike", "ArnNotLike": "ArnLike"})


@lru_cache(maxsize=4096)
def _pattern(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    text = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Match IAM's `*` and `?`."""
    return _pattern(pattern, ignore_case).fullmatch(value) is not None


def listed(value: Any) -> list[Any]:
    """IAM allows a single element where a list is meant."""
    return value if isinstance(value, list) else [value]


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}


def _condition_holds(operator: str, key: str, wanted: list[str], context: Context) -> bool | None:
    """Whether one line of a Condition holds; None for an operator that is not known here."""
    name = operator.partition(":")[2] or operator
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    value = next((held for known, held in context.items() if known.lower() == key.lower()), None)
    if name == "Null":
        return (value is None) == (wanted[0].lower() == "true")
    if name in _NEGATED:
        test = _TESTS[_NEGATED[name]]
        return value is None or not any(test(want, value) for want in wanted)
    if name not in _TESTS:
        return None
    if value is None:
        return optional or operator.startswith("ForAllValues:")
    return any(_TESTS[name](want, value) for want in wanted)


def _conditions_hold(statement: Mapping[str, Any], context: Context) -> bool:
    """All conditions hold. What is not known counts as not held for Allow and as held for Deny: never more than AWS."""
    unknown = statement["Effect"] == "Deny"
    for operator, lines in (statement.get("Condition") or {}).items():
        for key, wanted in lines.items():
            held = _condition_holds(operator, key, [_text(want) for want in listed(wanted)], context)
            if not (unknown if held is None else held):
                return False
    return True


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool) -> bool:
    if element in statement:
        return any(like(str(each), value, ignore_case=ignore_case) for each in listed(statement[element]))
    if "Not" + element in statement:
        return not any(like(str(each), value, ignore_case=ignore_case) for each in listed(statement["Not" + element]))
    return element == "Resource"


def decide(documents: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decision | None:
    """What identity-based policies say of an action on a resource; Deny wins, None is an implicit deny."""
    return _decide(
        (each for document in documents for each in listed(document["Statement"])), action, resource, context
    )


def _decide(statements: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decision | None:
    verdict: Decision | None = None
    for statement in statements:
        if not _names(statement, "Action", action, ignore_case=True):
            continue
        if _names(statement, "Resource", resource, ignore_case=False) and _conditions_hold(statement, context):
            if statement["Effect"] == "Deny":
                return "deny"
            verdict = "allow"
    return verdict


Named = Literal["direct", "account"]


def names_principal(principal: Any, arns: Iterable[str], account: str) -> Named | None:
    """Whether a Principal element names the caller: itself (or everyone), or through its account."""
    if principal == "*":
        return "direct"
    values = [str(each) for each in listed(principal.get("AWS", []))] if isinstance(principal, Mapping) else []
    if "*" in values or any(arn in values for arn in arns):
        return "direct"
    if account in values or f"arn:aws:iam::{account}:root" in values:
        return "account"
    return None


def decide_resource(
    document: Mapping[str, Any] | None, arns: Iterable[str], account: str, use: tuple[str, str], context: Context
) -> tuple[Decision | None, bool]:
    """What a resource-based policy says.

    Args:
        document: the policy, or None.
        arns: the caller's ARNs: session and role, or user.
        account: the caller's account.
        use: action and resource.
        context: condition keys.

    Returns:
        The decision, and whether an Allow names the caller itself rather than its account.
    """
    verdict: Decision | None = None
    direct = False
    arns = tuple(arns)
    for statement in listed(document["Statement"]) if document else []:
        if "NotPrincipal" in statement:
            named: Named | None = "direct" if not names_principal(statement["NotPrincipal"], arns, account) else None
        else:
            named = names_principal(statement.get("Principal", {}), arns, account)
        if not named:
            continue
        decision = _decide([statement], *use, context)
        if decision == "deny":
            return "deny", False
        if decision == "allow":
            verdict, direct = "allow", direct or named == "direct"
    return verdict, direct
