"""A process that has everything imported and forks one child for each command, to be killed at a chosen point.

Reads one JSON job a line from stdin: {"args", "env", "log", "kill_at", "steps"}; answers {"signal", "exit", "points"}.
A point is a journal write (killed before it is durable) or a changing call to AWS (killed before it is sent, and after
it was answered). With `kill_at` 0 nobody is killed and the points are only counted. With
`steps` only their points count.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any


class Points:
    """Counts points, and kills the process at one of them."""

    def __init__(self, kill_at: int, steps: list[str], log: Path) -> None:
        self.kill_at = kill_at
        self.steps = steps
        self.at = threading.local()
        self.count = 0
        self.lock = threading.Lock()
        self.file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def reach(self, what: str) -> None:
        step = getattr(self.at, "step", "")
        if self.steps and step not in self.steps:
            return
        with self.lock:
            self.count += 1
            os.write(self.file, f"{self.count} {step}: {what}\n".encode())
            if self.count == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def plant(points: Points) -> None:
    """Wrap the one door of the journal's writes, every client's changing calls, and each step's turn."""
    from ddbtui.aws import account
    from ddbtui.engine import job, store
    from ddbtui.recorded_move import only_reads

    write, make_client, advance = store.Store._write, account.Account._make_client, job.Job.advance

    def known_advance(self: Any) -> Any:
        points.at.step = self.step.name
        try:
            return advance(self)
        finally:
            points.at.step = ""

    def counted_write(self: Any, *statements: Any) -> Any:
        points.reach(f"journal {statements[0][0].split('(')[0].strip() if statements else 'flush'}")
        return write(self, *statements)

    def counted_client(self: Any, service: str, region: str) -> Any:
        client = make_client(self, service, region)

        def before(model: Any, **_: Any) -> None:
            if not only_reads(model.name):
                points.reach(f"before {service}:{model.name}")

        def after(model: Any, **_: Any) -> None:
            if not only_reads(model.name):
                points.reach(f"after {service}:{model.name}")

        client.meta.events.register_last("before-call.*.*", before)
        client.meta.events.register_last("after-call.*.*", after)
        return client

    store.Store._write = counted_write  # type: ignore[method-assign]
    account.Account._make_client = counted_client  # type: ignore[method-assign]
    job.Job.advance = known_advance  # type: ignore[method-assign]


def child(job: dict[str, Any]) -> None:
    os.environ.update(job["env"])
    output = os.open(job["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    plant(Points(job["kill_at"], job["steps"], Path(job["log"] + ".points")))
    from ddbtui.cli import main

    code = 70
    try:
        code = main(job["args"])
    finally:
        sys.stdout.flush()
        os._exit(code)


def warm_up() -> None:
    """Read the descriptions of AWS's services once for all children: a third of what a short run does otherwise."""
    import boto3
    import botocore.session

    loader = botocore.session.create_loader()
    botocore.session.create_loader = lambda *_: loader
    session = boto3.Session(region_name="eu-west-1", aws_access_key_id="nobody", aws_secret_access_key="nothing")
    for service in ("sts", "s3", "dynamodb", "backup", "glue", "iam", "kms", "organizations", "logs", "ram"):
        session.client(service)


def serve() -> None:

    import ddbtui.cli
    import ddbtui.commands.run
    import ddbtui.service  # noqa: F401

    warm_up()
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(job)
        _, status = os.waitpid(pid, 0)
        points = Path(job["log"] + ".points")
        answer = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "exit": os.waitstatus_to_exitcode(status),
            "points": len(points.read_text().splitlines()) if points.exists() else 0,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
