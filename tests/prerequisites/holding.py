"""What every remedy is held to: it fails first, changes exactly what it says, and then it holds."""

from __future__ import annotations

from collections.abc import Iterable

from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Finding, Prerequisite
from tests.aws.live import Live, declared


def remedied(live: Live, prerequisite: Prerequisite) -> tuple[Finding, list[Resource]]:
    """Check, apply, check again; return the first finding and what was recorded.

    Every action used was declared, and every declared one was used; the changes shown are those that were made; what
    the remedy says it leaves is what was recorded.
    """
    live.forget()
    before = prerequisite.check()
    assert before.outcome == "fail", before
    assert before.remedy
    recorded: list[Resource] = []
    prerequisite.apply(recorded.append)
    after = prerequisite.check()
    assert after.outcome == "pass", after
    assert after.remedy is None
    assert _named(before.remedy.leaves) == _named(one for one in recorded if one.fate == "remove")
    assert live.used() == declared([*prerequisite.access(), *prerequisite.remedy_access()])
    shown = {(change.side, change.action, change.resource) for change in before.remedy.changes}
    assert shown == declared(prerequisite.remedy_access())
    assert all(access.changes for access in prerequisite.remedy_access())
    again: list[Resource] = []
    live.forget()
    prerequisite.apply(again.append)
    assert again == []
    assert not live.used() & declared(prerequisite.remedy_access())
    return before, recorded


def _named(resources: Iterable[Resource]) -> set[tuple[str, str, str]]:
    return {(one.kind, one.side, one.name) for one in resources}


def checked(live: Live, prerequisite: Prerequisite) -> Finding:
    """Check, and hold the calls against what was declared."""
    live.forget()
    finding = prerequisite.check()
    assert live.used() <= declared(prerequisite.access())
    assert finding.prerequisite == prerequisite.id
    return finding
