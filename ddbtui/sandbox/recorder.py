"""Every call and every IAM action it needed, for tests of exact permissions."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.uses import Use

_KEPT = (
    "TableName", "TableArn", "ExportArn", "ImportArn", "ResourceArn", "ClientToken", "S3Bucket", "S3Prefix", "KeyId",
    "Bucket", "Key", "RoleArn", "ResourceId", "logGroupName",
    "BackupVaultName", "RecoveryPointArn", "IdempotencyToken", "IamRoleArn", "BackupJobId", "CopyJobId", "RestoreJobId",
    "DestinationBackupVaultArn", "Metadata", "RoleName",
    "Name", "JobName", "JobRunId", "RunId", "DatabaseName", "logStreamName",
)  # fmt: skip


@dataclass
class Recorder:
    """The list of calls, in order."""

    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=200_000))
    seq: int = 0

    def add(self, call: Call, principal: Principal | None, use: Use | None, outcome: str) -> None:
        """Note one action of a call; a call that needs no permission has no action."""
        params = {name: call.params[name] for name in _KEPT if call.params.get(name)}
        params.update(
            (
                call.params.get("TableCreationParameters", {}).get("TableName")
                and {"TableName": call.params["TableCreationParameters"]["TableName"]}
            )
            or {}
        )
        if owner := call.headers.get("x-amz-expected-bucket-owner"):
            params["ExpectedBucketOwner"] = owner
        self._append(principal, call.service, call.operation, params, use, None, outcome)

    def add_dependent(self, principal: Principal, use: Use, via: str, outcome: str) -> None:
        """Note what a service did in its caller's name."""
        service = use.action.split(":")[0]
        self._append(principal, service, use.action.split(":")[1], {}, use, via, outcome)

    def _append(
        self,
        principal: Principal | None,
        service: str,
        operation: str,
        params: dict[str, Any],
        use: Use | None,
        via: str | None,
        outcome: str,
    ) -> None:
        self.seq += 1
        self.calls.append(
            {
                "seq": self.seq,
                "account": principal.account if principal else None,
                "principal": principal.iam_arn if principal else None,
                "service": service,
                "operation": operation,
                "params": params,
                "action": use.action if use else None,
                "resource": use.resource if use else None,
                "via": via,
                "outcome": outcome,
            }
        )
