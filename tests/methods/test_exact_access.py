"""What is declared is what is called: every call of a run is covered, and nothing more is asked for."""

from __future__ import annotations

from tests.methods.exactness import undeclared_and_unused
from tests.methods.lab import Journal, Lab, chains_of

ONLY_AFTER_TROUBLE = {"dynamodb:DeleteTable", "dynamodb:GetItem", "logs:GetLogEvents"}
"""A failed import, and items that differ."""
ONLY_IN_OTHER_BUCKETS = {"s3:PutBucketRequestPayment", "s3:DeleteBucketPolicy"}


def test_every_call_is_declared_and_every_declaration_used(lab: Lab) -> None:
    move = lab.move("orders", "sessions")
    lab.tell("calls/clear")
    Journal().until(chains_of(move), None)
    undeclared, unused = undeclared_and_unused(lab, move)
    assert undeclared == set()
    assert unused <= ONLY_AFTER_TROUBLE | ONLY_IN_OTHER_BUCKETS
