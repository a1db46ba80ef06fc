"""A policy in pieces: together they allow the same, and IAM takes each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ddbtui.aws.access import Access
from ddbtui.methods.permissions import policy_documents, size, split


def document(actions: int, resources: int) -> Mapping[str, Any]:
    """Allows each action on each resource, and something of another service."""
    wanted = [
        Access("target", f"dynamodb:Action{action}", f"arn:aws:dynamodb:eu-west-1:2:table/{resource}", "why")
        for action in range(actions)
        for resource in range(resources)
    ]
    return policy_documents([*wanted, Access("target", "s3:ListBucket", "arn:aws:s3:::bucket", "why")])["target"]


def allowed(*documents: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(
        (action, resource)
        for one in documents
        for statement in one["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    )


def test_what_fits_stays_in_one_piece() -> None:
    whole = document(3, 3)
    assert split(whole, size(whole)) == [whole]


@pytest.mark.parametrize(("actions", "resources"), [(3, 300), (300, 1), (30, 30), (1, 1)])
@pytest.mark.parametrize("most", [400, 6_144])
def test_pieces_allow_the_same_once(actions: int, resources: int, most: int) -> None:
    whole = document(actions, resources)
    pieces = split(whole, most)
    assert allowed(*pieces) == allowed(whole)
    assert max(map(size, pieces)) <= most
    assert len(pieces) == 1 or size(whole) > most


def test_what_can_t_be_split_is_refused() -> None:
    with pytest.raises(ValueError, match="one action on one resource"):
        split(document(1, 1), 80)
