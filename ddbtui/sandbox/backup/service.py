"""AWS Backup: which operations there are. Nothing of it is moto's."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.backup import air_gapped, backups, copies, locks, plan_calls, points, restores, settings, vaults
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

Operation = Callable[[World, Call, Principal], Answer]
_OPERATIONS: dict[str, Operation] = {
    "CreateBackupVault": vaults.create_vault,
    "CreateLogicallyAirGappedBackupVault": air_gapped.create_air_gapped,
    "DescribeBackupVault": vaults.describe_vault,
    "DeleteBackupVault": vaults.delete_vault,
    "ListBackupVaults": vaults.list_vaults,
    "PutBackupVaultAccessPolicy": vaults.put_policy,
    "GetBackupVaultAccessPolicy": vaults.get_policy,
    "DeleteBackupVaultAccessPolicy": vaults.delete_policy,
    "PutBackupVaultLockConfiguration": locks.put_lock,
    "DeleteBackupVaultLockConfiguration": locks.delete_lock,
    "DescribeGlobalSettings": settings.describe_global,
    "UpdateGlobalSettings": settings.update_global,
    "DescribeRegionSettings": settings.describe_region,
    "UpdateRegionSettings": settings.update_region,
    "ListTags": settings.list_tags,
    "TagResource": settings.tag,
    "UntagResource": settings.untag,
    "ListRecoveryPointsByBackupVault": points.list_by_vault,
    "ListRecoveryPointsByResource": points.list_by_resource,
    "DescribeRecoveryPoint": points.describe_point,
    "DeleteRecoveryPoint": points.delete_point,
    "GetRecoveryPointRestoreMetadata": points.restore_metadata,
    "StartBackupJob": backups.start_backup,
    "DescribeBackupJob": backups.describe_backup,
    "ListBackupJobs": backups.list_backups,
    "StopBackupJob": backups.stop_backup,
    "StartCopyJob": copies.start_copy,
    "DescribeCopyJob": copies.describe_copy,
    "ListCopyJobs": copies.list_copies,
    "StartRestoreJob": restores.start_restore,
    "DescribeRestoreJob": restores.describe_restore,
    "ListRestoreJobs": restores.list_restores,
    "GetRestoreJobMetadata": restores.metadata_of_job,
    "CreateBackupPlan": plan_calls.create_plan,
    "GetBackupPlan": plan_calls.get_plan,
    "ListBackupPlans": plan_calls.list_plans,
    "UpdateBackupPlan": plan_calls.update_plan,
    "DeleteBackupPlan": plan_calls.delete_plan,
    "CreateBackupSelection": plan_calls.create_selection,
    "GetBackupSelection": plan_calls.get_selection,
    "ListBackupSelections": plan_calls.list_selections,
    "DeleteBackupSelection": plan_calls.delete_selection,
}


def backup(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to AWS Backup; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know {call.method} {call.path}", 404)
    world.backup.expire(world.now())
    return operation(world, call, principal)
