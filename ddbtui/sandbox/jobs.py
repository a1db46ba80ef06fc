"""What exports and imports have in common: they take time, and their tokens are idempotent."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.principals import Principal

if TYPE_CHECKING:
    from ddbtui.sandbox.faults import JobFault
    from ddbtui.sandbox.world import World

TOKEN_LIFE = 8 * 3600


class JobFailed(Exception):
    """The job ends FAILED with AWS's failure code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Job(ABC):
    """One export or import.

    Args:
        world: gives the clock and the fault that hits this job.
        principal: in whose name it works.
        params: the request.
        seconds: how long it takes.
    """

    kind: str

    def __init__(self, world: World, principal: Principal, region: str, params: dict[str, Any], seconds: float) -> None:
        self.principal = principal
        self.account = principal.account
        self.region = region
        self.token = params.get("ClientToken") or str(uuid4())
        self.params = fingerprint(params)
        self.started = world.now()
        self.due = world.after(seconds)
        self.finished: float | None = None
        self.status = "IN_PROGRESS"
        self.failure: JobFailed | None = None
        self.fault: JobFault | None = None

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.finished is not None

    def progress(self, world: World) -> float:
        """Share of its time that has passed, 0 to 1."""
        if self.ended or self.due <= self.started:
            return 1.0
        return min(1.0, (world.now() - self.started) / (self.due - self.started))

    def advance(self, world: World) -> None:
        """Do the work when its time has come."""
        if world.now() < self.due:
            return
        self.finished = world.now()
        try:
            if self.fault and self.fault.code:
                self.fail(world, JobFailed(self.fault.code, self.fault.message))
            else:
                self.work(world)
                self.status = "COMPLETED"
        except JobFailed as failure:
            self.status, self.failure = "FAILED", failure

    def fail(self, world: World, failure: JobFailed) -> None:
        """Fail as a fault demands; a job may leave something behind first."""
        raise failure

    @abstractmethod
    def work(self, world: World) -> None:
        """Do all of it, or raise JobFailed."""

    @abstractmethod
    def describe(self, world: World) -> dict[str, Any]:
        """The description that AWS gives, empty members left out."""


def fingerprint(params: dict[str, Any]) -> str:
    """What must be equal for a repeated token to be the same request."""
    return json.dumps({name: value for name, value in params.items() if name != "ClientToken"}, sort_keys=True)


def repeated(world: World, kind: str, account: str, params: dict[str, Any], conflict: str) -> Job | None:
    """Return the job of an equal earlier request with this token.

    Raises:
        AwsError: the token was used with other parameters.
    """
    token = params.get("ClientToken")
    for job in world.jobs:
        if token and job.kind == kind and job.account == account and job.token == token:
            if world.now() - job.started > TOKEN_LIFE:
                continue
            if job.params != fingerprint(params):
                raise AwsError(conflict, f"There was a conflict with the client token {token}: parameters differ")
            return job
    return None


def page(items: list[dict[str, Any]], token: str | None, size: int) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a list; the token is the position, as long as ListImports demands."""
    start = int(token or 0)
    end = start + size
    return items[start:end], f"{end:0112}" if end < len(items) else None
