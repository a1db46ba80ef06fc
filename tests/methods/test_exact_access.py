"""What is declared is what is called: every call of a run is covered, and nothing more is asked for."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ddbtui.methods.catalog import method
from tests.methods.lab import IDS, Journal, Lab, chains_of

ONLY_AFTER_TROUBLE = {"dynamodb:DeleteTable", "dynamodb:GetItem", "logs:GetLogEvents"}
"""A failed import, and items that differ."""
ONLY_IN_OTHER_BUCKETS = {"s3:PutBucketRequestPayment", "s3:DeleteBucketPolicy"}


def test_every_call_is_declared_and_every_declaration_used(lab: Lab) -> None:
    move, chosen = lab.move("orders", "sessions"), method("s3-import")
    declared = list(chosen.access(move))
    for one in chosen.prerequisites(move):
        declared += [*one.access(), *one.remedy_access(), *one.undo_access()]
    lab.tell("calls/clear")
    Journal().until(chains_of(move), None)
    side_of = {account: side for side, account in IDS.items()}
    used, undeclared = set(), set()
    for call in lab.sandbox.calls():
        if not call["action"]:
            continue
        called = side_of[call["account"]], call["action"], call["resource"]
        hits = {
            (one.side, one.action, one.resource)
            for one in declared
            if (one.side, one.action) == called[:2] and fnmatchcase(called[2], one.resource)
        }
        used |= hits
        if not hits:
            undeclared.add(called)
    assert undeclared == set()
    unused = {one.action for one in declared if (one.side, one.action, one.resource) not in used}
    assert unused <= ONLY_AFTER_TROUBLE | ONLY_IN_OTHER_BUCKETS
