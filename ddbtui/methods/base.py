"""The contract of a method: everything that wizard, command line, docs and engine read of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move
from ddbtui.aws.table import Table
from ddbtui.engine.step import Work
from ddbtui.plan.model import MethodOptions
from ddbtui.prerequisites.base import Change, Prerequisite
from ddbtui.text import plural

RUN_TAG = "ddbtui:run"
"""Tag of what a run makes only for the move; its value is the run's id, so that it finds again what nobody noted."""

Kept = Literal["kept", "set", "re-applied", "partly", "lost", "impossible"]
"""Kept by AWS; set in the creating call; re-applied by ddbtui; partly; lost; impossible with this method."""


@dataclass(frozen=True)
class Verdict:
    """Whether a method suits a table. `reasons` say why not, or what to know."""

    suits: bool
    reasons: tuple[str, ...] = ()


def left_behind(table: Table) -> Iterator[str]:
    """Yield what no copy of a table takes along, as reasons of a verdict."""
    if table.replicas:
        yield f"is a global table ({plural(len(table.replicas), 'replica')}): add replicas in the target afterwards"
    if table.kinesis_streams:
        yield "feeds a Kinesis stream: enable one of the target account afterwards"


@dataclass(frozen=True)
class CostLine:
    """One driver of cost, in US dollars at us-east-1 list prices."""

    what: str
    quantity: str
    dollars: float


@dataclass(frozen=True)
class Estimate:
    """What a move will cost and how long it may take. Seconds are a range, from AWS's own statements; no promise."""

    lines: tuple[CostLine, ...]
    seconds: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def dollars(self) -> float:
        """The sum of all lines."""
        return sum(line.dollars for line in self.lines)


class Method(ABC):
    """One way to move a table."""

    id: ClassVar[str]
    """What a plan writes as `method.type`."""
    title: ClassVar[str]
    summary: ClassVar[str]
    url: ClassVar[str]
    available: ClassVar[bool] = True
    management_helps: ClassVar[bool] = False
    """Whether a remedy needs the organization's management account."""
    options: ClassVar[type[MethodOptions]]
    keeps: ClassVar[Mapping[str, Kept]]
    """The attribute matrix; the keys are the same for all methods (`ddbtui.methods.catalog.ATTRIBUTES`)."""

    @abstractmethod
    def suits(self, table: Table) -> Verdict:
        """Say whether this method can move the table, with all reasons."""

    @abstractmethod
    def estimate(self, tables: Sequence[Table], options: MethodOptions | None) -> Estimate:
        """Estimate cost and time from the inventory."""

    @abstractmethod
    def prerequisites(self, move: Move) -> Sequence[Prerequisite]:
        """Everything that must hold, in the order in which to check and remedy it."""

    @abstractmethod
    def access(self, move: Move) -> Sequence[Access]:
        """What the steps need in each account, beside the prerequisites and the inventory."""

    @abstractmethod
    def changes(self, move: Move) -> Sequence[Change]:
        """Every changing call that the steps will make, in order: the dry run."""

    @abstractmethod
    def work(self, move: Move) -> Work:
        """The steps."""
