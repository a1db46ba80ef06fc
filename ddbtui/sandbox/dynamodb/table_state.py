"""What the sandbox knows of a table beyond what moto knows; kept on moto's own table object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

Undo = tuple[float, str, dict[str, Any] | None]


@dataclass
class TableState:
    """Settings that moto drops, and what is under way.

    Args:
        status: a passing status and the moment (epoch seconds) at which it becomes ACTIVE.
        building: of every global index that was added later, the moments at which AWS fills it and has filled it.
        version: counts the writes.
        undo: of every write, while point-in-time recovery is on, its time, the key (JSON) and the item as it was: for
            exports at an earlier time.
    """

    table_id: str = field(default_factory=lambda: str(uuid4()))
    table_class: str | None = None
    class_since: float | None = None
    on_demand: dict[str, int] | None = None
    index_on_demand: dict[str, dict[str, int]] = field(default_factory=dict)
    building: dict[str, tuple[float, float]] = field(default_factory=dict)
    billing_since: float | None = None
    status: tuple[str, float] | None = None
    pitr_since: float | None = None
    pitr_days: int = 35
    policy: str | None = None
    policy_revision: str = ""
    insights: dict[str, str] = field(default_factory=dict)
    version: int = 0
    undo: list[Undo] = field(default_factory=list)
    importing: bool = False
    size: tuple[int, int] | None = None


def state_of(table: Any) -> TableState:
    """The extra state of one of moto's tables."""
    state: TableState = table.__dict__.setdefault("_sandbox", TableState())
    return state
