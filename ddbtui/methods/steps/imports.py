"""Import an export from S3 into a new table, and hold all counts against each other.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, reason
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.paging import pages
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.removal.tables import table_is_ours
from ddbtui.methods.resources import remove
from ddbtui.methods.steps.counts import ExportCountsStep
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.room import no_room_for_table
from ddbtui.methods.steps.staging import Staging
from ddbtui.methods.steps.target_table import creation_parameters, key_access
from ddbtui.text import shown

IMPORT_SLOTS = 50
"""Imports that AWS runs at a time in an account and region."""
REMOVE_PARTIAL = "remove-partial-table"
LOG_GROUP = "/aws-dynamodb/imports"
_LOG_ACTIONS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
)
_REASONS = 3


class ImportStep(TableStep):
    """Creates the target table with the items of the export.

    An import that fails leaves a partial table. A retry removes it with consent, if it is the one that this run made,
    and then imports anew: the handle of such a start has no import yet, the token finds it. An import that did not
    fail, but could not be followed (for want of a permission, say), is taken up again by the retry.
    """

    name = "import"
    title = "Import into the new table"
    gates = (REMOVE_PARTIAL,)
    slot = "import"
    unattended = True

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)

    def access(self) -> Sequence[Access]:
        """Import in the target account; DynamoDB reads the bucket and writes its log with the caller's rights."""
        account, region = self.move.target.account_id, self.move.target.region
        logs = f"arn:{self.move.target.partition}:logs:{region}:{account}:log-group:/aws-dynamodb/*"
        import_arn = f"{self.target_arn}/import/*"
        return [
            Access("target", "dynamodb:ImportTable", self.target_arn, "import into a new table", changes=True),
            Access("target", "dynamodb:DescribeImport", import_arn, "follow the import"),
            Access("target", "dynamodb:ListImports", "*", "find the import again after an interruption"),
            Access("target", "dynamodb:DescribeTable", self.target_arn, "see the new table"),
            # No line of the dry run: it takes a failed import and one more consent.
            Access("target", "dynamodb:DeleteTable", self.target_arn, "remove what a failed import left, with consent"),
            *self._staging.read_access("target"),
            *self._staging.list_access("target"),
            *(Access("target", action, logs, "DynamoDB logs the import's errors") for action in _LOG_ACTIONS),
            Access("target", "logs:GetLogEvents", logs, "read why an import failed"),
            *key_access(self.move),
        ]

    def find(self, ctx: StepContext) -> Json | None:
        """Find the import of this attempt."""
        arn = self._find(ctx)
        return {"import_arn": arn} if arn else None

    def start(self, ctx: StepContext) -> Json:
        """Import; on a retry take up the import of the attempt before, or first remove its partial table."""
        left = self._left_over(ctx)
        if left and self._goes_well(left):
            ctx.log("the import of the attempt before goes on")
            return {"import_arn": left.data["import_arn"]}
        if left:
            question = (
                f"The failed import left a partial table {self.moving.target_name} in account "
                f"{self.move.target.account_id}. Delete it and import anew?"
            )
            ctx.consent(REMOVE_PARTIAL, question)
            remove(self.move.target, left)
            ctx.log(f"deleting the partial table {self.moving.target_name}")
            return {}
        return {"import_arn": self._import(ctx)}

    def _left_over(self, ctx: StepContext) -> Resource | None:
        """The table of an earlier attempt. A table of this name that someone else made is left for AWS to refuse."""
        if ctx.attempt == 1:
            return None
        recorded = [one for one in ctx.resources() if one.kind == "table" and one.name == self.target_arn]
        return next((one for one in recorded if table_is_ours(self.move.target, one)), None)

    def _goes_well(self, left: Resource) -> bool:
        arn = left.data.get("import_arn")
        found = self._dynamodb().describe_import(ImportArn=arn)["ImportTableDescription"] if arn else {}
        return found.get("ImportStatus") in ("IN_PROGRESS", "COMPLETED") and not found.get("ErrorCount")

    def _import(self, ctx: StepContext) -> str:
        table = Resource("table", "target", self.target_arn, "ask", {"client_token": ctx.token})
        ctx.record(table)
        try:
            answer = self._dynamodb().import_table(**self._request(ctx))
        except Exception as error:
            if code(error) == "LimitExceededException":
                raise no_room_for_table("import", error) from error
            if code(error) == "ResourceInUseException":
                hint = "Set another target_name, or move the table out of the way; ddbtui touches no table of others."
                raise StepFailed(f"table {self.moving.target_name} exists already: {reason(error)}", hint) from error
            raise
        found = answer["ImportTableDescription"]
        ctx.record(replace(table, data={**table.data, "import_arn": found["ImportArn"]}))
        return str(found["ImportArn"])

    def _request(self, ctx: StepContext) -> dict[str, Any]:
        return {
            "ClientToken": ctx.token,
            "S3BucketSource": {
                "S3BucketOwner": self._staging.owner,
                "S3Bucket": self._staging.bucket,
                "S3KeyPrefix": ctx.result("export")["data_prefix"],
            },
            "InputFormat": "DYNAMODB_JSON",
            "InputCompressionType": "GZIP",
            "TableCreationParameters": creation_parameters(self.move, self.moving),
        }

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask DynamoDB how the import goes."""
        arn = handle.get("import_arn") or self._find(ctx)
        if arn is None:
            if self._left_over(ctx):
                return Progress(note="deleting the partial table")
            arn = self._import(ctx)
        found = self._dynamodb().describe_import(ImportArn=arn)["ImportTableDescription"]
        status = found["ImportStatus"]
        if status in ("IN_PROGRESS", "CANCELLING"):
            total = ctx.result("export")["items"]
            return Progress(status, int(found.get("ProcessedItemCount", 0)), total)
        if status == "COMPLETED" and not found.get("ErrorCount"):
            ctx.record(Resource("table", "target", self.target_arn, "keep", {"import_arn": arn}))
            return Done(_import_result(found))
        if status in ("COMPLETED", "FAILED", "CANCELLED"):
            raise self._failed(found)
        raise StepFailed(f"unknown state {shown(status, 60)} of import {arn}")

    def _failed(self, found: dict[str, Any]) -> StepFailed:
        errors = int(found.get("ErrorCount", 0))
        why = f": {found['FailureCode']}: {shown(found.get('FailureMessage', ''))}" if found.get("FailureCode") else ""
        stream = f"{str(found['ImportArn']).rsplit('/', 1)[-1]}/error"
        lines = self._log(stream) if errors or found["ImportStatus"] == "FAILED" else []
        said = f" The log says: {' | '.join(lines)}" if lines else ""
        return StepFailed(
            f"the import ended {found['ImportStatus']} with {errors:,} errors{why}.{said}",
            f"See CloudWatch log group {LOG_GROUP}, stream {stream}, in account {self.move.target.account_id}. The "
            f"table {self.moving.target_name} is partial. `ddbtui resume` asks to remove it and imports again; "
            "`ddbtui clean-up` asks to remove it.",
        )

    def _log(self, stream: str) -> list[str]:
        """The first lines of the error log; nothing if it can't be read, for the failure itself matters more."""
        try:
            answer = self.move.target.client("logs").get_log_events(
                logGroupName=LOG_GROUP, logStreamName=stream, limit=_REASONS, startFromHead=True
            )
        except Exception as error:
            return [] if code(error) == "ResourceNotFoundException" else [f"(not readable: {code(error)})"]
        return [shown(event["message"], 200) for event in answer.get("events", ())]

    def _find(self, ctx: StepContext) -> str | None:
        for summary in pages(self._dynamodb().list_imports, "ImportSummaryList", TableArn=self.target_arn):
            found = self._dynamodb().describe_import(ImportArn=summary["ImportArn"])["ImportTableDescription"]
            if found.get("ClientToken") == ctx.token:
                return str(summary["ImportArn"])
        return None

    def _dynamodb(self) -> Any:
        return self.move.target.client("dynamodb")


def _import_result(found: dict[str, Any]) -> Json:
    return {
        "import_arn": found["ImportArn"],
        "table_id": found.get("TableId", ""),
        "processed": int(found.get("ProcessedItemCount", 0)),
        "imported": int(found.get("ImportedItemCount", 0)),
        "errors": int(found.get("ErrorCount", 0)),
        "bytes": int(found.get("ProcessedSizeBytes", 0)),
    }


class ImportCountsStep(ExportCountsStep):
    """An import that had errors has failed already."""

    writer = "import"

    def arrived(self, ctx: StepContext) -> dict[str, int]:
        """What the import has read, and what it has written."""
        imported = ctx.result("import")
        return {"processed": imported["processed"], "imported": imported["imported"]}
