"""From method and path of a request to the operation of AWS Backup, and its parameters by their API names.

https://docs.aws.amazon.com/aws-backup/latest/devguide/api-reference.html
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

_VAULT = "/backup-vaults/{BackupVaultName}"
_POINT = _VAULT + "/recovery-points/{RecoveryPointArn}"
_PLAN = "/backup/plans/{BackupPlanId}"
_TABLE = (
    ("GET", "/backup-vaults", "ListBackupVaults"),
    ("PUT", _VAULT, "CreateBackupVault"),
    ("GET", _VAULT, "DescribeBackupVault"),
    ("DELETE", _VAULT, "DeleteBackupVault"),
    ("PUT", "/logically-air-gapped-backup-vaults/{BackupVaultName}", "CreateLogicallyAirGappedBackupVault"),
    ("PUT", _VAULT + "/access-policy", "PutBackupVaultAccessPolicy"),
    ("GET", _VAULT + "/access-policy", "GetBackupVaultAccessPolicy"),
    ("DELETE", _VAULT + "/access-policy", "DeleteBackupVaultAccessPolicy"),
    ("PUT", _VAULT + "/vault-lock", "PutBackupVaultLockConfiguration"),
    ("DELETE", _VAULT + "/vault-lock", "DeleteBackupVaultLockConfiguration"),
    ("GET", _VAULT + "/recovery-points", "ListRecoveryPointsByBackupVault"),
    ("GET", _POINT + "/restore-metadata", "GetRecoveryPointRestoreMetadata"),
    ("GET", _POINT, "DescribeRecoveryPoint"),
    ("DELETE", _POINT, "DeleteRecoveryPoint"),
    ("GET", "/resources/{ResourceArn}/recovery-points", "ListRecoveryPointsByResource"),
    ("GET", "/global-settings", "DescribeGlobalSettings"),
    ("PUT", "/global-settings", "UpdateGlobalSettings"),
    ("GET", "/account-settings", "DescribeRegionSettings"),
    ("PUT", "/account-settings", "UpdateRegionSettings"),
    ("PUT", "/backup-jobs", "StartBackupJob"),
    ("GET", "/backup-jobs", "ListBackupJobs"),
    ("GET", "/backup-jobs/{BackupJobId}", "DescribeBackupJob"),
    ("POST", "/backup-jobs/{BackupJobId}", "StopBackupJob"),
    ("PUT", "/copy-jobs", "StartCopyJob"),
    ("GET", "/copy-jobs", "ListCopyJobs"),
    ("GET", "/copy-jobs/{CopyJobId}", "DescribeCopyJob"),
    ("PUT", "/restore-jobs", "StartRestoreJob"),
    ("GET", "/restore-jobs", "ListRestoreJobs"),
    ("GET", "/restore-jobs/{RestoreJobId}", "DescribeRestoreJob"),
    ("GET", "/restore-jobs/{RestoreJobId}/metadata", "GetRestoreJobMetadata"),
    ("GET", "/tags/{ResourceArn}", "ListTags"),
    ("POST", "/tags/{ResourceArn}", "TagResource"),
    ("POST", "/untag/{ResourceArn}", "UntagResource"),
    ("PUT", "/backup/plans", "CreateBackupPlan"),
    ("GET", "/backup/plans", "ListBackupPlans"),
    ("GET", _PLAN, "GetBackupPlan"),
    ("POST", _PLAN, "UpdateBackupPlan"),
    ("DELETE", _PLAN, "DeleteBackupPlan"),
    ("PUT", _PLAN + "/selections", "CreateBackupSelection"),
    ("GET", _PLAN + "/selections", "ListBackupSelections"),
    ("GET", _PLAN + "/selections/{SelectionId}", "GetBackupSelection"),
    ("DELETE", _PLAN + "/selections/{SelectionId}", "DeleteBackupSelection"),
)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", template)
    text = "".join(
        f"(?P<{part[1:-1]}>{'.+?' if part.endswith('Arn}') else '[^/]+'})" if part.startswith("{") else re.escape(part)
        for part in parts
    )
    return re.compile(text + "/?")


_ROUTES = [(method, _pattern(template), operation) for method, template, operation in _TABLE]


def read_backup(method: str, path: str, query: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the operation, or an empty text, and its parameters; those of the query keep their names on the wire.

    Args:
        method: of HTTP.
        path: decoded.
        query: the query string, not decoded.
        body: JSON or nothing.
    """
    for wanted, pattern, operation in _ROUTES:
        found = pattern.fullmatch(path)
        if found and wanted == method:
            params = dict(parse_qsl(query, keep_blank_values=True))
            params.update(json.loads(body) if body else {})
            return operation, {**params, **found.groupdict()}
    return "", {}
