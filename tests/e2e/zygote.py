"""A process that has everything imported and forks one child for each command, to be killed at a chosen point.

Reads one JSON job a line from stdin: {"args", "env", "log", "kill_at"}; answers {"signal", "exit", "points"}. A point
is a journal write (killed before it is durable) or a changing call to AWS (killed before it is sent, and after it was
answered). With `kill_at` 0 nobody is killed and the points are only counted.
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

    def __init__(self, kill_at: int, log: Path) -> None:
        self.kill_at = kill_at
        self.count = 0
        self.lock = threading.Lock()
        self.file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def reach(self, what: str) -> None:
        with self.lock:
            self.count += 1
            os.write(self.file, f"{self.count} {what}\n".encode())
            if self.count == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def plant(points: Points) -> None:
    """Wrap the one door of the journal's writes, and every client's changing calls."""
    from ddbtui.aws import account
    from ddbtui.engine import store
    from ddbtui.run_book import only_reads

    write, make_client = store.Store._write, account.Account._make_client

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


def child(job: dict[str, Any]) -> None:
    os.environ.update(job["env"])
    output = os.open(job["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    plant(Points(job["kill_at"], Path(job["log"] + ".points")))
    from ddbtui.cli import main

    code = 70
    try:
        code = main(job["args"])
    finally:
        sys.stdout.flush()
        os._exit(code)


def serve() -> None:
    import boto3  # noqa: F401  the children find it imported

    import ddbtui.cli
    import ddbtui.commands.run
    import ddbtui.service  # noqa: F401

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
