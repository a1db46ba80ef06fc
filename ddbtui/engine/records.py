"""What the journal holds, as data."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from ddbtui.engine.snapshot import RunState, StepState
from ddbtui.engine.step import FailureKind, Json, Progress, Resource


def new_run_id() -> str:
    """Return a fresh run id: 10 characters out of 0-9 and a-f after an `r`, fit for any name in AWS."""
    return f"r{secrets.token_hex(5)}"


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes:
        plan_text: the plan as YAML.
        plan_digest: SHA-256 of the plan, in hex.
        ended: when it last came to rest; None while it runs.
        summary: what lists show: `source`, `target`, `method`, `tables`.
        cancelled: whether a person gave it up; it then stays `cancelled`.
    """

    run_id: str
    created: datetime
    plan_text: str
    plan_digest: str
    state: RunState
    ended: datetime | None = None
    summary: Json = field(default_factory=dict)
    cancelled: bool = False


@dataclass(frozen=True)
class StepRecord:
    """One step of one chain. `token` is empty until the first intent; `kind` says how a failed step failed."""

    run_id: str
    phase: int
    chain: int
    position: int
    subject: str
    name: str
    title: str
    state: StepState = "pending"
    attempt: int = 1
    token: str = ""
    intent_at: datetime | None = None
    handle: Json | None = None
    result: Json | None = None
    error: str = ""
    hint: str = ""
    kind: FailureKind | None = None
    gate: str = ""
    question: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class ResourceRecord:
    """A recorded resource. `run_id` is None while it belongs to a plan that no run has taken up yet."""

    resource: Resource
    run_id: str | None
    plan_digest: str
    subject: str
    step: str
    recorded_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True)
class CallRecord:
    """One call to a service, for the audit log; `outcome` is `ok` or an error code."""

    at: datetime
    side: str
    account: str
    region: str
    service: str
    operation: str
    outcome: str
    request_id: str
