"""Scripted snapshots: a run as it could be seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ddbtui.engine.snapshot import ChainView, Event, GateView, RunState, Snapshot, StepState, StepView
from ddbtui.engine.step import Progress
from ddbtui.methods.s3_import import S3ImportOptions
from ddbtui.plan.model import AccountRef, Plan, TableChoice

T0 = datetime(2026, 1, 31, 9, 5, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def step(name: str, state: StepState = "pending", **more: Any) -> StepView:
    return StepView(name, more.pop("title", name.capitalize()), state, **more)


def running(name: str, done: int, total: int, **more: Any) -> StepView:
    return step(name, "running", progress=Progress("IN_PROGRESS", done, total), **more)


def chain(subject: str, *steps: StepView) -> ChainView:
    return ChainView(subject, 1, steps)


def event(seq: int, text: str, subject: str = "orders", level: Any = "info", seconds: float = 0) -> Event:
    return Event(seq, at(seconds), level, subject, "export", text)


def snapshot(
    *chains: ChainView,
    state: RunState = "running",
    seconds: float = 0,
    gates: tuple[GateView, ...] = (),
    events: tuple[Event, ...] = (),
) -> Snapshot:
    return Snapshot("r0123456789", state, T0, at(seconds), chains, gates, events)


def plan(**more: Any) -> Plan:
    return Plan(
        source=AccountRef(profile="source", region="eu-west-1", account_id="111111111111"),
        target=AccountRef(profile="target", region="eu-west-1", account_id="222222222222"),
        tables=more.pop("tables", (TableChoice(name="orders", target_name="orders-new"), TableChoice(name="shop-*"))),
        method=S3ImportOptions(bucket="staging-bucket"),
        **more,
    )
