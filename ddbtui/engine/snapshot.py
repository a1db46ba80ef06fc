"""What can be seen of a run: read by screens ten times a second, by `status` from another process, and by reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ddbtui.engine.step import Json, Level, Progress

StepState = Literal["pending", "running", "waiting", "done", "failed"]
RunState = Literal["running", "waiting", "stopped", "failed", "different", "cancelled", "done"]
UNFINISHED: frozenset[str] = frozenset({"running", "waiting", "stopped", "failed", "different"})


@dataclass(frozen=True)
class StepView:
    """One step as it stands."""

    name: str
    title: str
    state: StepState
    attempt: int = 1
    progress: Progress = field(default_factory=Progress)
    error: str = ""
    hint: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    result: Json | None = None


@dataclass(frozen=True)
class ChainView:
    """One subject (a table, or `RUN`) with its steps."""

    subject: str
    phase: int
    steps: tuple[StepView, ...]

    @property
    def current(self) -> StepView | None:
        """The step that is at work, waits or failed; None before the first and after the last."""
        return next((s for s in self.steps if s.state in ("running", "waiting", "failed")), None)

    @property
    def state(self) -> StepState:
        """The chain's state: that of its current step, or pending or done."""
        if self.current:
            return self.current.state
        done = sum(s.state == "done" for s in self.steps)
        return "done" if done == len(self.steps) else "running" if done else "pending"


@dataclass(frozen=True)
class GateView:
    """A question that waits for a person."""

    gate: str
    subject: str
    question: str


@dataclass(frozen=True)
class Event:
    """What happened. `seq` counts up from 1 within a run."""

    seq: int
    at: datetime
    level: Level
    subject: str
    step: str
    text: str


@dataclass(frozen=True)
class Snapshot:
    """A whole run at one instant."""

    run_id: str
    state: RunState
    started: datetime
    now: datetime
    chains: tuple[ChainView, ...]
    gates: tuple[GateView, ...]
    events: tuple[Event, ...]
    """The newest events, oldest first, at most 500."""

    @property
    def steps_done(self) -> int:
        """Finished steps of all chains."""
        return sum(s.state == "done" for c in self.chains for s in c.steps)

    @property
    def steps_total(self) -> int:
        """All steps of all chains."""
        return sum(len(c.steps) for c in self.chains)
