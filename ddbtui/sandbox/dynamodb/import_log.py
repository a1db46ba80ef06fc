"""The log that an import writes into CloudWatch Logs, in its caller's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import JobFailed
from ddbtui.sandbox.uses import Use

if TYPE_CHECKING:
    from ddbtui.sandbox.dynamodb.import_files import Line
    from ddbtui.sandbox.dynamodb.imports import Import
    from ddbtui.sandbox.world import World

GROUP = "/aws-dynamodb/imports"
_ACTIONS = (
    "CreateLogGroup",
    "CreateLogStream",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "PutLogEvents",
    "PutRetentionPolicy",
)


def use_logs(world: World, principal: Principal, region: str) -> None:
    """Use all that an import needs of CloudWatch Logs.

    Raises:
        JobFailed: the caller may not.
    """
    for action in _ACTIONS:
        tail = "log-stream:import/error" if action in ("CreateLogStream", "PutLogEvents") else "*"
        use = Use(f"logs:{action}", f"arn:aws:logs:{region}:{principal.account}:log-group:{GROUP}:{tail}")
        reason = dependent(world, principal, use, "import")
        if reason:
            raise JobFailed("CloudWatchLogsAccessDenied", reason)


def write(job: Import, lines: list[Line]) -> None:
    """Write one event for each bad record, into the job's stream."""
    backend = logs_backends[job.account][job.region]
    if GROUP not in backend.groups:
        backend.create_log_group(GROUP, {})
    stream = f"{job.id}/error"
    backend.create_log_stream(GROUP, stream)
    now = int((job.finished or job.due) * 1000)
    keys = {name for name in (job.table.hash_key_attr, job.table.range_key_attr) if name}
    events = [
        {
            "timestamp": now,
            "message": json.dumps(
                {
                    "errorMessage": line.error,
                    "itemS3Pointer": {"bucket": job.source["S3Bucket"], "key": line.where},
                    "item": {name: value for name, value in line.item.items() if name in keys},
                }
            ),
        }
        for line in lines[:10_000]
    ]
    backend.put_log_events(GROUP, stream, events)
