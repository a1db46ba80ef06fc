"""AWS Backup: which operations there are. Nothing of it is moto's."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox import (
    backup_air_gapped,
    backup_backups,
    backup_copies,
    backup_locks,
    backup_plan_calls,
    backup_points,
    backup_restores,
    backup_settings,
    backup_vaults,
)
from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.principals import Principal
from ddbtui.sandbox.world import World

Operation = Callable[[World, Call, Principal], Answer]
_OPERATIONS: dict[str, Operation] = {
    "CreateBackupVault": backup_vaults.create_vault,
    "CreateLogicallyAirGappedBackupVault": backup_air_gapped.create_air_gapped,
    "DescribeBackupVault": backup_vaults.describe_vault,
    "DeleteBackupVault": backup_vaults.delete_vault,
    "ListBackupVaults": backup_vaults.list_vaults,
    "PutBackupVaultAccessPolicy": backup_vaults.put_policy,
    "GetBackupVaultAccessPolicy": backup_vaults.get_policy,
    "DeleteBackupVaultAccessPolicy": backup_vaults.delete_policy,
    "PutBackupVaultLockConfiguration": backup_locks.put_lock,
    "DeleteBackupVaultLockConfiguration": backup_locks.delete_lock,
    "DescribeGlobalSettings": backup_settings.describe_global,
    "UpdateGlobalSettings": backup_settings.update_global,
    "DescribeRegionSettings": backup_settings.describe_region,
    "UpdateRegionSettings": backup_settings.update_region,
    "ListTags": backup_settings.list_tags,
    "TagResource": backup_settings.tag,
    "UntagResource": backup_settings.untag,
    "ListRecoveryPointsByBackupVault": backup_points.list_by_vault,
    "ListRecoveryPointsByResource": backup_points.list_by_resource,
    "DescribeRecoveryPoint": backup_points.describe_point,
    "DeleteRecoveryPoint": backup_points.delete_point,
    "GetRecoveryPointRestoreMetadata": backup_points.restore_metadata,
    "StartBackupJob": backup_backups.start_backup,
    "DescribeBackupJob": backup_backups.describe_backup,
    "ListBackupJobs": backup_backups.list_backups,
    "StopBackupJob": backup_backups.stop_backup,
    "StartCopyJob": backup_copies.start_copy,
    "DescribeCopyJob": backup_copies.describe_copy,
    "ListCopyJobs": backup_copies.list_copies,
    "StartRestoreJob": backup_restores.start_restore,
    "DescribeRestoreJob": backup_restores.describe_restore,
    "ListRestoreJobs": backup_restores.list_restores,
    "GetRestoreJobMetadata": backup_restores.metadata_of_job,
    "CreateBackupPlan": backup_plan_calls.create_plan,
    "GetBackupPlan": backup_plan_calls.get_plan,
    "ListBackupPlans": backup_plan_calls.list_plans,
    "UpdateBackupPlan": backup_plan_calls.update_plan,
    "DeleteBackupPlan": backup_plan_calls.delete_plan,
    "CreateBackupSelection": backup_plan_calls.create_selection,
    "GetBackupSelection": backup_plan_calls.get_selection,
    "ListBackupSelections": backup_plan_calls.list_selections,
    "DeleteBackupSelection": backup_plan_calls.delete_selection,
}


def backup(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to AWS Backup; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know {call.method} {call.path}", 404)
    world.backup.expire(world.now())
    return operation(world, call, principal)
