"""Takes away what a run left in AWS Backup: recovery points, vaults and statements of their policies, backup plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, reason, suppress_codes
from ddbtui.aws.paging import pages
from ddbtui.aws.policies import remove_statement
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.backup.finding import has_tag
from ddbtui.methods.backup.plan_document import find_plan, selections_of
from ddbtui.prerequisites.vault import find_vault
from ddbtui.text import plural, shown

_REFUSALS = frozenset({"InvalidRequestException", "InvalidResourceStateException"})
_GONE = "ResourceNotFoundException"


def remove_recovery_points(account: Account, resource: Resource) -> None:
    """Delete the recovery point that the run noted, or else those in the vault that carry the run's tag.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
    """
    vault, noted = str(resource.data["vault"]), resource.data.get("arn")
    if find_vault(account, vault) is None:
        return
    for arn in [str(noted)] if noted else list(_of_run(account, resource)):
        try:
            account.client("backup").delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        except Exception as error:
            if code(error) in _REFUSALS:
                hint = "A locked vault keeps it until its days are over; one that is being made, until it is done."
                raise UserError(f"{arn} could not be removed: {reason(error)}", hint) from error
            if code(error) != _GONE:
                raise


def _of_run(account: Account, resource: Resource) -> Iterator[str]:
    backup = account.client("backup")
    for point in _points(backup, str(resource.data["vault"]), ByResourceArn=resource.data["table_arn"]):
        if has_tag(backup, str(point["RecoveryPointArn"]), str(resource.data["run_id"])):
            yield str(point["RecoveryPointArn"])


def remove_vault(account: Account, resource: Resource) -> None:
    """Delete the vault if it is the run's own and empty. A recovery point takes a moment to go, which is waited out.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
    """
    vault = str(resource.data["vault"])
    found = find_vault(account, vault)
    if found is None or found.get("CreatorRequestId") != resource.data["creator"]:  # somebody else was faster
        return
    try:
        settle(lambda: account.client("backup").delete_backup_vault(BackupVaultName=vault), _REFUSALS)
    except Exception as error:
        if code(error) in _REFUSALS:
            hint = "Remove what is in it, then clean up again."
            raise UserError(f"vault {vault} could not be removed: {reason(error)}", hint) from error
        if code(error) != _GONE:
            raise


def remove_locked_vault(account: Account, resource: Resource) -> None:
    """Delete the vault once its backups have gone by themselves.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
    """
    name, backup = str(resource.data["vault"]), account.client("backup")
    found = find_vault(account, name)
    if found is None:
        return
    if found.get("CreatorRequestId") != resource.data["creator"]:
        raise UserError(f"vault {shown(name)} was not made by this run", "Delete it yourself if it is not wanted.")
    left = _points(backup, name)
    if left:
        raise _stays(name, f"{plural(len(left), 'backup')} in it can't be deleted{_until(left)}")
    try:
        backup.delete_backup_vault(BackupVaultName=name)
    except Exception as error:
        if code(error) in _REFUSALS:  # a backup that is only being made
            raise _stays(name, reason(error)) from error
        if code(error) != _GONE:
            raise


def _points(backup: Any, vault: str, **wanted: Any) -> list[dict[str, Any]]:
    return list(pages(backup.list_recovery_points_by_backup_vault, "RecoveryPoints", BackupVaultName=vault, **wanted))


def _until(points: list[dict[str, Any]]) -> str:
    ends = [point["CalculatedLifecycle"]["DeleteAt"] for point in points if point.get("CalculatedLifecycle")]
    return f" before {max(ends):%Y-%m-%d %H:%M} UTC" if len(ends) == len(points) else ""


def _stays(vault: str, why: str) -> UserError:
    hint = "They go by themselves and are billed until then; clean up again afterwards to remove the empty vault."
    return UserError(f"vault {shown(vault)} is locked and stays: {why}", hint)


def remove_vault_statement(account: Account, resource: Resource) -> None:
    """Take the run's statement out of the vault's policy.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultAccessPolicy.html
    """
    backup, vault = account.client("backup"), str(resource.data["vault"])
    if find_vault(account, vault) is None:
        return
    with suppress_codes(_GONE):
        before = str(backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"])
        after = remove_statement(before, resource.data["statement"])
        if after is None:
            backup.delete_backup_vault_access_policy(BackupVaultName=vault)
        elif after != before:
            backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=after)


def remove_backup_selection(account: Account, resource: Resource) -> None:
    """Take a table out of the run's backup plan.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupSelection.html
    """
    plan = _plan_id(account, resource)
    for found in list(selections_of(account, plan)) if plan else ():
        if found["SelectionName"] == resource.data["selection"]:
            with suppress_codes(_GONE):
                account.client("backup").delete_backup_selection(BackupPlanId=plan, SelectionId=found["SelectionId"])


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
    with suppress_codes(_GONE):
        account.client("backup").delete_backup_plan(BackupPlanId=plan)


def _plan_id(account: Account, resource: Resource) -> str | None:
    found = find_plan(account, str(resource.data["plan"]), str(resource.data["run_id"]))
    return str(found["BackupPlanId"]) if found else None
