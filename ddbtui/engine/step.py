"""The step contract: what a method writes, and what the engine promises around it.

A step is `start` → handle, `poll` → progress or done. The engine makes it durable:

1. before `start` it writes the intent with the token `hash(run, subject, step, attempt)`;
2. right after `start` it writes the handle;
3. on resume a handle is polled; an intent without a handle first asks `find`, and only if that finds nothing calls
   `start` again with the same token.

All methods block; the engine calls them on its own bounded pool and sleeps between polls without a thread. What a step
creates it records as a `Resource` *before* the call that creates it, so that clean-up knows of it whatever happens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Level = Literal["info", "warn", "error"]
FailureKind = Literal["failed", "prerequisite", "different"]
RUN = "(run)"
"""The subject of whatever is about the whole run. No table can have this name: theirs are of letters, digits, `_`, `-`
and `.`. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html"""


@dataclass(frozen=True)
class Resource:
    """Something that a run made or changed in an account, and what becomes of it.

    Args:
        kind: what takes it away, e.g. `bucket` or `bucket-policy-statement`.
        side: `source` or `target`.
        name: the ARN or name that people know it by; unique together with kind and side.
        fate: `keep` is the user's from now on; `remove` goes at the end; `ask` goes only with the user's consent.
        data: what the remover needs, e.g. the text that a policy had before; under `stays` why something is kept.
    """

    kind: str
    side: str
    name: str
    fate: Literal["keep", "remove", "ask"]
    data: Json = field(default_factory=dict)

    @property
    def stays(self) -> str | None:
        """Why it is kept; None if nobody asks."""
        return str(self.data["stays"]) if "stays" in self.data else None


@dataclass(frozen=True)
class Progress:
    """How far a running step is.

    Args:
        note: a few words, e.g. the state that AWS reports.
        done: units finished so far, or None when that can't be known.
        total: units in all, or None.
        unit: `items` or `bytes`.
    """

    note: str = ""
    done: int | None = None
    total: int | None = None
    unit: Literal["items", "bytes"] = "items"


@dataclass(frozen=True)
class Done:
    """A finished step with what later steps and the report need to know of it."""

    result: Json = field(default_factory=dict)


class StepFailed(Exception):
    """The step can't succeed as things are.

    Args:
        message: what failed and why, in AWS's own terms, with code and message where there are any.
        hint: what to do.
        kind: decides the exit code; `different` means that the proof found differences.
    """

    def __init__(self, message: str, hint: str = "", kind: FailureKind = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kind = kind


class Busy(Exception):
    """AWS has no room for the call now, because of what others do in the account. The engine makes it again later.

    It waits as long as anything of the run goes on, which may make room, and for hours more; then the step fails.

    Args:
        message: what there is no room for, with code and message of AWS.
        hint: how to make room, should none be made.
    """

    def __init__(self, message: str, hint: str = "`ddbtui resume` tries again.") -> None:
        super().__init__(message)
        self.hint = hint


class GateClosed(Exception):
    """A person must consent before the step may go on.

    Args:
        gate: name that a plan can list under `acknowledge`.
        question: what is asked, complete enough to answer yes or no.
    """

    def __init__(self, gate: str, question: str) -> None:
        super().__init__(question)
        self.gate = gate
        self.question = question


class StepContext(Protocol):
    """What the engine gives a step."""

    @property
    def run_id(self) -> str:
        """The run, short and fit for names."""

    @property
    def subject(self) -> str:
        """What the step works on: a table name, or `RUN`."""

    @property
    def attempt(self) -> int:
        """1 at first; a retry after a failure counts up and so gets a new token."""

    @property
    def token(self) -> str:
        """32 hex digits, the same on every repetition of this attempt."""

    @property
    def intent_at(self) -> datetime:
        """When this attempt's intent was first written (UTC)."""

    def now(self) -> datetime:
        """The engine's clock (UTC)."""

    def result(self, step: str, subject: str | None = None) -> Json:
        """What an earlier step of this subject (or of another) returned. Raises KeyError if it isn't done."""

    def record(self, resource: Resource) -> None:
        """Make a resource durable in the journal; a repetition updates its data and fate."""

    def resources(self) -> tuple[Resource, ...]:
        """What this run recorded for this subject and has not removed yet, oldest first."""

    def removed(self, resource: Resource) -> None:
        """Note that a recorded resource is gone."""

    def log(self, text: str, level: Level = "info") -> None:
        """Tell whoever watches."""

    def consent(self, gate: str, question: str) -> None:
        """Return if the user consented to this gate of the step for this subject; else raise GateClosed."""

    def progress(self, progress: Progress) -> None:
        """Report progress from inside a long blocking call."""

    def should_stop(self) -> bool:
        """Whether the run was asked to stop: a long blocking call then returns to a safe point."""


class Step(ABC):
    """One unit of work on one subject.

    Class attributes:
        name: unique within its chain, stable over versions, e.g. `export`.
        title: what people read, e.g. `Export to S3`.
        gates: names of the gates at which the step may ask a person; it can ask at no others.
        slot: steps of one slot share a limit that the `Work` gives, e.g. `import` for AWS's 50 at a time.
        unattended: whether AWS goes on with what `start` began although nobody polls.
        poll_seconds: longest pause between two polls; the engine's 15 seconds if None.
    """

    name: str
    title: str
    gates: tuple[str, ...] = ()
    slot: str | None = None
    unattended: bool = False
    poll_seconds: float | None = None

    def find(self, ctx: StepContext) -> Json | None:
        """Look for what an interrupted `start` may already have made; return its handle, or None to call `start`.

        The default suits steps whose `start` can be repeated harmlessly.
        """
        return None

    @abstractmethod
    def start(self, ctx: StepContext) -> Json:
        """Make the call and return a handle (JSON) by which it can be polled, from another process too."""

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Ask how it goes. The default is for steps that are done when `start` returns; their handle is the result."""
        return Done(handle)

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        """Ask AWS to stop what `start` began. Harmless to repeat.

        Returns:
            Whether AWS takes such a request; True as well if nothing goes on any more.
        """
        return False


@dataclass(frozen=True)
class Chain:
    """Steps of one subject, run one after the other."""

    subject: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Work:
    """All chains of a run. Phases follow each other; chains of a phase run side by side.

    A phase starts only when every chain of the one before is done.
    """

    phases: tuple[tuple[Chain, ...], ...]
    slots: Mapping[str, int] = field(default_factory=dict)

    @property
    def gates(self) -> frozenset[str]:
        """Every gate at which one of the steps may ask."""
        steps = (step for phase in self.phases for chain in phase for step in chain.steps)
        return frozenset(gate for step in steps for gate in step.gates)
