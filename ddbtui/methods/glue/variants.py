"""The ways in which a job can read and write: for each its script, its arguments, and what it needs beside that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Step, StepContext
from ddbtui.methods.glue.bundle import JobScript
from ddbtui.prerequisites.base import Prerequisite

Statement = dict[str, Any]


def _no_steps(_move: Move, _moving: MovingTable) -> Iterable[Step]:
    return ()


def _no_prerequisites(_move: Move) -> Sequence[Prerequisite]:
    return ()


def _no_table_prerequisites(_move: Move, _moving: MovingTable) -> Sequence[Prerequisite]:
    return ()


def _no_statements(_move: Move) -> Sequence[Statement]:
    return ()


def _no_access(_move: Move) -> Sequence[Access]:
    return ()


@dataclass(frozen=True)
class Variant:
    """One loader of `s3-glue`, or one reader of `glue`.

    Args:
        script: which of the job scripts runs.
        arguments: the script's own arguments, beside those that all have.
        reading: makes the step that reads the export, or the source, where that must tell more than the proof needs.
        steps: what has to be seen to or made for one table after that and before the new table is made.
        prerequisites: what must hold for the run, beside what the method needs.
        table_prerequisites: likewise for one table.
        statements: what the role of the jobs must be allowed, beside what every job needs.
        removal: what removing again needs that `steps` have made.
        counts: whether the script counts the items that it writes.
    """

    script: JobScript
    arguments: Callable[[StepContext, Move, MovingTable], Mapping[str, str]]
    reading: Callable[[Move, MovingTable], Step] | None = None
    steps: Callable[[Move, MovingTable], Iterable[Step]] = _no_steps
    prerequisites: Callable[[Move], Sequence[Prerequisite]] = _no_prerequisites
    table_prerequisites: Callable[[Move, MovingTable], Sequence[Prerequisite]] = _no_table_prerequisites
    statements: Callable[[Move], Sequence[Statement]] = _no_statements
    removal: Callable[[Move], Sequence[Access]] = _no_access
    counts: bool = True
