"""ExportTableToPointInTime: takes time, needs what AWS needs, and fails as on AWS.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb import export_files, items
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import Job, JobFailed, page, repeated
from ddbtui.sandbox.resources import bucket_owner, find_bucket, find_table
from ddbtui.sandbox.s3.encryption import default_key, use_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.6
_WRITES = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:PutObjectAcl")


class Export(Job):
    """One export. The items are those at `ExportTime`, caught at the start."""

    kind = "export"

    def __init__(self, world: World, principal: Principal, table: Any, params: dict[str, Any]) -> None:
        super().__init__(world, principal, table.region_name, params, SECONDS)
        self.id = f"{int(world.now() * 1000):014d}-{uuid4().hex[:8]}"
        self.arn = f"{table.table_arn}/export/{self.id}"
        self.table_arn, self.table_id = table.table_arn, state_of(table).table_id
        self.bucket, self.prefix = params["S3Bucket"], params.get("S3Prefix", "").strip("/")
        self.bucket_owner = params.get("S3BucketOwner")
        self.algorithm, self.kms_key = params.get("S3SseAlgorithm"), params.get("S3SseKmsKeyId")
        self.time = _moment(params.get("ExportTime")) or world.now()
        self.lines = items.snapshot(table, self.time)
        self.item_count = self.billed = 0
        self.manifest: str | None = None
        self.fault = world.faults.job_for("export", table.name)

    @property
    def root(self) -> str:
        """The prefix of all its objects, with a slash at the end."""
        return f"{self.prefix}/AWSDynamoDB/{self.id}/".lstrip("/")

    def work(self, world: World) -> None:
        """Check all that can go wrong on the way to the bucket, then write the files."""
        owner = bucket_owner(self.bucket)
        if owner is None:
            raise JobFailed("S3NoSuchBucket", "The specified bucket does not exist")
        if owner != (self.bucket_owner or self.account):
            raise JobFailed("S3AccessDenied", "Access Denied: the bucket is not owned by the given S3BucketOwner")
        bucket = find_bucket(self.bucket)
        if bucket.payer == "Requester":
            raise JobFailed("S3AccessDenied", "Access Denied: Requester Pays buckets are not supported")
        for action in _WRITES:
            use = Use(action, f"arn:aws:s3:::{self.bucket}/{self.root}_started")
            self._require(dependent(world, self.principal, use, "export"))
        self._use_key(world, bucket)
        export_files.write(self)

    def _require(self, reason: str) -> None:
        if reason:
            raise JobFailed("S3AccessDenied", f"Access Denied: {reason}")

    def _use_key(self, world: World, bucket: Any) -> None:
        if self.algorithm == "AES256":
            return
        self.kms_key = self.kms_key or default_key(bucket)
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            try:
                use_key(world, self.principal, bucket, self.kms_key, action, "export")
            except AwsError as error:
                raise JobFailed("S3AccessDenied", f"{error.code}: {error.message}") from error

    def describe(self, world: World) -> dict[str, Any]:
        """The ExportDescription."""
        data: dict[str, Any] = {
            "ExportArn": self.arn,
            "ExportStatus": self.status,
            "StartTime": self.started,
            "EndTime": self.finished,
            "ExportManifest": self.manifest,
            "TableArn": self.table_arn,
            "TableId": self.table_id,
            "ExportTime": self.time,
            "ClientToken": self.token,
            "S3Bucket": self.bucket,
            "S3BucketOwner": self.bucket_owner,
            "S3Prefix": self.prefix or None,
            "S3SseAlgorithm": self.algorithm or "AES256",
            "S3SseKmsKeyId": self.kms_key,
            "FailureCode": self.failure.code if self.failure else None,
            "FailureMessage": self.failure.message if self.failure else None,
            "ExportFormat": "DYNAMODB_JSON",
            "ExportType": "FULL_EXPORT",
        }
        if self.status == "COMPLETED":
            data.update(BilledSizeBytes=self.billed, ItemCount=self.item_count)
        return {name: value for name, value in data.items() if value is not None}


def _moment(value: Any) -> float | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return None if value is None else float(value)


def export_table(world: World, call: Call, principal: Principal) -> Answer:
    """Start an export, or return the one that this token started."""
    params = call.params
    table = find_table(params["TableArn"])
    if table is None or table.account_id != principal.account:
        raise AwsError("TableNotFoundException", f"Table not found: {params['TableArn']}")
    earlier = repeated(world, "export", principal.account, params, "ExportConflictException")
    if earlier:
        return json_answer({"ExportDescription": earlier.describe(world)})
    _check(world, table, params)
    export = Export(world, principal, table, params)
    world.jobs.append(export)
    return json_answer({"ExportDescription": export.describe(world)})


def _check(world: World, table: Any, params: dict[str, Any]) -> None:
    state = state_of(table)
    if state.pitr_since is None:
        message = f"Point in time recovery is not enabled for table '{table.name}'"
        raise AwsError("PointInTimeRecoveryUnavailableException", message)
    moment = _moment(params.get("ExportTime"))
    earliest = max(state.pitr_since, world.now() - state.pitr_days * 86400)
    if moment is not None and not int(earliest) <= moment <= world.now() + 1:
        raise AwsError(
            "InvalidExportTimeException", "The specified ExportTime is outside of the point in time recovery window."
        )
    if params.get("S3SseAlgorithm") == "AES256" and params.get("S3SseKmsKeyId"):
        raise AwsError("ValidationException", "S3SseKmsKeyId can only be used with S3SseAlgorithm KMS")
    for member, known in (("ExportFormat", "DYNAMODB_JSON"), ("ExportType", "FULL_EXPORT")):
        if params.get(member, known) != known:
            raise AwsError("ValidationException", f"The sandbox knows {member} {known} only")


def _exports(world: World, account: str, region: str) -> list[Export]:
    found = [job for job in world.jobs if job.kind == "export" and (job.account, job.region) == (account, region)]
    return cast("list[Export]", found)


def describe_export(world: World, call: Call, principal: Principal) -> Answer:
    """Describe one export."""
    for export in _exports(world, principal.account, call.region):
        if export.arn == call.params.get("ExportArn"):
            return json_answer({"ExportDescription": export.describe(world)})
    raise AwsError("ExportNotFoundException", f"Export not found: {call.params.get('ExportArn')}")


def list_exports(world: World, call: Call, principal: Principal) -> Answer:
    """List exports, newest first, a page at a time."""
    wanted = call.params.get("TableArn")
    exports = [each for each in _exports(world, principal.account, call.region) if wanted in (None, each.table_arn)]
    rows = [
        {"ExportArn": each.arn, "ExportStatus": each.status, "ExportType": "FULL_EXPORT"} for each in reversed(exports)
    ]
    shown, token = page(rows, call.params.get("NextToken"), call.params.get("MaxResults") or 25)
    return json_answer({"ExportSummaries": shown, **({"NextToken": token} if token else {})})
