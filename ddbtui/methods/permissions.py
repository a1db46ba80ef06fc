"""Declared access → the exact IAM policy of each account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.plan.model import Side


def policy_documents(wanted: Iterable[Access]) -> Mapping[Side, Mapping[str, Any]]:
    """Return one identity policy a side: the same actions on the same resources become one statement.

    The management account has one only if something is wanted of it.

    Args:
        wanted: all access of a run; repetitions are fine.
    """
    by_side: dict[Side, set[tuple[str, str]]] = {"source": set(), "target": set()}
    for access in wanted:
        by_side.setdefault(access.side, set()).add((access.action, access.resource))
    return {side: _document(pairs) for side, pairs in by_side.items()}


def _document(pairs: set[tuple[str, str]]) -> Mapping[str, Any]:
    resources_of: dict[str, set[str]] = defaultdict(set)
    for action, resource in pairs:
        resources_of[action].add(resource)
    actions_of: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for action, resources in resources_of.items():
        # Different services never share a statement: it reads better and costs nothing.
        actions_of[action.split(":")[0], *sorted(resources)].add(action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(key[1:])}
        for key, actions in sorted(actions_of.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}
