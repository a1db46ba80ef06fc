"""Backups from account to account, as the tests of the sandbox need them."""

from __future__ import annotations

from typing import Any

from tests.sandbox.moving import arn_of
from tests.support.sandbox import MANAGEMENT, REGION, SOURCE, TARGET, TestSandbox, document, wait_for

HERE, THERE = "vault-here", "vault-there"
ENDS = ("COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL")
TRUST = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
POLICIES = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")
PROFILES = {SOURCE: "source", TARGET: "target", MANAGEMENT: "management"}
COPY_INTO = "backup:CopyIntoBackupVault"


def vault_arn(name: str, account: str) -> str:
    return f"arn:aws:backup:{REGION}:{account}:backup-vault:{name}"


def role_arn(account: str, name: str = "Backups") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def make_role(sandbox: TestSandbox, account: str, name: str = "Backups", policies: tuple[str, ...] = POLICIES) -> str:
    iam = sandbox.client(PROFILES[account], "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/service-role/{policy}")
    return role_arn(account, name)


def let_copy(sandbox: TestSandbox, **more: Any) -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": COPY_INTO}
    text = document({**allow, "Resource": "*", **more})
    sandbox.client("target", "backup").put_backup_vault_access_policy(BackupVaultName=THERE, Policy=text)


def advance(sandbox: TestSandbox, *profiles: str) -> None:
    for profile in profiles:
        sandbox.client(profile, "backup").update_region_settings(
            ResourceTypeOptInPreference={"DynamoDB": True}, ResourceTypeManagementPreference={"DynamoDB": True}
        )


def switch(sandbox: TestSandbox, value: str = "true") -> None:
    sandbox.client("management", "backup").update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": value})


def ready(sandbox: TestSandbox, here_key: str | None = None, there_key: str | None = None) -> None:
    """All that a copy across the accounts needs."""
    switch(sandbox)
    advance(sandbox, "source", "target")
    for account, name, key in ((SOURCE, HERE, here_key), (TARGET, THERE, there_key)):
        make_role(sandbox, account)
        more = {"EncryptionKeyArn": key} if key else {}
        sandbox.client(PROFILES[account], "backup").create_backup_vault(BackupVaultName=name, **more)
    for profile in ("source", "target"):
        sandbox.client(profile, "iam").create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    let_copy(sandbox)


def start_backup(sandbox: TestSandbox, table: str = "orders", **more: Any) -> dict[str, Any]:
    request = {"BackupVaultName": HERE, "ResourceArn": arn_of(table), "IamRoleArn": role_arn(SOURCE), **more}
    started: dict[str, Any] = sandbox.client("source", "backup").start_backup_job(**request)
    return started


def end_backup(sandbox: TestSandbox, job: str) -> dict[str, Any]:
    client = sandbox.client("source", "backup")

    def look() -> Any:
        got = client.describe_backup_job(BackupJobId=job)
        return got if got["State"] in ENDS else None

    found: dict[str, Any] = wait_for(look)
    return found


def backup(sandbox: TestSandbox, table: str = "orders", **more: Any) -> str:
    """Back a table up; the recovery point's ARN."""
    done = end_backup(sandbox, start_backup(sandbox, table, **more)["BackupJobId"])
    assert done["State"] == "COMPLETED", done
    return str(done["RecoveryPointArn"])


def copy(sandbox: TestSandbox, point: str, **more: Any) -> dict[str, Any]:
    """Copy a recovery point; the job as it ended."""
    client = sandbox.client("source", "backup")
    request = {"RecoveryPointArn": point, "SourceBackupVaultName": HERE, "IamRoleArn": role_arn(SOURCE), **more}
    request.setdefault("DestinationBackupVaultArn", vault_arn(THERE, TARGET))
    job = client.start_copy_job(**request)["CopyJobId"]

    def look() -> Any:
        got = client.describe_copy_job(CopyJobId=job)["CopyJob"]
        return got if got["State"] in ENDS else None

    found: dict[str, Any] = wait_for(look)
    return found


def restore(sandbox: TestSandbox, point: str, table: str = "restored", **more: Any) -> dict[str, Any]:
    """Restore a table in the target; the job as it ended."""
    client = sandbox.client("target", "backup")
    metadata = {"targetTableName": table, "encryptionType": "Default", **more.pop("metadata", {})}
    request = {"RecoveryPointArn": point, "IamRoleArn": role_arn(TARGET), "ResourceType": "DynamoDB", **more}
    job = client.start_restore_job(Metadata={k: v for k, v in metadata.items() if v}, **request)["RestoreJobId"]

    def look() -> Any:
        got = client.describe_restore_job(RestoreJobId=job)
        return got if got["Status"] in ENDS else None

    found: dict[str, Any] = wait_for(look)
    return found
