"""What backup, copy and restore jobs have in common: tokens, states, one at a time for each table, lists.

https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup.html
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.backup.state import RecoveryPoint
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import TOKEN_LIFE, Job, JobFailed
from ddbtui.sandbox.world import World

_CREATED_SHARE = 0.25
KINDS = {"backup": "BackupJobId", "copy": "CopyJobId", "restore": "RestoreJobId"}


class BackupJob(Job):
    """One job of AWS Backup.

    Args:
        role: in which AWS Backup works.
        resource: ARN of the table that was or is backed up.
    """

    first = "CREATED"
    exclusive = True

    def __init__(
        self,
        world: World,
        principal: Principal,
        role: Principal,
        region: str,
        params: dict[str, Any],
        resource: str,
        seconds: float,
    ) -> None:
        super().__init__(world, principal, region, params, seconds)
        self.token = params.get("IdempotencyToken") or self.token
        self.id = str(uuid4()).upper()
        self.role, self.resource, self.seconds = role, resource, seconds
        self.status = self.first
        self.begun: float | None = None
        self.expires: float | None = None
        self.plan: dict[str, str] | None = None
        self.reads: RecoveryPoint | None = None

    def advance(self, world: World) -> None:
        """Begin when no other job works on the table; then run, and end when it is time."""
        if self.begun is None:
            if self.exclusive and self._others(world):
                self._expire(world)
                return
            self.begun, self.due = world.now(), world.after(self.seconds)
            try:
                self.begin(world)
            except JobFailed as failure:
                self._end(world, failure)
                return
        if self.status == self.first and world.now() >= self.begun + (self.due - self.begun) * _CREATED_SHARE:
            self.status = "RUNNING"
        aborted = self.status == "ABORTING"
        super().advance(world)
        if self.ended and (self.failure or aborted):
            self._end(world, self.failure or JobFailed("ABORTED", "The job was stopped."))

    def work(self, world: World) -> None:
        """Do the work, unless it was stopped."""
        if self.status != "ABORTING":
            self.carry_out(world)

    def _others(self, world: World) -> bool:
        place = (self.account, self.resource)
        for job in world.jobs:
            if job is self:
                return False
            if isinstance(job, BackupJob) and job.exclusive and not job.ended and (job.account, job.resource) == place:
                return True
        return False

    def _expire(self, world: World) -> None:
        if self.expires is not None and world.now() > self.expires:
            message = "Backup job expired before completion: another job for the resource was running"
            self._end(world, JobFailed("EXPIRED", message))

    def _end(self, world: World, failure: JobFailed) -> None:
        self.finished = self.finished or world.now()
        self.failure = failure
        self.status = failure.code
        self.undo(world)

    def begin(self, world: World) -> None:
        """What happens when the job starts running; may raise JobFailed."""

    def undo(self, world: World) -> None:
        """Take back what `begin` did, after a failure."""

    @abstractmethod
    def carry_out(self, world: World) -> None:
        """Do all of it, or raise JobFailed."""

    def common(self, world: World, status: str) -> dict[str, Any]:
        """The members that all descriptions have."""
        return {
            KINDS[self.kind]: self.id,
            status: self.status,
            "StatusMessage": self.failure.message if self.failure else None,
            "AccountId": self.account,
            "IamRoleArn": self.role.iam_arn,
            "ResourceType": "DynamoDB",
            "CreationDate": self.started,
            "CompletionDate": self.finished,
            "CreatedBy": self.plan,
        }

    def share(self, world: World) -> float:
        """Share that is done, 0 to 1."""
        return 0.0 if self.begun is None else self.progress(world)

    def percent(self, world: World) -> str:
        """How far it is."""
        return f"{100 * self.share(world):.1f}"


Known = TypeVar("Known", bound=BackupJob)


def earlier(world: World, kind: type[Known], principal: Principal, params: dict[str, Any]) -> Known | None:
    """The job that this token started before: a repetition succeeds and does nothing, whatever it asks for."""
    token = params.get("IdempotencyToken")
    for job in world.jobs:
        same = (job.kind, job.account, job.token) == (kind.kind, principal.account, token)
        if token and same and isinstance(job, kind) and world.now() - job.started <= TOKEN_LIFE:
            return job
    return None


def jobs_of(world: World, kind: type[Known], account: str, region: str) -> list[Known]:
    """The jobs of an account and region, newest first."""
    found = [job for job in world.jobs if isinstance(job, kind) and (job.account, job.region) == (account, region)]
    return found[::-1]


def job_named(world: World, kind: type[Known], call: Call, principal: Principal) -> Known:
    """The job that a call names.

    Raises:
        AwsError: there is none.
    """
    member = KINDS[kind.kind]
    for job in jobs_of(world, kind, principal.account, call.region):
        if job.id == call.params[member]:
            return job
    raise AwsError("ResourceNotFoundException", f"Job {call.params[member]} not found", 404)


def matches(row: dict[str, Any], call: Call, filters: dict[str, str]) -> bool:
    """Whether a row passes the filters of a list call.

    Args:
        row: a described job.
        call: with the filters in its query.
        filters: name in the query -> member of the row.
    """
    for name, member in {**filters, "accountId": "AccountId", "resourceType": "ResourceType"}.items():
        wanted = call.params.get(name)
        if wanted not in (None, "*", row.get(member)):
            return False
    after, before = _moment(call.params.get("createdAfter")), _moment(call.params.get("createdBefore"))
    return (after is None or row["CreationDate"] > after) and (before is None or row["CreationDate"] < before)


def _moment(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
