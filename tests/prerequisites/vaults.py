"""What AWS Backup's prerequisites are held to: each fails for its own reason, and its remedy mends it."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.engine.step import Resource
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Finding, Prerequisite
from tests.aws.live import REGION, TARGET, Live

VAULT = "ddbtui"
ARN = f"arn:aws:backup:{REGION}:{TARGET}:backup-vault:{VAULT}"


def covered(live: Live, declared: Sequence[Access]) -> None:
    """Every call since was declared."""
    for side, action, resource in live.used():
        hits = [one for one in declared if (one.side, one.action) == (side, action)]
        assert any(fnmatchcase(resource, one.resource) for one in hits), (side, action, resource)


def looked(live: Live, prerequisite: Prerequisite) -> Finding:
    """Check; every call was declared."""
    live.forget()
    finding = prerequisite.check()
    covered(live, prerequisite.access())
    return finding


def mended(live: Live, prerequisite: Prerequisite) -> tuple[Finding, list[Resource]]:
    """It fails, its remedy makes what it shows, and then it holds; a repetition changes nothing."""
    before = looked(live, prerequisite)
    assert (before.outcome, bool(before.remedy)) == ("fail", True), before
    assert before.remedy
    live.forget()
    recorded: list[Resource] = []
    prerequisite.apply(recorded.append)
    covered(live, [*prerequisite.access(), *prerequisite.remedy_access()])
    used = {(side, action) for side, action, _ in live.used()}
    assert {(change.side, change.action) for change in before.remedy.changes} <= used
    after = looked(live, prerequisite)
    assert (after.outcome, after.remedy) == ("pass", None), after
    again: list[Resource] = []
    prerequisite.apply(again.append)
    assert again == []
    return before, recorded


def make_vault(live: Live, side: Side = "target", **more: Any) -> None:
    live.admin(side, "backup").create_backup_vault(BackupVaultName=VAULT, **more)
