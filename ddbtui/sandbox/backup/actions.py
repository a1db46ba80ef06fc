"""Which IAM actions a request to AWS Backup needs by itself.

Passing the role and using keys are recorded by the operations, which know more.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
"""

from __future__ import annotations

from ddbtui.sandbox.call import Call
from ddbtui.sandbox.uses import Use

SHARED = frozenset(
    {
        "backup:DescribeBackupVault",
        "backup:DescribeRecoveryPoint",
        "backup:GetRecoveryPointRestoreMetadata",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:StartRestoreJob",
    }
)
"""What an account may do with a vault that AWS RAM shares with it.

https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
"""
_ON_VAULT = frozenset(
    {
        "CreateBackupVault",
        "CreateLogicallyAirGappedBackupVault",
        "DescribeBackupVault",
        "DeleteBackupVault",
        "PutBackupVaultAccessPolicy",
        "GetBackupVaultAccessPolicy",
        "DeleteBackupVaultAccessPolicy",
        "PutBackupVaultLockConfiguration",
        "DeleteBackupVaultLockConfiguration",
        "ListRecoveryPointsByBackupVault",
        "StartBackupJob",
    }
)
_ON_POINT = frozenset(
    {
        "DescribeRecoveryPoint",
        "DeleteRecoveryPoint",
        "GetRecoveryPointRestoreMetadata",
        "StartCopyJob",
        "StartRestoreJob",
    }
)
_ON_TAGGED = frozenset({"ListTags", "TagResource", "UntagResource"})


def backup_uses(call: Call, region: str, account: str) -> list[Use]:
    """The actions and resources of one request."""
    action, params = f"backup:{call.operation}", call.params
    start = f"arn:aws:backup:{region}:{account}"
    if call.operation in _ON_VAULT:
        owner = params.get("backupVaultAccountId") or account
        uses = [Use(action, f"arn:aws:backup:{region}:{owner}:backup-vault:{params.get('BackupVaultName', '')}")]
        if params.get("LogicallyAirGappedBackupVaultArn"):
            uses.append(Use(action, str(params["LogicallyAirGappedBackupVaultArn"])))
        if params.get("BackupVaultTags"):
            uses.append(Use("backup:TagResource", uses[0].resource))
        return uses
    if call.operation in _ON_POINT:
        return [Use(action, str(params.get("RecoveryPointArn", "*")))]
    if call.operation in _ON_TAGGED:
        return [Use(action, str(params["ResourceArn"]))]
    if "BackupPlanId" in params:
        return [Use(action, f"{start}:backup-plan:{params['BackupPlanId']}")]
    if call.operation == "CreateBackupPlan":
        tagged = [Use("backup:TagResource", f"{start}:backup-plan:*")] if params.get("BackupPlanTags") else []
        return [Use(action, f"{start}:backup-plan:*"), *tagged]
    return [Use(action, "*")]
