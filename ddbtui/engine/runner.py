"""Carries out a run: chains side by side, steps one after the other, every call on a bounded pool of threads.

A thousand tables that wait on a service cost a thousand sleeping coroutines and no thread. The loop is the runner's
own: it lives in the thread that calls `run` and shares nothing with a screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, NoReturn, TypeVar

from ddbtui.engine.board import EVENTS, Board
from ddbtui.engine.clock import Clock
from ddbtui.engine.context import CREDENTIALS
from ddbtui.engine.crew import Crew, Halted, settled
from ddbtui.engine.job import Job, Raised, guarded
from ddbtui.engine.journal import Journal, JournalError
from ddbtui.engine.layout import laid_out
from ddbtui.engine.outcome import final_state
from ddbtui.engine.pacing import Pace, Patience
from ddbtui.engine.snapshot import RunState, Snapshot
from ddbtui.engine.step import Busy, Done, GateClosed, Json, Progress, StepFailed, Work
from ddbtui.engine.verdicts import Explain, Verdict, in_its_own_words
from ddbtui.errors import Exit, UserError

T = TypeVar("T")


class Runner:
    """One run, to be carried out once; a resumed run gets a runner of its own with the same id.

    Args:
        journal: where the run was created.
        run_id: its id.
        work: its chains, built anew for every resume.
        verdict: says of an error whether to try again, to ask a person for credentials, or to stop the chain.
        explain: message and hint for an error.
        renew: called when a person says that there are new credentials, before a step tries again; must be quick.
        clock: for all waits; the journal's if None.
        threads: most calls at a time.
        on_change: called after every change, from any thread; must be quick.
        interactive: whether a person watches who may consent, so that closed gates are waited for.
        retry: whether steps that failed before are tried again, as a new attempt.
        rng: source of all jitter.

    Raises:
        UserError: the run is cancelled, the work doesn't fit the journal, or the journal can't be used.
    """

    def __init__(  # noqa: PLR0913  all but the first three have one right value for nearly everybody
        self,
        journal: Journal,
        run_id: str,
        work: Work,
        *,
        verdict: Verdict,
        explain: Explain = in_its_own_words,
        renew: Callable[[], None] | None = None,
        clock: Clock | None = None,
        threads: int = 16,
        on_change: Callable[[], None] | None = None,
        interactive: bool = False,
        retry: bool = True,
        rng: Random | None = None,
    ) -> None:
        record = journal.run(run_id)
        if record.cancelled:
            raise UserError(f"run {run_id} was cancelled", "Clean it up, or start anew.", Exit.USAGE)
        self.journal = journal
        self.plan_digest = record.plan_digest
        self.stopping = False
        self._run_id = run_id
        self.work = work
        self._verdict = verdict
        self._explain = explain
        self._renew = renew
        self._clock: Clock = clock or journal.clock
        self._threads = threads
        self._on_change = on_change
        self._interactive = interactive
        self._retry = retry
        self._rng = rng or Random()  # noqa: S311  jitter is no secret
        steps = laid_out(journal, run_id, work)
        self.board = Board(record, steps, journal.newest_events(run_id, EVENTS), self._clock)
        by_key = {(step.subject, step.name): step for step in steps}
        self.jobs = {
            (chain.subject, step.name): Job(self, step, by_key[chain.subject, step.name])
            for phase in work.phases
            for chain in phase
            for step in chain.steps
        }
        self._consents = set(journal.consents(run_id))
        self._waiters: dict[asyncio.Future[None], tuple[str, str]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cut_short = False
        self._fatal: BaseException | None = None
        self._crew = Crew(work.slots, self._on_stuck)
        self._patience = Patience(self._clock.monotonic)
        self.in_flight = 0

    # ---- from any thread

    def snapshot(self) -> Snapshot:
        """The run at this instant."""
        return self.board.snapshot()

    def stop(self) -> None:
        """Start no further call, let those in flight finish, and leave a run that can be resumed.

        Returns at once. Takes no lock, so that a signal handler may call it.
        """
        self.stopping = True
        self._on_loop(self._crew.halt)

    def grant(self, gate: str, subject: str = "*") -> None:
        """Consent to a gate for one subject, or for all; durable but for `credentials`, which is good for one try."""
        if gate != CREDENTIALS:
            self.journal.grant(self._run_id, gate, subject)
            self._consents.add((gate, subject))  # atomic, and nothing iterates over it
        elif self._renew:
            self._renew()
        self._on_loop(partial(self._open, gate, subject))

    # ---- for contexts, from any thread

    def consented(self, gate: str, subject: str) -> bool:
        """Whether a person consented."""
        return (gate, subject) in self._consents or (gate, "*") in self._consents

    def result_of(self, subject: str, step: str) -> Json:
        """What a finished step returned; KeyError if it isn't done."""
        job = self.jobs.get((subject, step))
        if job is None or job.record.state != "done":
            raise KeyError(f"step {step!r} of {subject!r} is not done")
        return job.record.result or {}

    def changed(self) -> None:
        """Tell whoever watches."""
        if self._on_change:
            self._on_change()

    # ---- the run, in the thread that calls it

    def run(self) -> RunState:
        """Carry the run out until it is done, or can't go on.

        Returns:
            How it came to rest, which the journal has too.

        Raises:
            JournalError: the journal could not be written; what was in flight has finished, and the run can be resumed.
        """
        if self._set_state("running") == "cancelled":
            return "cancelled"  # by another process, after this runner was made
        loop = self._loop = asyncio.new_event_loop()
        pool = self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="ddbtui-step")
        try:
            loop.run_until_complete(self._phases())
        except BaseException as error:  # an interrupt in the loop itself, since chains keep their errors
            self._give_up(error)
            loop.run_until_complete(settled(loop))
        finally:
            self._loop = None
            pool.shutdown(wait=True)
            loop.close()
        if self._fatal:
            with suppress(JournalError):
                self._set_state("stopped")
            raise self._fatal
        return self._set_state(final_state((job.record for job in self.jobs.values()), stopped=self._cut_short))

    async def _phases(self) -> None:
        for phase in self.work.phases:
            chains = [[self.jobs[chain.subject, step.name] for step in chain.steps] for chain in phase]
            # What is in flight already takes its slots before anything new.
            chains.sort(key=lambda jobs: not any(job.intended for job in jobs))
            await self._side_by_side([self._chain(jobs) for jobs in chains])
            if any(job.record.state != "done" for jobs in chains for job in jobs):
                return

    async def _side_by_side(self, chains: list[Coroutine[Any, Any, None]]) -> None:
        for _ in chains:
            self._crew.join()
        tasks = [asyncio.ensure_future(chain) for chain in chains]
        if tasks:
            await asyncio.wait(tasks)

    async def _chain(self, jobs: list[Job]) -> None:
        try:
            for job in jobs:
                if job.record.state == "done":
                    continue
                if job.record.state == "failed" and not self._retry:
                    return
                async with self._crew.slot(job.step.slot):
                    await self._step(job)
        except Halted:
            self._cut_short = self._cut_short or self.stopping
        except StepFailed:
            return
        except BaseException as error:  # kept and raised by run: inside the loop it would tear down the other chains
            self._give_up(error)
        finally:
            self._crew.leave()

    def _give_up(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self.stopping = True
        self._crew.halt()

    async def _step(self, job: Job) -> None:
        """Carry one step out. Raises StepFailed after the failure is durable."""
        pace = Pace(self._rng, job.step.poll_seconds)
        while True:
            if self.stopping:
                self._crew.halt()
            self._crew.check()
            outcome = await self._on_pool(partial(guarded, job.advance))
            if isinstance(outcome, Raised):
                await self._judge(job, outcome.error, pace)
                continue
            pace.succeeded()
            self._patience.renew()
            if isinstance(outcome, Done):
                return
            if isinstance(outcome, Progress):
                await self._crew.rest(self._clock.sleep(pace.pause()))

    async def _judge(self, job: Job, error: Exception, pace: Pace) -> None:
        """Do about an error what must be done; return when the step may try again."""
        if isinstance(error, JournalError):
            raise error
        if isinstance(error, GateClosed):
            await self._wait(job, error.gate, error.question)
            return
        if isinstance(error, StepFailed):
            await self._fail(job, error)
        if isinstance(error, Busy):
            message, hint, verdict = str(error), error.hint, "stop" if self._patience.is_over() else "retry"
        else:
            (message, hint), verdict = self._explain(error), self._verdict(error)
        if verdict == "stop":
            await self._fail(job, StepFailed(message, hint))
        if verdict == "ask":
            await self._wait(job, CREDENTIALS, f"{message}. {hint}".rstrip(". ") + ".")
            return
        if pace.tells(self._clock.monotonic()):
            await self._on_pool(partial(job.context.log, f"{job.step.title}: tries again: {message}", "warn"))
        await self._crew.rest(self._clock.sleep(pace.backoff()))

    async def _fail(self, job: Job, failure: StepFailed) -> NoReturn:
        await self._on_pool(partial(job.fail, failure))
        raise failure

    async def _wait(self, job: Job, gate: str, question: str) -> None:
        """Wait until a person consents."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[opened] = (gate, job.record.subject)
        try:
            await self._on_pool(partial(job.wait_for, gate, question))
            if gate == CREDENTIALS or not self.consented(gate, job.record.subject):
                await self._crew.depend(opened)
        finally:
            del self._waiters[opened]
        await self._on_pool(job.go_on)

    def _open(self, gate: str, subject: str) -> None:
        # One login is good for everybody, whoever asked for it.
        for waiter, (its_gate, its_subject) in tuple(self._waiters.items()):
            if its_gate == gate and (gate == CREDENTIALS or subject in ("*", its_subject)):
                self._crew.wake(waiter)

    def _on_stuck(self) -> None:
        if not self._interactive:
            self._crew.halt()

    def _on_loop(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has just been closed
                loop.call_soon_threadsafe(call)

    async def _on_pool(self, call: Callable[[], T]) -> T:
        self.in_flight += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self.in_flight -= 1

    def _set_state(self, state: RunState) -> RunState:
        state, event = self.journal.set_state(self._run_id, state)
        self.board.add(event, state)
        self.changed()
        return state
