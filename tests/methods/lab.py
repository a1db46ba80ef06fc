"""The sandbox with the moves of this folder, and a step context that keeps everything in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.inventory import read_table
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Chain, Done, GateClosed, Json, Level, Progress, Resource, Step
from ddbtui.methods.catalog import method, option_models
from ddbtui.plan.model import Plan, Side
from tests.support.sandbox import TestSandbox

REGION = "eu-west-1"
BUCKET = "staging-222222222222"
IDS: dict[Side, str] = {"source": "111111111111", "target": "222222222222"}


class Lab:
    """Two simulated accounts that answer over HTTP."""

    def __init__(self, sandbox: TestSandbox) -> None:
        self.sandbox = sandbox
        self.tell = sandbox.control

    def account(self, side: Side) -> Account:
        """A fresh account of that side."""
        return Account(side, self.plan().source if side == "source" else self.plan().target)

    def client(self, side: Side, service: str = "dynamodb") -> Any:
        """A client to arrange things with."""
        return self.account(side).client(service)

    def plan(self, **changed: Any) -> Plan:
        """A plan of s3-import."""
        data: dict[str, Any] = {
            "source": {"profile": "source", "region": REGION, "account_id": IDS["source"]},
            "target": {"profile": "target", "region": REGION, "account_id": IDS["target"]},
            "tables": [{"name": "orders"}],
            "method": {"type": "s3-import", "bucket": BUCKET},
        }
        return Plan.model_validate(data | changed, context={"methods": option_models()})

    def move(self, *names: str, target_name: str | None = None, **changed: Any) -> Move:
        """A move of these tables."""
        made = self.plan(**changed)
        source, target = Account("source", made.source), Account("target", made.target)
        tables = [read_table(source, name) for name in names or ("orders",)]
        management = Account("management", made.management) if made.management else None
        moving = tuple(MovingTable(one, target_name or one.name) for one in tables)
        return Move(made, source, target, moving, management)


@dataclass
class Context:
    """A StepContext in memory; a second one of the same journal is a resume."""

    subject: str
    step: str
    journal: Journal
    attempt: int = 1
    gates: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        return "r1"

    @property
    def token(self) -> str:
        return hashlib.sha256(f"{self.subject} {self.step} {self.attempt}".encode()).hexdigest()[:32]

    @property
    def intent_at(self) -> datetime:
        return self.journal.begun

    def now(self) -> datetime:
        self.journal.time += timedelta(seconds=10)
        return self.journal.time

    def result(self, step: str, subject: str | None = None) -> Json:
        return self.journal.results[subject or self.subject, step]

    def record(self, resource: Resource) -> None:
        self.journal.resources[self.subject, resource.kind, resource.name] = resource

    def resources(self) -> tuple[Resource, ...]:
        return tuple(one for (subject, *_), one in self.journal.resources.items() if subject == self.subject)

    def removed(self, resource: Resource) -> None:
        del self.journal.resources[self.subject, resource.kind, resource.name]

    def log(self, text: str, level: Level = "info") -> None:
        self.journal.log.append((level, text))

    def consent(self, gate: str, question: str) -> None:
        assert gate in self.gates, f"{self.step} does not declare {gate}"
        self.journal.questions.append((gate, question))
        if gate not in self.journal.consents:
            raise GateClosed(gate, question)

    def progress(self, progress: Progress) -> None:
        self.journal.progress.append(progress)

    def should_stop(self) -> bool:
        self.journal.asked_to_stop += 1
        return self.journal.stops_at == self.journal.asked_to_stop


@dataclass
class Journal:
    """What a run remembers."""

    consents: set[str] = field(default_factory=lambda: {"writes-stopped", "apply-remedies"})
    results: dict[tuple[str, str], Json] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Resource] = field(default_factory=dict)
    log: list[tuple[Level, str]] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    asked_to_stop: int = 0
    stops_at: int = -1

    def context(self, subject: str, step: Step, attempt: int = 1) -> Context:
        return Context(subject, step.name, self, attempt, step.gates)

    def carry_out(self, subject: str, step: Step, attempt: int = 1, polls: int = 200) -> Json:
        """Start a step and poll it to its end."""
        context = self.context(subject, step, attempt)
        return self.follow(context, step, step.start(context), polls)

    def follow(self, context: Context, step: Step, handle: Json, polls: int = 200) -> Json:
        """Poll a step to its end, its handle through JSON as a real journal has it."""
        for _ in range(polls):
            outcome = step.poll(context, json.loads(json.dumps(handle)))
            if isinstance(outcome, Done):
                self.results[context.subject, step.name] = json.loads(json.dumps(outcome.result))
                return outcome.result
        raise AssertionError(f"{step.name} does not end")

    def until(self, chains: Iterable[Chain], name: str | None) -> Step:
        """Carry out every step of the chains up to (not including) the one of that name, which is returned."""
        for chain in chains:
            for step in chain.steps:
                if step.name == name:
                    return step
                self.carry_out(chain.subject, step)
        assert name is None, f"no step {name}"
        return chain.steps[-1]


def chains_of(move: Move) -> list[Chain]:
    """All chains in order."""
    return [chain for phase in method(move.plan.method.type).work(move).phases for chain in phase]


def items_of(client: Any, name: str) -> list[Any]:
    """All items, sorted."""
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return sorted((item for page in pages for item in page["Items"]), key=str)
