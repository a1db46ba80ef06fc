"""Run the Glue job of one table, and follow it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, reason, suppress_codes
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Busy, Done, Json, Progress, StepContext, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.glue.job import GlueStep
from ddbtui.methods.glue.job_log import cause, log_tail
from ddbtui.methods.glue.jobs.arguments import sent
from ddbtui.methods.glue.jobs.reporting import NO_KEY
from ddbtui.methods.glue.options import MOST_MINUTES
from ddbtui.methods.glue.places import LOG_GROUPS
from ddbtui.methods.glue.way import Way
from ddbtui.methods.steps.create_table import keep_table
from ddbtui.methods.steps.room import no_room
from ddbtui.text import duration, shown

GLUE_SLOTS = 50
"""Jobs that run at a time; AWS runs 200 of an account, in older accounts 50."""
_WORKING = frozenset({"STARTING", "RUNNING", "WAITING"})
_RUNNING = _WORKING | {"STOPPING"}
_FAILED = frozenset({"STOPPED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"})
_LIST_LAG = timedelta(minutes=2)
_PROPAGATION = timedelta(minutes=5)
_ROLE_UNKNOWN = "should be given assume role permissions"
_MOST_BYTES = 100_000
"""Of one argument: Linux takes 128 KiB, and Glue not much more for all of them together."""
_TOO_LONG = (
    "The table has too many attributes for AWS's own ways. Start a new run with loader: lossless or reader: lossless."
)
_ROOM_PAUSE = timedelta(minutes=1)
_NO_ROOM = re.compile(r"max(imum)? concurrent|resource unavailable", re.IGNORECASE)
"""What Glue says of a run that the account, or the region, has no room for.

https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""


