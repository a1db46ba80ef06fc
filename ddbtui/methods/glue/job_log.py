"""Why a run of a Glue job failed: the cause on top, then the end of its log.

Glue 5.0 writes what Spark says into `/aws-glue/jobs/error` and what the script prints into `/aws-glue/jobs/output`.
Before, a job with continuous logging had `logs-v2`. In each group the driver's stream has the run's id for its name, as
runs show it; the page has `<run>-driver`, so that is tried, too.
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
https://github.com/awslabs/amazon-dynamodb-tools/issues/284
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.errors import code
from ddbtui.methods.glue.places import LOG_GROUPS
from ddbtui.text import shown

GROUPS = ("error", "output", "logs-v2")
LINES = 12
_EVENTS = 60
_LONGEST = 300


def log_tail(account: Account, run: str) -> list[str]:
    """Return the last lines of a run's log, oldest first, safe to show.

    The failure itself matters more than its log: what can't be read is told by a line.

    Args:
        account: the account that the job runs in.
        run: id of the job run.
    """
    client = account.client("logs")
    return [line for group in GROUPS for line in _tail(client, f"{LOG_GROUPS}/{group}", run)]


def _tail(client: Any, group: str, run: str) -> list[str]:
    for stream in (run, f"{run}-driver"):
        try:
            found = client.get_log_events(logGroupName=group, logStreamName=stream, limit=_EVENTS, startFromHead=False)
            return list(_lines(found.get("events", ())))[-LINES:]
        except Exception as error:
            if code(error) != "ResourceNotFoundException":
                return [f"({group} is not readable: {code(error)})"]
    return []


def _lines(events: Any) -> Iterator[str]:
    for event in events:
        for line in str(event["message"]).splitlines():
            if line.strip():
                yield shown(line, _LONGEST)


def cause(error_message: str, told: str, lines: list[str]) -> str:
    """Return why the run failed in one sentence.

    Args:
        error_message: what Glue says of the run.
        told: what the job itself said before it ended, which is nearer to the cause.
        lines: the end of its log, for a job that neither says anything of.
    """
    for text in (told, error_message):
        if text.strip():
            return shown(text.strip(), 2 * _LONGEST)
    return lines[-1] if lines else "Glue gives no reason"
