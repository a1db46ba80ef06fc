"""Export a table to S3 from its continuous backups, and check what arrived.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.paging import pages
from ddbtui.dataplane.canonical import Item, NotCanonical
from ddbtui.dataplane.digest import Digest, Hasher, bits_for
from ddbtui.dataplane.export_files import Bucket, DamagedExport, DataFile, Manifest, items_of, read_manifest
from ddbtui.engine.step import Done, Json, Progress, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.room import no_room
from ddbtui.methods.steps.staging import Staging
from ddbtui.text import shown

EXPORT_SLOTS = 300
"""Exports that AWS runs at a time in an account and region."""
READ_SLOTS = 4
"""Tables that are read item by item at a time: this costs a processor, not patience."""


class ExportStep(TableStep):
    """Exports one table. The token makes a repeated call harmless for 8 hours; after that `find` alone does."""

    name = "export"
    title = "Export to S3"
    slot = "export"
    unattended = True

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)
        self._arn = moving.table.arn

    def access(self) -> Sequence[Access]:
        """Export from the source account, which writes into the target's bucket."""
        exports = f"{self._arn}/export/*"
        return [
            Access("source", "dynamodb:ExportTableToPointInTime", self._arn, "export the table", changes=True),
            Access("source", "dynamodb:DescribeExport", exports, "follow the export"),
            Access("source", "dynamodb:ListExports", "*", "find the export again after an interruption"),
            *self._staging.write_access("source"),
            *self._staging.list_access("target"),
        ]

    def find(self, ctx: StepContext) -> Json | None:
        """Find the export of this attempt: by the list, or by its first object should the list lag behind."""
        for arn in self._candidates(ctx):
            found = self._dynamodb().describe_export(ExportArn=arn)["ExportDescription"]
            if found.get("ClientToken") == ctx.token and found.get("S3Prefix") == self._folder(ctx):
                return {"export_arn": arn}
        return None

    def _candidates(self, ctx: StepContext) -> Iterator[str]:
        seen: set[str] = set()
        oldest = (ctx.intent_at - timedelta(hours=1)).timestamp() * 1000
        for summary in pages(self._dynamodb().list_exports, "ExportSummaries", TableArn=self._arn):
            arn = str(summary["ExportArn"])
            made = arn.rsplit("/", 1)[-1].split("-", 1)[0]
            if not made.isdigit() or int(made) >= oldest:
                seen.add(arn)
                yield arn
        for export_id in self._started(ctx):
            arn = f"{self._arn}/export/{export_id}"
            if arn not in seen:
                yield arn

    def _started(self, ctx: StepContext) -> list[str]:
        found = (
            self.move.target.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(
                Bucket=self._staging.bucket,
                Prefix=f"{self._folder(ctx)}/AWSDynamoDB/",
                Delimiter="/",
                ExpectedBucketOwner=self._staging.owner,
            )
        )
        return [prefix["Prefix"].split("/")[-2] for page in found for prefix in page.get("CommonPrefixes", ())]

    def start(self, ctx: StepContext) -> Json:
        """Start the export of the table as it is now."""
        ctx.record(self._staging.resource(ctx.run_id, self.moving.name))
        try:
            answer = self._dynamodb().export_table_to_point_in_time(
                TableArn=self._arn,
                S3Bucket=self._staging.bucket,
                S3BucketOwner=self._staging.owner,
                S3Prefix=self._folder(ctx),
                ExportFormat="DYNAMODB_JSON",
                ExportType="FULL_EXPORT",
                ClientToken=ctx.token,
                **self._staging.encryption(),
            )
        except Exception as error:
            if code(error) == "LimitExceededException":
                raise no_room("export", "DynamoDB", error) from error
            raise
        return {"export_arn": answer["ExportDescription"]["ExportArn"]}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask DynamoDB how the export goes."""
        found = self._dynamodb().describe_export(ExportArn=handle["export_arn"])["ExportDescription"]
        status = found["ExportStatus"]
        if status == "IN_PROGRESS":
            return Progress(note=status)
        if status == "COMPLETED":
            return Done(_export_result(found))
        if status == "FAILED":
            code, text = found.get("FailureCode", "no code"), shown(found.get("FailureMessage", "no message"))
            raise StepFailed(f"the export failed: {code}: {text}", _EXPORT_HINT)
        raise StepFailed(f"unknown state {shown(status, 60)} of export {handle['export_arn']}")

    def _folder(self, ctx: StepContext) -> str:
        return self._staging.folder(ctx.run_id, self.moving.name)

    def _dynamodb(self) -> Any:
        return self.move.source.client("dynamodb")


_EXPORT_HINT = (
    "Most often the bucket policy, the key policy or the permissions of the source role deny writing; "
    "`ddbtui check PLAN` tells which. Then `ddbtui resume`."
)


def _export_result(found: dict[str, Any]) -> Json:
    manifest = str(found["ExportManifest"])
    at = found.get("ExportTime")
    return {
        "export_arn": found["ExportArn"],
        "manifest": manifest,
        "data_prefix": manifest.rsplit("/", 1)[0] + "/data/",
        "items": int(found["ItemCount"]),
        "billed_bytes": int(found.get("BilledSizeBytes", 0)),
        "export_time": at.isoformat() if at else "",
    }


@dataclass
class ExportReading:
    """How far one attempt has read, so that a lost connection costs one file."""

    token: str
    manifest: Manifest
    secret: str
    digest: Digest
    files: int = 0
    items: int = 0
    rest: list[DataFile] = field(default_factory=list)


class CheckExportStep(TableStep):
    """Reads every exported file: MD5, counts, and the digest of the items, so that nothing has to be read twice.

    Reading happens in `poll`, which a stopped run can leave and begin anew.
    """

    name = "check-export"
    title = "Check the exported files"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)
        self._reading: ExportReading | None = None

    def access(self) -> Sequence[Access]:
        """Read the target's own bucket."""
        return self._staging.read_access("target")

    def start(self, ctx: StepContext) -> Json:
        """Nothing to start: there is nothing to be made."""
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Read on."""
        export = ctx.result("export")
        bucket = self._staging.reader()
        try:
            if self._reading is None or self._reading.token != ctx.token:
                self._reading = self._begin(ctx, bucket, export)
            if not self._read(ctx, bucket, self._reading):
                return Progress("stopped", self._reading.items, self._reading.manifest.items)
        except (DamagedExport, NotCanonical) as error:
            hint = "The copy on S3 is not to be trusted. `ddbtui resume` reads it again; else start a new run."
            raise StepFailed(f"the export is damaged: {shown(error)}", hint) from error
        result = self._result(self._reading)
        self._reading = None
        return Done(result)

    def _begin(self, ctx: StepContext, bucket: Bucket, export: Json) -> ExportReading:
        manifest = read_manifest(bucket, export["manifest"])
        if manifest.items != export["items"]:
            raise DamagedExport(f"DescribeExport counts {export['items']:,} items, the manifest {manifest.items:,}")
        if manifest.export_arn != export["export_arn"]:
            raise DamagedExport(f"the manifest is that of {shown(manifest.export_arn)}")
        secret = secrets.token_hex(16)
        digest = self._new_digest(self._hasher(secret, manifest.items))
        return ExportReading(ctx.token, manifest, secret, digest, rest=list(manifest.files))

    def _new_digest(self, hasher: Hasher) -> Digest:
        return Digest(hasher)

    def _hasher(self, secret: str, items: int) -> Hasher:
        return Hasher(bytes.fromhex(secret), [key.name for key in self.moving.table.keys], bits_for(items))

    def _read(self, ctx: StepContext, bucket: Bucket, reading: ExportReading) -> bool:
        """Read the files that are left; whether all are read."""
        while reading.rest:
            part = reading.digest.fresh()
            count = 0
            for item in items_of(bucket, reading.rest[0]):
                count += 1
                self._take(part, item)
                if count % 1000 == 0:
                    if ctx.should_stop():
                        return False
                    ctx.progress(Progress("reading", reading.items + count, reading.manifest.items))
            reading.digest.merge(part)
            reading.items += count
            reading.files += 1
            del reading.rest[0]
            ctx.progress(Progress("reading", reading.items, reading.manifest.items))
        return True

    def _take(self, digest: Digest, item: Item) -> None:
        if self.move.plan.proof == "digest":
            digest.add(item)

    def _result(self, reading: ExportReading) -> Json:
        result: Json = {"items": reading.items, "manifest_items": reading.manifest.items, "files": reading.files}
        if self.move.plan.proof == "digest":
            result |= {"secret": reading.secret, "digest": reading.digest.to_json()}
        return result


def exported_items(bucket: Bucket, summary_key: str) -> Iterator[Item]:
    """Yield all items of a checked export once more.

    Raises:
        DamagedExport: it is not what it was any more.
    """
    for file in read_manifest(bucket, summary_key).files:
        yield from items_of(bucket, file)
