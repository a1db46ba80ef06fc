"""A clock without waiting, a small cloud, and steps that use it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ddbtui.engine.journal import Journal
from ddbtui.engine.runner import Runner
from ddbtui.engine.step import RUN, Chain, Done, Json, Progress, Resource, Step, StepContext, Work

START = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Jumps to the next sleeper whenever nothing else is to do: no call in flight, no callback ready.

    Args:
        slack: seconds by which sleepers may oversleep, so that many wake at once.
    """

    def __init__(self, slack: float = 0.0) -> None:
        self.slack = slack
        self.seconds = 0.0
        self.busy: Callable[[], int] = lambda: 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ids = itertools.count()
        self._pump: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._ids), future))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._run())
        await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._sleepers:
            await asyncio.sleep(0)
            if self.busy():
                await asyncio.sleep(0.0002)
                continue
            if loop._ready:  # type: ignore[attr-defined]
                continue
            self.seconds = max(self.seconds, self._sleepers[0][0] + self.slack)
            while self._sleepers and self._sleepers[0][0] <= self.seconds:
                future = heapq.heappop(self._sleepers)[2]
                if not future.done():
                    future.set_result(None)


class Killed(BaseException):
    """The process is gone."""


class Fuse:
    """Burns at the k-th point where a process can die; after that nothing works any more."""

    def __init__(self, k: int | None = None) -> None:
        self.k = k
        self.count = 0
        self.dead = False
        self._lock = threading.Lock()

    def point(self) -> None:
        with self._lock:
            self.count += 1
            if self.dead or self.count == self.k:
                self.dead = True
                raise Killed


class MortalJournal(Journal):
    """Can die before and after each durable write."""

    fuse: Fuse = Fuse()

    def _write(self, *statements):
        self.fuse.point()
        row = super()._write(*statements)
        self.fuse.point()
        return row

    def drop(self) -> None:
        """What the kernel does to a killed process."""
        self._db.close()


class Cloud:
    """Remembers what was made. Its calls can die before and after they take effect."""

    def __init__(self) -> None:
        self.by_token: dict[str, str] = {}
        self.made: list[tuple[str, str]] = []
        self.polls: Counter[str] = Counter()
        self.fuse = Fuse()
        self.in_flight = 0
        self.most = 0
        self._lock = threading.Lock()

    @contextmanager
    def call(self):
        self.fuse.point()
        with self._lock:
            yield
        self.fuse.point()

    def make(self, kind: str, name: str, token: str | None = None) -> str:
        with self.call():
            if token in self.by_token:
                return self.by_token[token]
            self.made.append((kind, name))
            handle = f"{kind}/{name}/{len(self.made)}"
            if token:
                self.by_token[token] = handle
            return handle

    def find(self, kind: str, name: str) -> str | None:
        with self.call():
            return next((f"{k}/{n}/{i}" for i, (k, n) in enumerate(self.made, 1) if (k, n) == (kind, name)), None)

    def poll(self, handle: str) -> int:
        with self.call():
            self.polls[handle] += 1
            return self.polls[handle]


class Export(Step):
    """A service that knows tokens."""

    name = "export"
    title = "Export"

    def __init__(self, cloud: Cloud, polls: int = 2) -> None:
        self.cloud = cloud
        self.polls = polls

    def start(self, ctx: StepContext) -> Json:
        ctx.record(Resource("export", "source", ctx.subject, "remove"))
        return {"id": self.cloud.make("export", ctx.subject, ctx.token)}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        seen = self.cloud.poll(handle["id"])
        return Done({"export": handle["id"]}) if seen > self.polls else Progress("EXPORTING", seen, self.polls)


class JobRun(Step):
    """A service without tokens: what was made must be looked up."""

    name = "job"
    title = "Run the job"
    slot = "job"

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def find(self, ctx: StepContext) -> Json | None:
        found = self.cloud.find("job", f"{ctx.subject}-{ctx.run_id}")
        return {"id": found} if found else None

    def start(self, ctx: StepContext) -> Json:
        assert ctx.result("export")["export"].startswith("export/")
        return {"id": self.cloud.make("job", f"{ctx.subject}-{ctx.run_id}")}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        ctx.log(f"looked at {handle['id']}")
        return Done({"job": handle["id"]}) if self.cloud.poll(handle["id"]) > 1 else Progress("RUNNING")


class Call(Step):
    """Done when `start` returns what the function returns."""

    def __init__(self, name: str, function: Callable[[StepContext], Json], slot: str | None = None) -> None:
        self.name = name
        self.title = name.capitalize()
        self.slot = slot
        self.gates = ("go", "writes-stopped")
        self.function = function

    def start(self, ctx: StepContext) -> Json:
        return self.function(ctx)


def two_phases(cloud: Cloud, tables: int = 2) -> Work:
    """Tables side by side, then one chain that reads their results."""
    chains = tuple(Chain(f"table-{n}", (Export(cloud), JobRun(cloud))) for n in range(tables))

    def report(ctx: StepContext) -> Json:
        return {"jobs": [ctx.result("job", chain.subject)["job"] for chain in chains]}

    return Work((chains, (Chain(RUN, (Call("report", report),)),)), {"job": 1})


def one(*steps: Step, slots: dict[str, int] | None = None) -> Work:
    """A work of one chain."""
    return Work(((Chain("orders", steps),),), slots or {})


def never(_: BaseException) -> str:
    return "stop"


def make_journal(folder: Path, clock: VirtualClock | None = None, kind: type[Journal] = Journal) -> Journal:
    journal = kind(folder / "state" / "journal.db", clock or VirtualClock())
    if not any(run.run_id == "r1" for run in journal.runs()):
        journal.create_run("r1", "version: 1", "digest", {"tables": ["orders"]})
    return journal


def make_runner(journal: Journal, work: Work, **options) -> Runner:
    """A runner on the journal's virtual clock, which stands still while calls are in flight."""
    runner = Runner(journal, "r1", work, **{"verdict": never, **options})
    clock = journal.clock
    assert isinstance(clock, VirtualClock)
    clock.busy = lambda: runner.in_flight
    return runner


class Throttled(Exception):
    """It passes by itself."""


class Expired(Exception):
    """A person must log in again."""


def verdict(error: BaseException) -> str:
    """Throttling passes, expired credentials ask, all else stops."""
    return {Throttled: "retry", Expired: "ask"}.get(type(error), "stop")


class Running:
    """Carries a runner out on another thread; gives the list that will have its final state."""

    def __init__(self, runner):
        self.states = []
        self.thread = threading.Thread(target=lambda: self.states.append(runner.run()))

    def __enter__(self):
        self.thread.start()
        return self.states

    def __exit__(self, *_):
        self.thread.join(120)
        assert not self.thread.is_alive()