class RunJobStep(GlueStep):
    """Starts the job and waits for its end.

    `StartJobRun` takes no token. Each run gets this attempt's as an argument, by which it is found again. Two things
    keep a second run away: `find` looks more than once while a list may still lag behind, and the job takes one run at
    a time. Should there be one nevertheless, it costs money and no more: both put the same items.
    """

    name = "job"
    title = "Run the Glue job"
    slot = "glue"
    unattended = True

    def __init__(self, move: Move, moving: MovingTable, way: Way) -> None:
        super().__init__(move, moving)
        self._way = way

    def access(self) -> Sequence[Access]:
        """Start and follow; read how far the job is, and why it failed."""
        staging = self.places.staging
        return [
            self.needs("StartJobRun", "run the job", changes=True),
            self.needs("GetJobRun", "follow the job"),
            self.needs("GetJobRuns", "find the run again after an interruption"),
            # No line of the dry run: it takes a person who gives the run up.
            self.needs("BatchStopJobRun", "stop the job of a run that is given up"),
            Access("target", "logs:GetLogEvents", self.places.logs_arn, "read why a job failed"),
            *staging.read_access("target"),
            *staging.list_access("target"),
            *self._way.access(self.move, self.moving),
        ]

    def find(self, ctx: StepContext) -> Json | None:
        """Find the run of this attempt; the list of runs may lag behind an interrupted start."""
        if ctx.now() - ctx.intent_at > _LIST_LAG:
            return self._handle(ctx.token, self._run_of(ctx))
        return self._look_longer(ctx)

    def _look_longer(self, ctx: StepContext) -> Json | None:
        found = settle(lambda: self._run_of(ctx), good=lambda run: run is not None)
        return self._handle(ctx.token, found)

    def _run_of(self, ctx: StepContext) -> str | None:
        return next((run["Id"] for run in self._runs(ctx, ctx.token)), None)

    def _runs(self, ctx: StepContext, token: str | None = None) -> Iterator[dict[str, Any]]:
        """All runs of the job, or those of one attempt, newest first."""
        pages = self.glue().get_paginator("get_job_runs").paginate(JobName=self.job_name(ctx))
        with suppress_codes("EntityNotFoundException"):
            for page in pages:
                yield from (run for run in page["JobRuns"] if token in (None, _token(run)))

    def _handle(self, token: str, run: str | None) -> Json | None:
        return {"run": run, "token": token} if run else None

    def start(self, ctx: StepContext) -> Json:
        """Start a run; on a retry take up one that is still at work, which nobody could follow for a while."""
        going_on = self._going_on(ctx) if ctx.attempt > 1 else None
        if going_on:
            ctx.log("the run of the attempt before goes on")
            return going_on
        ctx.record(self.places.staging.resource(ctx.run_id, self.moving.name))
        return self._started(ctx)

    def _started(self, ctx: StepContext) -> Json:
        try:
            answer = self.glue().start_job_run(
                JobName=self.job_name(ctx), Arguments=self._arguments(ctx), **self._timeout(ctx)
            )
        except Exception as error:
            if code(error) == "ConcurrentRunsExceededException":
                return self._taken(ctx, error)
            if code(error) == "ResourceNumberLimitExceededException":
                raise no_room("run of a Glue job", "AWS Glue", error) from error
            raise
        return {"run": answer["JobRunId"], "token": ctx.token}

    def _going_on(self, ctx: StepContext) -> Json | None:
        working = (run for run in self._runs(ctx) if run["JobRunState"] in _WORKING)
        return next((self._handle(_token(run), run["Id"]) for run in working), None)

    def _timeout(self, ctx: StepContext) -> dict[str, int]:
        """Once a run was not through in time, the next has as long as Glue allows, unless the plan limits it."""
        if ctx.attempt == 1 or self.places.options.timeout_minutes:
            return {}
        timed_out = any(run["JobRunState"] == "TIMEOUT" for run in self._runs(ctx))
        return {"Timeout": MOST_MINUTES} if timed_out else {}

    def _taken(self, ctx: StepContext, error: Exception) -> Json:
        """The job runs already: most often since botocore repeated a start whose answer got lost."""
        found = self._look_longer(ctx)
        if found is None:
            raise Busy(f"another run of the job is not over yet: {reason(error)}") from error
        return found

    def _arguments(self, ctx: StepContext) -> dict[str, str]:
        sizing, staging = self.sizing, self.places.staging
        given = {
            "run": ctx.run_id,
            "token": ctx.token,
            "target_table": self.moving.target_name,
            "target_region": self.move.target.region,
            "max_wcu": str(sizing.write_rate),
            "parallel": str(sizing.parallel),
            "bucket": staging.bucket,
            "bucket_owner": staging.owner,
            "progress_key": self.places.progress_key(ctx.run_id, self.moving.name),
            "kms_key": staging.key_arn or NO_KEY,
            **self._way.arguments(ctx, self.move, self.moving),
        }
        for name, value in given.items():
            if len(value.encode()) > _MOST_BYTES:
                raise StepFailed(f"argument {name} of the Glue job would have {len(value.encode()):,} bytes", _TOO_LONG)
        return {f"--{name}": sent(value) for name, value in given.items()}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask Glue for the state, and the job itself how far it is."""
        run = self._current(ctx, handle)
        state, told = str(run["JobRunState"]), self._told(ctx, handle)
        if state in _RUNNING:
            return self._progress(ctx, state, told)
        if state == "SUCCEEDED":
            return Done(self._succeeded(ctx, run, told))
        if state in _FAILED:
            raise self._failed(ctx, run, told)
        raise StepFailed(f"unknown state {shown(state, 60)} of Glue job run {shown(run['Id'], 80)}")

    def _current(self, ctx: StepContext, handle: Json) -> Mapping[str, Any]:
        """The run; where Glue has ended it before it began, the one that follows it."""
        run = self._described(ctx, handle)
        if not _too_early(run) and not _no_room(run):
            return run
        run = next(self._runs(ctx, handle["token"]), run)
        if _no_room(run) and not self._told(ctx, handle):
            self._wait_for_room(ctx, run)
        elif not _too_early(run) or ctx.now() - ctx.intent_at > _PROPAGATION:
            return run
        else:
            ctx.log(f"Glue does not know role {self.places.job_role} yet; the job is run again")
        return {"Id": self._started(ctx)["run"], "JobRunState": "STARTING"}

    def _wait_for_room(self, ctx: StepContext, run: Mapping[str, Any]) -> None:
        """Let a while pass after a run that there was no room for: Glue itself has tried for up to 15 minutes."""
        if ctx.now() - run.get("CompletedOn", ctx.intent_at) < _ROOM_PAUSE:
            raise Busy(f"no room for another run of a Glue job: {shown(run['ErrorMessage'])}")
        ctx.log("there was no room for the Glue job; it is run again")

    def _described(self, ctx: StepContext, handle: Json) -> dict[str, Any]:
        found: dict[str, Any] = self.glue().get_job_run(JobName=self.job_name(ctx), RunId=handle["run"])["JobRun"]
        return found

    def _told(self, ctx: StepContext, handle: Json) -> Mapping[str, Any]:
        """What the job wrote about itself; nothing if it has not yet, or if that is an earlier run's."""
        staging = self.places.staging
        key = self.places.progress_key(ctx.run_id, self.moving.name)
        with suppress_codes("NoSuchKey"):
            answer = self.move.target.client("s3").get_object(
                Bucket=staging.bucket, Key=key, ExpectedBucketOwner=staging.owner
            )
            told = json.loads(answer["Body"].read())
            return told if isinstance(told, dict) and told.get("token") == handle["token"] else {}
        return {}

    def _progress(self, ctx: StepContext, state: str, told: Mapping[str, Any]) -> Progress:
        if not told:
            return Progress(state)
        total = int(told.get("total") or 0) or self._known_total(ctx)
        parts = f" {told['files']}/{told['parts']}" if told.get("parts") else ""
        done = int(told.get("done", 0)) if told.get("parts") else None  # Glue's own writer tells no numbers
        return Progress(f"{state}: {shown(told.get('phase', ''), 40)}{parts}", done, total)

    def _known_total(self, ctx: StepContext) -> int | None:
        """What was read of the source for the proof, if it was; no count of AWS's is younger than six hours."""
        try:
            return int(ctx.result("read-source")["items"])
        except KeyError:
            return self.moving.table.item_count or None

    def _succeeded(self, ctx: StepContext, run: Mapping[str, Any], told: Mapping[str, Any]) -> Json:
        if not told.get("finished"):
            raise StepFailed(
                f"Glue job run {shown(run['Id'], 80)} SUCCEEDED, but the job itself did not say that it finished",
                "`ddbtui resume` runs it again; writing an item twice is harmless.",
            )
        keep_table(ctx)
        seconds, sizing = int(run.get("ExecutionTime", 0)), self.sizing
        counted = {"items": int(told["done"])} if self._way.counts else {}
        result = {
            **counted,
            "run": run["Id"],
            "retried": int(told.get("retried", 0)),
            "seconds": seconds,
            "dpu_seconds": round(run.get("DPUSeconds") or seconds * sizing.dpu),
        }
        written = f"{counted['items']:,} items written, {result['retried']:,} sent again, in " if counted else ""
        ctx.log(f"{written}{duration(seconds)} with {sizing.dpu} DPU, about ${sizing.dollars(seconds):.2f}")
        return result

    def _failed(self, ctx: StepContext, run: Mapping[str, Any], told: Mapping[str, Any]) -> StepFailed:
        run_id, state = shown(run["Id"], 80), str(run["JobRunState"])
        lines = log_tail(self.move.target, str(run["Id"]))
        why = cause(str(run.get("ErrorMessage", "")), str(told.get("error", "")), lines)
        ctx.log(f"Glue job run {run_id} ended {state}: {why}", "error")
        for line in lines:
            ctx.log(line)
        again = "`ddbtui resume` runs the job again; writing an item twice is harmless."
        if state == "TIMEOUT":
            again += " It then has as long as Glue allows, 7 days." if not self.places.options.timeout_minutes else ""
            again += " With more workers or write units, or another timeout_minutes, a new plan may get through."
        where = f"CloudWatch log groups {LOG_GROUPS}/error and /output, streams that begin with {run_id}"
        hint = f"See {where}, in account {self.move.target.account_id}. {again}"
        return StepFailed(f"the Glue job ended {state}: {why}", hint)

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Stop the run.

        https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html
        """
        run = next(self._runs(ctx, handle["token"]), None)
        if run is None or run["JobRunState"] not in _WORKING:
            return True
        answer = self.glue().batch_stop_job_run(JobName=self.job_name(ctx), JobRunIds=[run["Id"]])
        for error in answer.get("Errors", ()):
            detail = error.get("ErrorDetail", {})
            why = f"{shown(detail.get('ErrorCode', 'no code'), 80)}: {shown(detail.get('ErrorMessage', ''))}"
            raise UserError(f"Glue does not stop run {shown(run['Id'], 80)}: {why}")
        return True


def _too_early(run: Mapping[str, Any]) -> bool:
    return run["JobRunState"] == "FAILED" and _ROLE_UNKNOWN in str(run.get("ErrorMessage", ""))


def _no_room(run: Mapping[str, Any]) -> bool:
    return run["JobRunState"] == "FAILED" and bool(_NO_ROOM.search(str(run.get("ErrorMessage", ""))))


def _token(run: Mapping[str, Any]) -> str:
    return str((run.get("Arguments") or {}).get("--token", ""))
