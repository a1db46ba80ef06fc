"""Faults that tests and the demo switch on: for single calls, and for whole jobs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ddbtui.sandbox.answers import AwsError, denial_of
from ddbtui.sandbox.call import Call

KINDS = (
    "throttle",
    "denied",
    "expired",
    "error500",
    "reset",
    "slow",
    "full",
    "unprocessed",
    "invalid",
    "refused",
    "missing",
)
_THROTTLED = {
    "dynamodb": ("ThrottlingException", "Rate exceeded", 400),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "sts": ("Throttling", "Rate exceeded", 400),
    "iam": ("Throttling", "Rate exceeded", 400),
    "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
}
_DATA_PLANE = ("PutItem", "BatchWriteItem", "Scan", "Query", "GetItem", "UpdateItem", "DeleteItem", "BatchGetItem")


class ConnectionLost(Exception):
    """The connection is to be cut without an answer.

    Args:
        after: whether the call was carried out first: its caller can't know.
    """

    def __init__(self, *, after: bool = False) -> None:
        super().__init__()
        self.after = after


@dataclass
class Rule:
    """One fault.

    Args:
        match: `service`, `operation`, `account`, `table`, `bucket`; what is absent matches all.
        kind: one of `KINDS`.
        times: how many calls it hits; -1 for all.
        after: how many matching calls pass first.
        seconds: how long `slow` takes.
        carried_out: whether `reset` and `error500` come after the call was carried out.
    """

    match: dict[str, str]
    kind: str
    times: int = 1
    after: int = 0
    seconds: float = 0.2
    carried_out: bool = False
    hits: int = 0

    def hits_call(self, call: Call, account: str) -> bool:
        """Count a call and say whether it is hit."""
        facts = {"service": call.service, "operation": call.operation, "account": account, "bucket": call.bucket}
        if any(key != "table" and facts.get(key) != value for key, value in self.match.items()):
            return False
        if "table" in self.match and self.match["table"] not in tables_of(call):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times == 0:
            return False
        self.times -= self.times > 0
        self.hits += 1
        return True


@dataclass
class JobFault:
    """What becomes of the next export, import, backup, copy, restore or Glue run: it fails with a code, or it lies.

    Args:
        job: `export`, `import`, `backup`, `copy`, `restore`, `glue` or `crawl`.
        table: of this table only, if given; for an import or restore the new one; the name of a Glue job or crawler.
        code: failure code; for AWS Backup the state in which the job ends, even one that AWS does not have; for Glue
            the state in which the run ends without having run its script, or, if it is no end, in which it stays until
            it is stopped.
        message: failure message.
        lie: `missing-item`, `changed-item`, `wrong-md5`, `error-count`, `lost-item` or `wrong-count`; of restores
            `lost-item` and `changed-item`; of backups `unstoppable`: a stop is taken and ignored; of Glue runs
            `after-work`: the script runs first.
    """

    job: str
    table: str = ""
    code: str = ""
    message: str = ""
    lie: str = ""
    times: int = 1


@dataclass
class Faults:
    """All faults that are switched on."""

    rules: list[Rule] = field(default_factory=list)
    jobs: list[JobFault] = field(default_factory=list)

    def rule_for(self, call: Call, account: str) -> Rule | None:
        """The first rule that hits the call."""
        return next((rule for rule in self.rules if rule.hits_call(call, account)), None)

    def job_for(self, job: str, table: str) -> JobFault | None:
        """The fault for a job that starts now, used up by it."""
        for fault in self.jobs:
            if fault.job == job and fault.table in ("", table) and fault.times:
                fault.times -= fault.times > 0
                return fault
        return None


def tables_of(call: Call) -> set[str]:
    """Names of the tables that a call is about."""
    params: dict[str, Any] = call.params
    names = [params.get("TableName"), params.get("TableArn"), params.get("ResourceArn"), params.get("ExportArn")]
    names += [params.get("ImportArn"), params.get("TableCreationParameters", {}).get("TableName")]
    names += list(params.get("RequestItems", {}))
    return {name.split(":table/")[-1].split("/")[0] for name in names if isinstance(name, str)}


def raise_fault(rule: Rule, call: Call, arn: str) -> None:
    """Do what the rule says; `unprocessed` is no error; `slow` returns after its time."""
    if rule.kind == "unprocessed":
        return
    if rule.kind == "slow":
        time.sleep(rule.seconds)
    elif rule.kind == "reset":
        raise ConnectionLost(after=rule.carried_out)
    elif rule.kind == "error500":
        raise AwsError("InternalServerError" if call.service != "s3" else "InternalError", "Internal server error", 500)
    elif rule.kind == "expired":
        code = "ExpiredToken" if call.service in ("s3", "sts", "iam") else "ExpiredTokenException"
        status = 403 if call.service in ("sts", "iam") else 400
        raise AwsError(code, "The security token included in the request is expired", status)
    elif rule.kind == "denied":
        prefix = {"monitoring": "cloudwatch", "dynamodbstreams": "dynamodb"}.get(call.service, call.service)
        message = f"User: {arn} is not authorized to perform: {prefix}:{call.operation}"
        code, status = denial_of(prefix)
        raise AwsError(code, message, status)
    elif rule.kind == "invalid":
        code = "InvalidInputException" if call.service in ("glue", "lakeformation") else "ValidationException"
        raise AwsError(code, "The request is not valid for reasons that the sandbox does not know")
    elif rule.kind == "full":
        code = "ResourceNumberLimitExceededException" if call.service == "glue" else "LimitExceededException"
        raise AwsError(code, "Too many operations at a given time")
    elif rule.kind == "refused":
        raise AwsError("InvalidRequestException", "The resource is in no state for this request")
    elif rule.kind == "missing":
        raise AwsError("ResourceNotFoundException", "Requested resource not found")
    else:
        raise _throttled(call)


def _throttled(call: Call) -> AwsError:
    if call.service == "dynamodb" and call.operation in _DATA_PLANE:
        message = "The level of configured provisioned throughput for the table was exceeded."
        return AwsError("ProvisionedThroughputExceededException", message)
    return AwsError(*_THROTTLED.get(call.service, ("ThrottlingException", "Rate exceeded", 400)))
