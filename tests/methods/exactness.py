"""Whether what is declared is what is called: nothing more, nothing less."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from ddbtui.aws.move import Move
from ddbtui.methods.catalog import method
from tests.methods.lab import IDS, Lab


def undeclared_and_unused(lab: Lab, move: Move) -> tuple[set[Any], set[str]]:
    """What was called without being declared, and which declared actions nobody called.

    Calls of roles are left out: what AWS Backup, a job or a crawler does is theirs to be allowed.
    """
    chosen = method(move.plan.method.type)
    accesses = list(chosen.access(move))
    for prerequisite in chosen.prerequisites(move):
        accesses += [*prerequisite.access(), *prerequisite.remedy_access(), *prerequisite.undo_access()]
    declared = {(one.side, one.action, one.resource) for one in accesses}
    side_of = {account: side for side, account in IDS.items()}
    used, undeclared = set(), set()
    for call in lab.sandbox.calls():
        if not call["action"] or ":role/" in call["principal"]:
            continue
        called = side_of[call["account"]], call["action"], call["resource"]
        hits = {one for one in declared if one[:2] == called[:2] and fnmatchcase(called[2], one[2])}
        used |= hits
        if not hits:
            undeclared.add(called)
    return undeclared, {action for _, action, _ in declared - used}
