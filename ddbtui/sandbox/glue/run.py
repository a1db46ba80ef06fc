"""One run of a Glue job: its states, and the script that it runs.

https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from ddbtui.sandbox.glue import connections, roles
from ddbtui.sandbox.glue.engine import Engine, engine_of, plain_python
from ddbtui.sandbox.glue.execution import Execution, Outcome
from ddbtui.sandbox.glue.job_checks import units_of, version_of
from ddbtui.sandbox.glue.logs import GROUPS, RunLog
from ddbtui.sandbox.glue.state import GlueJob
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import Job
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

STARTING_SECONDS = 0.5
STOPPING_SECONDS = 0.2
ENDS = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
_LONGEST_ARGUMENT = 128 * 1024
"""Bytes that Linux takes of one. https://man7.org/linux/man-pages/man2/execve.2.html"""
_IMPOSSIBLE = ("--additional-python-modules", "--extra-jars", "--python-modules-installer-option")


class GlueRun(Job):
    """One run.

    Args:
        job: as it is now; a later UpdateJob does not touch the run.
        definition: with what the run overrides.
        arguments: the caller's, over which come those that can't be overridden.
        previous: the run that this one repeats.
        attempt: 0, or how often it was repeated.
    """

    kind = "glue"

    def __init__(
        self,
        world: World,
        principal: Principal,
        job: GlueJob,
        definition: dict[str, Any],
        arguments: dict[str, str],
        previous: GlueRun | None = None,
    ) -> None:
        super().__init__(world, principal, job.region, {}, STARTING_SECONDS)
        self.job, self.definition, self.arguments = job, definition, arguments
        self.previous = previous
        self.attempt: int = previous.attempt + 1 if previous else 0
        self.id = f"{previous.first_id}_attempt_{self.attempt}" if previous else f"jr_{uuid4().hex}{uuid4().hex}"
        self.status = "STARTING"
        self.message = ""
        self.modified = self.started
        self.running_since: float | None = None
        self.execution: Execution | None = None
        self.log: RunLog | None = None
        self.silent = False
        self.no_room = ""

    @property
    def first_id(self) -> str:
        """The id of the first attempt."""
        return self.previous.first_id if self.previous else self.id

    def advance(self, world: World) -> None:
        """Start when it is time, end when the script has ended, and kill it when its time is up."""
        if self.silent or self.ended:
            return
        if self.status == "WAITING" and not self.crowded(world):
            self._turn(world, "STARTING")
            self.due = world.after(STARTING_SECONDS)
        if self.status == "STARTING" and world.now() >= self.due:
            self._begin(world)
        if self.execution and self.execution.outcome:
            self._conclude(world, self.execution.outcome)
        elif self.status == "STOPPING":
            if not self.execution and world.now() >= self.due:
                self._end(world, "STOPPED")
        elif self._overdue(world):
            self._end(world, "TIMEOUT")
            if self.execution:
                self.execution.kill()

    def _overdue(self, world: World) -> bool:
        limit: float = self.definition["Timeout"] * 60
        return self.running_since is not None and world.now() >= self.running_since + limit

    def crowded(self, world: World) -> bool:
        """Whether as many other runs of the job go on as it may have at a time."""
        others = [
            run
            for run in world.jobs
            if isinstance(run, GlueRun) and run.job is self.job and not run.ended and run.status != "WAITING"
        ]
        return len([run for run in others if run is not self]) >= most_runs(self.job)

    def stop(self, world: World) -> None:
        """Stop it, as BatchStopJobRun asks: what the script has done stays done."""
        self._turn(world, "STOPPING")
        self.due = world.after(STOPPING_SECONDS)
        if self.execution:
            self.execution.kill()

    def discard(self) -> None:
        """Kill what runs, without a word: the world is wiped or ends."""
        self.silent = True
        if self.execution:
            self.execution.kill()
            self.execution.wait(5)

    def _turn(self, world: World, status: str) -> None:
        self.status, self.modified = status, world.now()

    def _end(self, world: World, status: str, message: str = "") -> None:
        self._turn(world, status)
        self.finished = world.now()
        self.message = message or self.message
        if status == "FAILED" and self.attempt < self.definition["MaxRetries"]:
            again = GlueRun(world, self.principal, self.job, self.definition, self.arguments, self)
            world.jobs.append(again)

    def _begin(self, world: World) -> None:
        fault = self.fault
        if fault and fault.code and fault.lie != "after-work":
            if fault.code in ENDS:
                self._end(world, fault.code, fault.message)
            elif fault.code != self.status:
                self._turn(world, fault.code)
                self.running_since = world.now()
            return
        if self.no_room:
            self._end(world, "FAILED", self.no_room)
            return
        role = roles.role_arn(self.definition["Role"], self.account)
        obstacle = self._obstacle(world, role)
        if obstacle:
            told = f"JobName:{self.job.name} and JobRunId:{self.id} failed to execute with exception {obstacle}"
            self._end(world, "FAILED", told)
            return
        self._turn(world, "RUNNING")
        self.running_since = world.now()
        unknown = [name for name in _IMPOSSIBLE if self.arguments.get(name)]
        try:
            engine = engine_of(world) if self.job.is_spark else plain_python()
        except ValueError as error:
            unknown.append(str(error))
        if any(len(value.encode()) >= _LONGEST_ARGUMENT for value in self.arguments.values()):
            self._end(world, "FAILED", "LAUNCH ERROR | Argument list too long")
            return
        if unknown:
            self._end(world, "FAILED", f"LAUNCH ERROR | The sandbox cannot do this: {', '.join(unknown)}")
            return
        self._launch(world, engine, roles.as_glue(role))

    def _obstacle(self, world: World, role: str) -> str:
        """Why Glue cannot start the job in its role at all, or an empty text."""
        if not roles.assumable(world, role):
            return f"Role {role} should be given assume role permissions for Glue Service."
        for name in self.definition.get("Connections", {}).get("Connections", ()):
            for part in ("catalog", f"connection/{name}"):
                use = Use("glue:GetConnection", f"arn:aws:glue:{self.region}:{self.account}:{part}")
                reason = dependent(world, roles.as_glue(role), use, "glue")
                if reason:
                    return reason
            refusal = connections.refusal(world, self.account, self.region, name)
            if refusal:
                return refusal
        return ""

    def _launch(self, world: World, engine: Engine, role: Principal) -> None:
        live = version_of(self.definition) >= 5
        self.log = RunLog(world, role, self.region, self.id, live=live, arguments=self.arguments)
        self.log.write(world, "system", f"Sandbox: this run of {self.job.name} is executed by: {engine.name}")
        if "--enable-metrics" in self.arguments:
            dependent(world, role, Use("cloudwatch:PutMetricData", "*"), "glue")
        world.glue.used = engine.name
        environment = {
            **roles.credentials(role.iam_arn, self.region),
            **engine.environment,
            "AWS_ENDPOINT_URL": world.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

        def tell(source: str, line: str) -> None:
            with world.lock:
                if self.log and not self.silent:
                    self.log.write(world, source, line)

        def look() -> None:
            with world.lock:
                self.advance(world)

        self.execution = Execution(self._spec(engine), environment, world.folder, tell, look)

    def _spec(self, engine: Engine) -> dict[str, Any]:
        own = {"--JOB_ID": f"j_{self.first_id[3:]}", "--JOB_RUN_ID": self.id, "--JOB_NAME": self.job.name}
        pairs = {**self.arguments, **own}
        return {
            "script": self.definition["Command"]["ScriptLocation"],
            "files": _listed(self.arguments.get("--extra-py-files")),
            "beside": _listed(self.arguments.get("--extra-files")),
            "folders": list(engine.folders),
            "arguments": [each for name, value in pairs.items() for each in (name, value)],
        }

    def _conclude(self, world: World, outcome: Outcome) -> None:
        if self.status == "STOPPING":
            if world.now() >= self.due:
                self._end(world, "STOPPED")
            return
        if self.log and outcome.traceback:
            self.log.write(world, "system", f"ERROR [main] glue.ProcessLauncher: Error from Python:{outcome.traceback}")
            analysis = {"Event": "GlueETLJobExceptionEvent", "Failure Reason": outcome.traceback}
            text = "ERROR GlueExceptionAnalysisListener: [Glue Exception Analysis] " + json.dumps(analysis)
            self.log.write(world, "system", text)
        if self.fault and self.fault.code in ENDS:
            self._end(world, self.fault.code, self.fault.message)
        elif outcome.succeeded:
            self._end(world, "SUCCEEDED")
        else:
            self._end(world, "FAILED", outcome.message)

    def work(self, world: World) -> None:
        """The script does it."""

    def describe(self, world: World) -> dict[str, Any]:
        """As GetJobRun tells it."""
        last = self.finished or world.now()
        seconds = int(last - self.running_since) if self.running_since is not None else 0
        scaled = self.definition["ExecutionClass"] == "FLEX" or self.arguments.get("--enable-auto-scaling") == "true"
        described = {
            "Id": self.id,
            "Attempt": self.attempt,
            "PreviousRunId": self.previous.id if self.previous else None,
            "JobName": self.job.name,
            "JobMode": self.definition.get("JobMode", "SCRIPT"),
            "StartedOn": self.started,
            "LastModifiedOn": self.modified,
            "CompletedOn": self.finished,
            "JobRunState": self.status,
            "Arguments": self.arguments,
            "ErrorMessage": self.message or None,
            "PredecessorRuns": [],
            "AllocatedCapacity": int(units_of(self.definition)),
            "ExecutionTime": seconds,
            "LogGroupName": GROUPS,
            "DPUSeconds": seconds * units_of(self.definition) if scaled else None,
        }
        copied = ("Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "GlueVersion", "ExecutionClass")
        described.update({name: self.definition.get(name) for name in copied})
        return {name: value for name, value in described.items() if value is not None}


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def most_runs(job: GlueJob) -> int:
    """How many runs of a job may go on at a time."""
    return int(job.definition["ExecutionProperty"]["MaxConcurrentRuns"])


def discard_all(world: World) -> None:
    """Kill all scripts that run: no process outlives the sandbox."""
    for job in world.jobs:
        if isinstance(job, GlueRun):
            job.discard()
