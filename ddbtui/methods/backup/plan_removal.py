"""Takes a run's backup plan away again, and what is assigned to it: it must not go on after the move."""

from __future__ import annotations

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.backup.plan_document import find_plan, selections_of
from ddbtui.text import shown

_GONE = "ResourceNotFoundException"


def remove_backup_selection(account: Account, resource: Resource) -> None:
    """Take a table out of the run's backup plan.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupSelection.html
    """
    plan = _plan_id(account, resource)
    for found in list(selections_of(account, plan)) if plan else ():
        if found["SelectionName"] == resource.data["selection"]:
            try:
                account.client("backup").delete_backup_selection(BackupPlanId=plan, SelectionId=found["SelectionId"])
            except Exception as error:
                if code(error) != _GONE:
                    raise


def remove_backup_plan(account: Account, resource: Resource) -> None:
    """Delete the run's backup plan. What somebody else has assigned to it keeps it.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
    """
    plan = _plan_id(account, resource)
    if plan is None:
        return
    left = [str(found["SelectionName"]) for found in selections_of(account, plan)]
    if left:
        names = ", ".join(shown(name, 60) for name in left[:5])
        hint = "Take out of it what is not wanted, then clean up again."
        raise UserError(f"backup plan {shown(resource.name)} still backs up {names}, so it stays", hint)
    try:
        account.client("backup").delete_backup_plan(BackupPlanId=plan)
    except Exception as error:
        if code(error) != _GONE:
            raise


def _plan_id(account: Account, resource: Resource) -> str | None:
    found = find_plan(account, str(resource.data["plan"]), str(resource.data["run_id"]))
    return str(found["BackupPlanId"]) if found else None
