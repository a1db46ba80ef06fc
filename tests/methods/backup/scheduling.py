"""Moves by a backup plan, and time that goes on in the sandbox when a test says so."""

from __future__ import annotations

import json
from typing import Any

from ddbtui.aws.move import Move
from ddbtui.engine.step import Chain, Done, Json, Step
from ddbtui.plan.model import Side
from tests.methods.backup.moves import VAULT, moving
from tests.methods.lab import Context, Journal, Lab

DAY = 86400
DAILY: dict[str, Any] = {"cron": "cron(0 5 ? * * *)"}


def scheduled(lab: Lab, *names: str, schedule: dict[str, Any] | None = None, **plan: Any) -> Move:
    """A move by a backup plan."""
    return moving(lab, *names, options={"schedule": {**DAILY, **(schedule or {})}}, **plan)


class Clockwork:
    """Carries chains out, and puts the sandbox's clock forward a day whenever a step waits for the schedule."""

    def __init__(self, lab: Lab, journal: Journal | None = None) -> None:
        self.lab, self.journal = lab, journal or Journal()
        self.days = 0

    def until(self, all_chains: list[Chain], name: str | None) -> Step:
        """Carry out every step up to (not including) the one of that name, which is returned."""
        for chain in all_chains:
            for step in chain.steps:
                if step.name == name:
                    return step
                self.carry_out(chain.subject, step)
        assert name is None, f"no step {name}"
        return all_chains[-1].steps[-1]

    def carry_out(self, subject: str, step: Step, attempt: int = 1) -> Json:
        context = self.journal.context(subject, step, attempt)
        return self.follow(context, step, step.start(context))

    def follow(self, context: Context, step: Step, handle: Json) -> Json:
        for _ in range(100):
            outcome = step.poll(context, json.loads(json.dumps(handle)))
            if isinstance(outcome, Done):
                self.journal.results[context.subject, step.name] = json.loads(json.dumps(outcome.result))
                return outcome.result
            if outcome.note.startswith("waits for 2"):
                self.lab.tell("clock", seconds=DAY)
                self.days += 1
        raise AssertionError(f"{step.name} does not end")


def points(lab: Lab, side: Side) -> list[str]:
    found = lab.client(side, "backup").list_recovery_points_by_backup_vault(BackupVaultName=VAULT)
    return [one["RecoveryPointArn"] for one in found["RecoveryPoints"]]


def plans(lab: Lab) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lab.client("source", "backup").list_backup_plans()["BackupPlansList"]
    return found


def selections(lab: Lab) -> list[dict[str, Any]]:
    """What is assigned to all plans."""
    backup = lab.client("source", "backup")
    return [
        backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=one["SelectionId"])
        for plan in plans(lab)
        for one in backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
    ]


def kinds(lab: Lab) -> list[str]:
    return sorted(job["kind"] for job in lab.sandbox.state()["jobs"])
