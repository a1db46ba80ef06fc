"""Takes away what a run left in AWS Backup: recovery points, vaults and statements of their policies, backup plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code, reason, suppress_codes
from ddbtui.aws.paging import pages
from ddbtui.aws.policies import remove_statement
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.going import StillGoing
from ddbtui.prerequisites.vault import find_vault
from ddbtui.text import plural, shown

_REFUSALS = frozenset({"InvalidRequestException", "InvalidResourceStateException"})
_GONE, _DELETING = "ResourceNotFoundException", "DELETING"
_LINKED_ROLE = (
    "Make AWS Backup's role there, which deletes backups: `aws iam create-service-linked-role --aws-service-name "
    "backup.amazonaws.com`; then clean up again."
)


def remove_recovery_points(account: Account, resource: Resource) -> None:
    """Delete the recovery point that the run noted, or else those in the vault that are told to be the run's.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html

    Raises:
        StillGoing: AWS has begun with it.
        UserError: AWS can't delete one; it stays, and is billed.
    """
    vault, noted = str(resource.data["vault"]), resource.data.get("arn")
    if find_vault(account, vault) is None:
        return
    points = [str(noted)] if noted else list(_of_run(account, resource))
    going = [arn for arn in points if not _is_gone(account, vault, arn)]
    if going:
        raise StillGoing(f"{going[0] if len(going) == 1 else plural(len(going), 'recovery point')} in vault {vault}")


def _is_gone(account: Account, vault: str, arn: str) -> bool:
    """Delete a recovery point unless that has begun. That AWS takes the call is no word that it will be done."""
    before = _point(account, vault, arn)
    if before is None or before["Status"] == _DELETING:
        return before is None
    _delete(account, vault, arn)
    after = _point(account, vault, arn)
    expired = next((point for point in (after, before) if point and point["Status"] == "EXPIRED"), None)
    if after and expired:  # one that was EXPIRED before is not waited for: whether AWS can delete it now, nobody knows
        why = shown(expired.get("StatusMessage") or "AWS Backup gives no reason")
        raise UserError(f"{arn} was not deleted, but is EXPIRED and billed further: {why}", _LINKED_ROLE)
    return after is None


def _point(account: Account, vault: str, arn: str) -> dict[str, Any] | None:
    with suppress_codes(_GONE):
        found: dict[str, Any] = account.client("backup").describe_recovery_point(
            BackupVaultName=vault, RecoveryPointArn=arn
        )
        return found
    return None


def _delete(account: Account, vault: str, arn: str) -> None:
    try:
        account.client("backup").delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
    except Exception as error:
        if code(error) in _REFUSALS:
            hint = "A locked vault keeps it until its days are over; one that is being made, until it is done."
            raise UserError(f"{arn} could not be removed: {reason(error)}", hint) from error
        if code(error) != _GONE:
            raise


def _of_run(account: Account, resource: Resource) -> Iterator[str]:
    """Those that carry the run's tag, or that the run's backup plan made.

    AWS says of copies to other regions, not of those to other accounts, that they have the tags of what is copied.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/tags-on-backups.html
    """
    backup, data = account.client("backup"), resource.data
    for point in _points(backup, str(data["vault"]), ByResourceArn=data["table_arn"]):
        arn, plan = str(point["RecoveryPointArn"]), point.get("CreatedBy", {}).get("BackupPlanId")
        if has_tag(backup, arn, str(data["run_id"])) or (plan and plan == data.get("plan_id")):
            yield arn


def remove_vault(account: Account, resource: Resource) -> None:
    """Delete the vault if it is the run's own and empty.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html

    Raises:
        StillGoing: its last recovery points are being deleted.
        UserError: there are others in it.
    """
    vault, backup = str(resource.data["vault"]), account.client("backup")
    found = find_vault(account, vault)
    if found is None or found.get("CreatorRequestId") != resource.data["creator"]:  # somebody else was faster
        return
    left = [str(point["Status"]) for point in _points(backup, vault)]
    staying = [status for status in left if status != _DELETING]
    if staying:
        held = plural(len(staying), "recovery point")
        raise UserError(f"vault {vault} could not be removed: it has {held}", "Remove them, then clean up again.")
    if left:
        raise StillGoing(f"{plural(len(left), 'recovery point')} in vault {vault}")
    try:
        backup.delete_backup_vault(BackupVaultName=vault)
    except Exception as error:
        if code(error) in _REFUSALS:  # it counts what its list shows no more
            raise StillGoing(f"what is in vault {vault} ({reason(error)})") from error
        if code(error) != _GONE:
            raise


def remove_air_gapped_vault(account: Account, resource: Resource) -> None:
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


def has_tag(backup: Any, point: str, run_id: str) -> bool:
    """Whether a recovery point carries the tag of this run; one of DynamoDB's own, or that isn't there yet, does not.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListTags.html
    """
    if ":recovery-point:" not in point:
        return False
    with suppress_codes("ResourceNotFoundException"):
        return bool(backup.list_tags(ResourceArn=point).get("Tags", {}).get(RUN_TAG) == run_id)
    return False


def find_plan(account: Account, name: str, run_id: str) -> dict[str, Any] | None:
    """Return what the list of backup plans says of the run's own one, told by name and tag; None if it isn't there.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupPlans.html
    """
    backup = account.client("backup")
    for plan in pages(backup.list_backup_plans, "BackupPlansList"):
        if plan["BackupPlanName"] == name:
            tags = backup.list_tags(ResourceArn=plan["BackupPlanArn"]).get("Tags", {})
            if tags.get(RUN_TAG) == run_id:
                return plan
    return None


def selections_of(account: Account, plan_id: str) -> Iterator[dict[str, Any]]:
    """Yield what is assigned to a plan.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupSelections.html
    """
    return pages(account.client("backup").list_backup_selections, "BackupSelectionsList", BackupPlanId=plan_id)
