"""The picture of a run in memory, cheap enough to be taken ten times a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from itertools import groupby

from ddbtui.engine.clock import Clock
from ddbtui.engine.journal import Journal
from ddbtui.engine.records import RunRecord, StepRecord
from ddbtui.engine.snapshot import ChainView, Event, GateView, RunState, Snapshot, StepView

EVENTS = 500


class Board:
    """Keeps the views of all chains and rebuilds only those that changed. Safe from any thread.

    Args:
        run: the run.
        steps: all its steps, by phase, chain and position.
        events: the newest events, oldest first.
        clock: for the time of each snapshot.
    """

    def __init__(self, run: RunRecord, steps: Iterable[StepRecord], events: Iterable[Event], clock: Clock) -> None:
        self._run = run
        self._state = run.state
        self._clock = clock
        self._lock = threading.Lock()
        self._events = deque(events, maxlen=EVENTS)
        self._steps: list[list[StepRecord]] = [list(group) for _, group in groupby(steps, _chain_of)]
        self._places = {_chain_of(chain[0]): place for place, chain in enumerate(self._steps)}
        self._views = [_chain_view(chain) for chain in self._steps]
        self._changed: set[int] = set()
        self._chains = tuple(self._views)
        self._gates = self._gate_views()

    @property
    def state(self) -> RunState:
        """The run's state."""
        return self._state

    def put(self, step: StepRecord, event: Event | None = None) -> None:
        """Show a step as it stands now, with the event that tells of it."""
        place = self._places[_chain_of(step)]
        with self._lock:
            self._steps[place][step.position] = step
            self._changed.add(place)
            if event:
                self._events.append(event)

    def add(self, event: Event, state: RunState | None = None) -> None:
        """Show an event, and with it perhaps a new state of the run."""
        with self._lock:
            self._events.append(event)
            self._state = state or self._state

    def snapshot(self) -> Snapshot:
        """Take the picture."""
        with self._lock:
            if self._changed:
                for place in self._changed:
                    self._views[place] = _chain_view(self._steps[place])
                self._changed.clear()
                self._chains = tuple(self._views)
                self._gates = self._gate_views()
            return Snapshot(
                run_id=self._run.run_id,
                state=self._state,
                started=self._run.created,
                now=self._clock.now(),
                chains=self._chains,
                gates=self._gates,
                events=tuple(self._events),
            )

    def _gate_views(self) -> tuple[GateView, ...]:
        waiting = (step for chain in self._steps for step in chain if step.state == "waiting")
        return tuple(GateView(step.gate, step.subject, step.question) for step in waiting)


def snapshot_of(journal: Journal, run_id: str) -> Snapshot:
    """Take the picture of a run from the journal alone, e.g. while another process carries it out.

    A run whose process was killed still says `running`; whether anybody is at it, `ddbtui.engine.lock` knows.

    Raises:
        UserError: there is no such run, or the journal can't be read.
    """
    run = journal.run(run_id)
    return Board(run, journal.steps(run_id), journal.newest_events(run_id, EVENTS), journal.clock).snapshot()


def _chain_of(step: StepRecord) -> tuple[int, int]:
    return step.phase, step.chain


def _chain_view(steps: list[StepRecord]) -> ChainView:
    return ChainView(steps[0].subject, steps[0].phase, tuple(_step_view(step) for step in steps))


def _step_view(step: StepRecord) -> StepView:
    return StepView(
        name=step.name,
        title=step.title,
        state=step.state,
        attempt=step.attempt,
        progress=step.progress,
        error=step.error,
        hint=step.hint,
        started=step.started,
        ended=step.ended,
        result=step.result,
    )
