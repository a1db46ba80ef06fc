"""ImportTable: creates the table, fills it in its own time, and fails as on AWS.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer, refused
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.dynamodb import import_log, items, table_calls
from ddbtui.sandbox.dynamodb.import_files import Line, read_lines
from ddbtui.sandbox.dynamodb.table_state import state_of
from ddbtui.sandbox.dynamodb.tables import backend
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import Job, JobFailed, page, repeated
from ddbtui.sandbox.resources import bucket_owner, find_bucket
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.8
_KNOWN = frozenset(
    {
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "BillingMode",
        "ProvisionedThroughput",
        "OnDemandThroughput",
        "SSESpecification",
        "GlobalSecondaryIndexes",
    }
)


class Import(Job):
    """One import."""

    kind = "import"

    def __init__(self, world: World, principal: Principal, table: Any, params: dict[str, Any]) -> None:
        super().__init__(world, principal, table.region_name, params, SECONDS)
        self.id = f"{int(world.now() * 1000):014d}-{uuid4().hex[:8]}"
        self.table, self.request = table, params
        self.arn = f"{table.table_arn}/import/{self.id}"
        self.log_group = f"arn:aws:logs:{self.region}:{self.account}:log-group:{import_log.GROUP}:*"
        self.compression = params.get("InputCompressionType", "NONE")
        self.source = params["S3BucketSource"]
        self.processed = self.imported = self.errors = self.bytes = 0
        self.plan: list[Line] | None = None
        self.expected: JobFailed | None = None
        self.fault = world.faults.job_for("import", table.name)

    def advance(self, world: World) -> None:
        """Read the files early, so that the counters can climb; fill the table at the end."""
        if self.plan is None and self.expected is None:
            try:
                self.plan = self._read(world)
            except JobFailed as failure:
                self.expected = failure
        super().advance(world)
        if self.ended:
            state = state_of(self.table)
            state.importing, state.status, state.size = False, None, None
            state.version += 1

    def _read(self, world: World) -> list[Line]:
        name, prefix = self.source["S3Bucket"], self.source.get("S3KeyPrefix", "")
        owner = bucket_owner(name)
        if owner is None:
            raise JobFailed("S3NoSuchBucket", "The specified bucket does not exist")
        if owner != self.source.get("S3BucketOwner", self.account):
            raise JobFailed("S3AccessDenied", "Access Denied: the bucket is not owned by the given S3BucketOwner")
        self._use(world, Use("s3:ListBucket", f"arn:aws:s3:::{name}"))
        import_log.use_logs(world, self.principal, self.region)
        return read_lines(world, self, find_bucket(name), prefix)

    def _use(self, world: World, use: Use) -> None:
        reason = dependent(world, self.principal, use, "import")
        if reason:
            raise JobFailed("S3AccessDenied", f"Access Denied: {reason}")

    def fail(self, world: World, failure: JobFailed) -> None:
        """A failure that a fault demands comes half way: a partial table stays."""
        self._fill((self.plan or [])[: len(self.plan or []) // 2])
        raise failure

    def work(self, world: World) -> None:
        """Put the items; one bad line fails the job in the end, and the good ones stay."""
        if self.expected:
            raise self.expected
        lie = self.fault.lie if self.fault else ""
        self._fill(self.plan or [], lie)
        if self.errors:
            import_log.write(self, [line for line in self.plan or [] if line.error])
            message = f"Some of the items failed validation checks and were not imported. {self.errors} errors"
            raise JobFailed("ItemValidationError", f"{message}. Please check CloudWatch error logs for more details.")
        if lie == "error-count":
            self.errors = 1

    def _fill(self, lines: list[Line], lie: str = "") -> None:
        """Later lines win over earlier ones with the same key, in no order that anybody should rely on."""
        for line in lines:
            self.processed += 1
            self.bytes += line.size
            if line.error:
                self.errors += 1
                continue
            self.imported += 1
            if lie == "lost-item" and self.imported == 1:
                continue
            attributes = {**line.item, "sandbox-changed": {"BOOL": True}} if lie == "changed-item" else line.item
            lie = "" if lie == "changed-item" else lie
            items.insert(self.table, attributes)

    def describe(self, world: World) -> dict[str, Any]:
        """The ImportTableDescription."""
        share = self.progress(world) if not self.ended else 0.0
        coming = (self.plan or [])[: int(len(self.plan or []) * share)]
        data: dict[str, Any] = {
            "ImportArn": self.arn,
            "ImportStatus": self.status,
            "TableArn": self.table.table_arn,
            "TableId": state_of(self.table).table_id,
            "ClientToken": self.token,
            "S3BucketSource": self.source,
            "ErrorCount": self.errors + sum(1 for line in coming if line.error),
            "CloudWatchLogGroupArn": self.log_group,
            "InputFormat": self.request["InputFormat"],
            "InputCompressionType": self.compression,
            "TableCreationParameters": self.request["TableCreationParameters"],
            "StartTime": self.started,
            "EndTime": self.finished,
            "ProcessedSizeBytes": self.bytes + sum(line.size for line in coming),
            "ProcessedItemCount": self.processed + len(coming),
            "ImportedItemCount": self.imported + sum(1 for line in coming if not line.error),
            "FailureCode": self.failure.code if self.failure else None,
            "FailureMessage": self.failure.message if self.failure else None,
        }
        return {name: value for name, value in data.items() if value is not None}


def import_table(world: World, call: Call, principal: Principal) -> Answer:
    """Start an import, or return the one that this token started."""
    params = call.params
    earlier = repeated(world, "import", principal.account, params, "ImportConflictException")
    if earlier:
        return json_answer({"ImportTableDescription": earlier.describe(world)})
    table = _create(world, call, principal)
    state = state_of(table)
    state.importing = True
    job = Import(world, principal, table, params)
    state.status = ("CREATING", float("inf"))
    world.jobs.append(job)
    answer = json_answer({"ImportTableDescription": job.describe(world)})
    if world.speed == 0:
        job.advance(world)
    return answer


def _create(world: World, call: Call, principal: Principal) -> Any:
    wanted = call.params["TableCreationParameters"]
    unknown = set(wanted) - _KNOWN
    if unknown:
        raise AwsError("ValidationException", f"ImportTable does not support {', '.join(sorted(unknown))}")
    if call.params["InputFormat"] != "DYNAMODB_JSON":
        raise AwsError("ValidationException", "The sandbox imports DYNAMODB_JSON only")
    name = wanted["TableName"]
    if name in backend(principal.account, call.region).tables:
        raise AwsError("ResourceInUseException", f"Table already exists: {name}")
    environ = {**call.environ, "HTTP_X_AMZ_TARGET": "DynamoDB_20120810.CreateTable"}
    inner = replace(call, environ=environ, operation="CreateTable", params=dict(wanted))
    answer = table_calls.create_table(world, inner, principal)
    if answer.status >= 300:
        raise refused(answer.body)
    return backend(principal.account, call.region).tables[name]


def _imports(world: World, account: str, region: str) -> list[Import]:
    found = [job for job in world.jobs if job.kind == "import" and (job.account, job.region) == (account, region)]
    return cast("list[Import]", found)


def describe_import(world: World, call: Call, principal: Principal) -> Answer:
    """Describe one import."""
    for job in _imports(world, principal.account, call.region):
        if job.arn == call.params.get("ImportArn"):
            return json_answer({"ImportTableDescription": job.describe(world)})
    raise AwsError("ImportNotFoundException", f"Import not found: {call.params.get('ImportArn')}")


def list_imports(world: World, call: Call, principal: Principal) -> Answer:
    """List imports, newest first, a page at a time."""
    wanted = call.params.get("TableArn")
    jobs = [job for job in _imports(world, principal.account, call.region) if wanted in (None, job.table.table_arn)]
    rows = [_summary(job) for job in reversed(jobs)]
    shown, token = page(rows, call.params.get("NextToken"), call.params.get("PageSize") or 25)
    return json_answer({"ImportSummaryList": shown, **({"NextToken": token} if token else {})})


def _summary(job: Import) -> dict[str, Any]:
    row = {
        "ImportArn": job.arn,
        "ImportStatus": job.status,
        "TableArn": job.table.table_arn,
        "S3BucketSource": job.source,
        "CloudWatchLogGroupArn": job.log_group,
        "InputFormat": job.request["InputFormat"],
        "StartTime": job.started,
    }
    return {**row, **({"EndTime": job.finished} if job.finished else {})}
