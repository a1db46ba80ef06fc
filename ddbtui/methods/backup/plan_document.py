"""The backup plan that a move asks for: names and documents, and how what AWS has differs from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ddbtui.aws.move import Move, MovingTable
from ddbtui.methods.backup.options import Vaults
from ddbtui.methods.backup.schedule_options import BackupSchedule
from ddbtui.methods.base import RUN_TAG
from ddbtui.text import shown

SELECTIONS = 100
"""Resource assignments that AWS takes for one plan. https://docs.aws.amazon.com/general/latest/gr/bk.html"""
_COMPLETE_MINUTES = 7 * 24 * 60
_LONGEST_NAME = 50


class AskedPlan:
    """One backup plan of a move. A move of more tables than a plan takes has several, all alike.

    Args:
        move: the move; its method's options have a schedule.
        number: from 1.
    """

    def __init__(self, move: Move, number: int) -> None:
        self.vaults = Vaults(move)
        self.number = number
        self._move = move

    @property
    def schedule(self) -> BackupSchedule:
        """What the plan of ddbtui says of it."""
        schedule = self.vaults.options.schedule
        assert schedule is not None, "only a scheduled move has a backup plan"
        return schedule

    @property
    def step(self) -> str:
        """Name of the step that makes it."""
        return "backup-plan" if self.number == 1 else f"backup-plan-{self.number}"

    @property
    def arn_pattern(self) -> str:
        """What its ARN will match: AWS chooses the id."""
        source = self._move.source
        return f"arn:{source.partition}:backup:{source.region}:{source.account_id}:backup-plan:*"

    def name(self, run_id: str) -> str:
        """The plan's name."""
        return f"ddbtui-{run_id}" if self.number == 1 else f"ddbtui-{run_id}-{self.number}"

    def document(self, run_id: str) -> dict[str, Any]:
        """Return what `CreateBackupPlan` takes: one rule with its schedule and the copy into the target's vault.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupPlanInput.html
        """
        schedule, vaults = self.schedule, self.vaults
        rule = {
            "RuleName": schedule.rule_name,
            "TargetBackupVaultName": vaults.name("source"),
            "ScheduleExpression": schedule.cron,
            "ScheduleExpressionTimezone": schedule.timezone,
            "StartWindowMinutes": schedule.start_window_minutes,
            "CompletionWindowMinutes": schedule.start_window_minutes + _COMPLETE_MINUTES,
            "Lifecycle": vaults.lifecycle,
            "RecoveryPointTags": {RUN_TAG: run_id},
            "CopyActions": [{"DestinationBackupVaultArn": vaults.arn("target"), "Lifecycle": vaults.lifecycle}],
        }
        return {"BackupPlanName": self.name(run_id), "Rules": [rule]}

    def selection(self, moving: MovingTable) -> dict[str, Any]:
        """Return what assigns one table to the plan. A tag only narrows: AWS asks for both, table and condition.

        So no other table of the account is ever backed up, and copied to another account, because it carries the tag.
        https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html
        """
        found: dict[str, Any] = {
            "SelectionName": selection_name(moving),
            "IamRoleArn": self.vaults.role("source"),
            "Resources": [moving.table.arn],
        }
        tag = self.schedule.tag
        if tag:
            condition = {"ConditionKey": f"aws:ResourceTag/{tag.key}", "ConditionValue": tag.value}
            found["Conditions"] = {"StringEquals": [condition]}
        return found


def asked_plans(move: Move) -> list[AskedPlan]:
    """Return the plans of a scheduled move, none of any other."""
    if Vaults(move).options.schedule is None:
        return []
    return [AskedPlan(move, number) for number in range(1, -(-len(move.tables) // SELECTIONS) + 1)]


def plan_for(move: Move, moving: MovingTable) -> AskedPlan:
    """Return the plan that backs up one table of a scheduled move."""
    if len(move.tables) <= SELECTIONS:
        return AskedPlan(move, 1)
    index = next(index for index, other in enumerate(move.tables) if other.name == moving.name)
    return AskedPlan(move, index // SELECTIONS + 1)


def selection_name(moving: MovingTable) -> str:
    """Return the name of a table's assignment: its own, shortened where AWS takes no longer one."""
    if len(moving.name) <= _LONGEST_NAME:
        return moving.name
    return f"{moving.name[:33]}-{hashlib.sha256(moving.name.encode()).hexdigest()[:16]}"


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield where AWS has something else than was asked; what it fills in beyond that is left alone.

    Args:
        wanted: the document that was asked for.
        found: what AWS has.
        path: where in the document this is.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name, value in wanted.items():
            yield from differences(value, found.get(name), f"{path}.{name}" if path else name)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (value, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(value, other, f"{path}[{index}]")
    elif wanted != found:
        yield f"{path} is {shown(str(found), 120)} instead of {shown(str(wanted), 120)}"
