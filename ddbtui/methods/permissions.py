"""Declared access → the exact IAM policy of each account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.plan.model import Side

MANAGED = 6_144
"""The most characters of a managed policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


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
    return _of(statements)


def _of(statements: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def size(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy, not counting white space, as IAM counts them."""
    return len(json.dumps(document, separators=(",", ":")))


def split(document: Mapping[str, Any], most: int = MANAGED) -> Sequence[Mapping[str, Any]]:
    """Return policies that together allow what one does, each no larger than `most` characters.

    Raises:
        ValueError: a single action on a single resource is larger.
    """
    packed: list[list[Mapping[str, Any]]] = []
    for statement in (part for whole in document["Statement"] for part in _parts(whole, most)):
        room = next((held for held in packed if size(_of([*held, statement])) <= most), None)
        if room is None:
            packed.append([statement])
        else:
            room.append(statement)
    return [_of(statements) for statements in packed]


def _parts(statement: Mapping[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
    if size(_of([statement])) <= most:
        yield statement
        return
    member = max(("Action", "Resource"), key=lambda name: len(json.dumps(statement[name])) * (len(statement[name]) > 1))
    listed, half = statement[member], len(statement[member]) // 2
    if not half:
        raise ValueError(f"one action on one resource has more than {most:,} characters")
    for part in (listed[:half], listed[half:]):
        yield from _parts({**statement, member: part}, most)
