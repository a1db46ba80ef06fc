"""What the tests of the Glue methods share: moves, and a journal that waits for jobs, which run in real processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ddbtui.aws.move import Move
from ddbtui.engine.step import Done, Json, Step
from tests.methods.lab import BUCKET, Context, Journal, Lab, chains_of
from tests.support.sandbox import wait_for

KINDS = ("s3-glue", "glue")
JOB = "ddbtui-r1-orders"


class JobJournal(Journal):
    """Polls until the sandbox's job has ended."""

    def follow(self, context: Context, step: Step, handle: Json, polls: int = 200) -> Json:
        done = wait_for(lambda: self._ended(context, step, handle), 60)
        self.results[context.subject, step.name] = json.loads(json.dumps(done[0]))
        return done[0]

    def _ended(self, context: Context, step: Step, handle: Json) -> tuple[Json] | None:
        outcome = step.poll(context, json.loads(json.dumps(handle)))
        return (outcome.result,) if isinstance(outcome, Done) else None


def moving(lab: Lab, kind: str, *names: str, options: Any = None, **plan: Any) -> Move:
    """A move by one of the two methods."""
    return lab.move(*names, method={"type": kind, "bucket": BUCKET, **(options or {})}, **plan)


def job_runs(lab: Lab, job: str) -> Sequence[dict[str, Any]]:
    """All runs of a job in the target account, newest first."""
    found: Sequence[dict[str, Any]] = lab.client("target", "glue").get_job_runs(JobName=job)["JobRuns"]
    return found


def jobs(lab: Lab) -> list[str]:
    """The names of all jobs of the target account."""
    return list(lab.client("target", "glue").list_jobs()["JobNames"])


def roles(lab: Lab, side: Any) -> list[str]:
    """The roles of an account that ddbtui makes."""
    found = lab.client(side, "iam").list_roles()["Roles"]
    return [one["RoleName"] for one in found if one["RoleName"].startswith("ddbtui-glue")]


def at(lab: Lab, name: str, kind: str = "glue", names: Sequence[str] = (), **more: Any) -> tuple[JobJournal, Step]:
    """A run that stands before a step; by default one that takes no export."""
    journal = JobJournal()
    return journal, journal.until(chains_of(moving(lab, kind, *names, proof="off", **more)), name)


def fail_next(lab: Lab, state: str, message: str = "", **more: str) -> None:
    """Let the next run of the job end in that state without having run the script, or stay in it."""
    lab.tell("job-faults", jobs=[{"job": "glue", "table": JOB, "code": state, "message": message, **more}])
