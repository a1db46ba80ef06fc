"""Time for backup plans: the sandbox's clock is put forward while a run waits for its schedule."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.sandbox import TestSandbox

DAY = 24 * 3600


def assigned(sandbox: TestSandbox) -> int:
    """How many tables are in backup plans."""
    backup = sandbox.client("source", "backup")
    return sum(
        len(backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"])
        for plan in backup.list_backup_plans()["BackupPlansList"]
    )


def jobs(sandbox: TestSandbox, kind: str) -> int:
    return sum(job["kind"] == kind for job in sandbox.state()["jobs"])


@contextmanager
def time_goes_on(sandbox: TestSandbox, tables: int = 1) -> Iterator[None]:
    """Put the clock forward by a day once all tables are in the plan and none has been backed up."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            if not jobs(sandbox, "backup") and assigned(sandbox) == tables:
                sandbox.control("clock", seconds=DAY)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
