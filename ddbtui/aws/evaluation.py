"""Whether a statement of a resource policy lets someone in: enough of IAM to tell if an existing policy suffices.

`unknown` is an honest answer: conditions and principals that can't be judged from here are not guessed.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from ddbtui.aws.arns import parse_arn

Answer = Literal["yes", "no", "unknown"]
Context = Mapping[str, str]
"""Condition keys (any case) and the value that the request has."""

_OPERATOR = re.compile(r"(String|Arn|Bool)(Not)?(Equals|Like)?(IgnoreCase)?(IfExists)?", re.ASCII)


def statement_allows(
    statement: Mapping[str, Any],
    principal_arn: str,
    account_id: str,
    action: str,
    resource: str,
    context: Context | None = None,
) -> Answer:
    """Say whether a statement allows an action; a Deny never does.

    Args:
        statement: of a resource policy.
        principal_arn: the IAM role or user that asks.
        account_id: the principal's account.
        action: as IAM spells it, e.g. `s3:PutObject`.
        resource: an ARN; of an object, any key under the prefix stands for all.
        context: further condition keys that are known. TLS and the principal's own keys are.
    """
    if statement.get("Effect") != "Allow":
        return "no"
    return statement_applies(statement, principal_arn, account_id, action, resource, context)


def policy_allows(
    statements: Iterable[Mapping[str, Any]],
    principal_arn: str,
    account_id: str,
    action: str,
    resource: str,
    context: Context | None = None,
) -> Answer:
    """Say whether a whole policy allows an action: some statement does, and none denies it. Arguments as above."""
    allowed: list[Answer] = []
    denied: list[Answer] = []
    for statement in statements:
        answer = statement_applies(statement, principal_arn, account_id, action, resource, context)
        (denied if statement.get("Effect") == "Deny" else allowed).append(answer)
    if "yes" in denied or not {"yes", "unknown"} & set(allowed):
        return "no"
    return "yes" if "yes" in allowed and "unknown" not in denied else "unknown"


def statement_applies(
    statement: Mapping[str, Any],
    principal_arn: str,
    account_id: str,
    action: str,
    resource: str,
    context: Context | None = None,
) -> Answer:
    """Say whether a statement is about this request, whatever its effect. Arguments as above."""
    known = {
        "aws:securetransport": "true",
        "aws:principalarn": principal_arn,
        "aws:principalaccount": account_id,
        "kms:calleraccount": account_id,
        **{key.lower(): value for key, value in (context or {}).items()},
    }
    return _all(
        [
            _listed(statement, "Action", action, ignore_case=True),
            _listed(statement, "Resource", resource, ignore_case=False),
            _principal(statement, principal_arn, account_id),
            _conditions(statement.get("Condition"), known),
        ]
    )


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether an IAM pattern with `*` and `?` takes in the text. Never slower than length times length."""
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    at = p = 0
    star, resume = -1, 0
    while at < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, resume = p, at
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[at]):
            at, p = at + 1, p + 1
        elif star >= 0:
            resume += 1
            at, p = resume, star + 1
        else:
            return False
    return not pattern[p:].strip("*")


def _all(answers: Iterable[Answer]) -> Answer:
    given = set(answers)
    return "no" if "no" in given else "unknown" if "unknown" in given else "yes"


def _yes(condition: bool) -> Answer:
    return "yes" if condition else "no"


def _many(value: Any) -> list[str]:
    return [str(member) for member in value] if isinstance(value, list) else [str(value)]


def _listed(statement: Mapping[str, Any], name: str, wanted: str, *, ignore_case: bool) -> Answer:
    """Action and NotAction, Resource and NotResource."""
    for element, negated in ((name, False), (f"Not{name}", True)):
        if element in statement:
            patterns = _many(statement[element])
            if any("${" in pattern for pattern in patterns):
                return "unknown"
            return _yes(any(matches(p, wanted, ignore_case=ignore_case) for p in patterns) != negated)
    return _yes(name == "Resource")


def _principal(statement: Mapping[str, Any], principal_arn: str, account_id: str) -> Answer:
    if "NotPrincipal" in statement:
        named = _named(statement["NotPrincipal"], principal_arn, account_id)
        return "unknown" if named == "unknown" else _yes(named == "no")
    return _named(statement.get("Principal"), principal_arn, account_id)


def _named(principal: Any, principal_arn: str, account_id: str) -> Answer:
    if principal == "*":
        return "yes"
    if not isinstance(principal, dict):
        return "no"
    answers = {_aws_principal(name, principal_arn, account_id) for name in _many(principal.get("AWS", []))}
    if "yes" in answers:
        return "yes"
    return "unknown" if "unknown" in answers or "CanonicalUser" in principal else "no"


def _aws_principal(name: str, principal_arn: str, account_id: str) -> Answer:
    """An account, an ARN, everybody, or one of the ids that AWS shows for principals that it looked up."""
    if name in ("*", account_id, principal_arn):
        return "yes"
    try:
        parsed = parse_arn(name)
    except ValueError:
        return "no" if name.isdigit() else "unknown"
    return _yes(parsed.account_id == account_id and parsed.service == "iam" and parsed.resource == "root")


def _conditions(condition: Any, known: Mapping[str, str]) -> Answer:
    if not condition:
        return "yes"
    if not isinstance(condition, dict):
        return "unknown"
    return _all(
        _condition(operator, key.lower(), _many(wanted), known)
        for operator, tests in condition.items()
        for key, wanted in (tests.items() if isinstance(tests, dict) else [("", tests)])
    )


def _condition(operator: str, key: str, wanted: list[str], known: Mapping[str, str]) -> Answer:
    parsed = _OPERATOR.fullmatch(operator)
    if parsed is None or key not in known or any("${" in value for value in wanted):
        return "unknown"
    kind, negated, how, ignore_case, _ = parsed.groups()
    test = _test(kind, how, ignore_case=bool(ignore_case) or kind == "Bool")
    return _yes(any(test(value, known[key]) for value in wanted) != bool(negated))


def _test(kind: str, how: str | None, *, ignore_case: bool) -> Callable[[str, str], bool]:
    if kind == "Arn" or how == "Like":
        return lambda pattern, value: matches(pattern, value, ignore_case=ignore_case)
    if ignore_case:
        return lambda wanted, value: wanted.lower() == value.lower()
    return lambda wanted, value: wanted == value
