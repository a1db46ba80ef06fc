"""Finds the job that an interrupted start began, in the lists of AWS Backup.

No list has the idempotency token, so a job is told by what only this run can have asked for. Where nothing is found the
start is repeated with its token, of which AWS says that it "results in a success message with no action taken".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from ddbtui.aws.paging import pages
from ddbtui.methods.removal.backup import has_tag

_CLOCKS_DIFFER = timedelta(minutes=15)
"""AWS refuses whoever's clock is wrong by more: a job that was begun after the intent is not listed before that."""
_MOST = 1000
_NEVER_OURS = frozenset({"FAILED", "ABORTED", "ABORTING", "EXPIRED", "PARTIAL"})


def backup_job(backup: Any, table_arn: str, run_id: str, since: datetime) -> str | None:
    """Find a backup job by the tag that its recovery point carries for this run; AWS may set it only at the end.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html

    Args:
        backup: client of the table's account.
        table_arn: what is backed up.
        run_id: value of the tag.
        since: when the start was first intended.
    """
    for job in _listed(backup.list_backup_jobs, "BackupJobs", since, ByResourceArn=table_arn):
        if job["State"] not in _NEVER_OURS and has_tag(backup, str(job.get("RecoveryPointArn", "")), run_id):
            return str(job["BackupJobId"])
    return None


def copy_job(backup: Any, point: str, vault: str, since: datetime) -> str | None:
    """Find a copy job by its recovery point, which the run itself made, and by the vault that it goes to.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListCopyJobs.html

    Args:
        backup: client of the account that copies.
        point: ARN of the recovery point.
        vault: ARN of the vault that the copy goes to.
        since: when the start was first intended.
    """
    wanted = {"BySourceRecoveryPointArn": point, "ByDestinationVaultArn": vault}
    for job in _listed(backup.list_copy_jobs, "CopyJobs", since, **wanted):
        if job["State"] not in _NEVER_OURS:
            return str(job["CopyJobId"])
    return None


def restore_job(backup: Any, point: str, table: str, since: datetime) -> str | None:
    """Find a restore job by its recovery point and the name of the table that it is to make.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetRestoreJobMetadata.html

    Args:
        backup: client of the account that restores.
        point: ARN of the recovery point.
        table: name of the new table.
        since: when the start was first intended.
    """
    for job in _listed(backup.list_restore_jobs, "RestoreJobs", since, ByResourceType="DynamoDB"):
        if job["Status"] in _NEVER_OURS or job.get("RecoveryPointArn") != point:
            continue
        metadata = backup.get_restore_job_metadata(RestoreJobId=job["RestoreJobId"]).get("Metadata", {})
        if {name.lower(): value for name, value in metadata.items()}.get("targettablename") == table:
            return str(job["RestoreJobId"])
    return None


def _listed(call: Any, field: str, since: datetime, **wanted: Any) -> Iterator[dict[str, Any]]:
    """Yield jobs, newest first; no more than a thousand, for an older one is found by its token."""
    jobs = pages(call, field, ByCreatedAfter=since - _CLOCKS_DIFFER, MaxResults=_MOST, **wanted)
    return islice(jobs, _MOST)
