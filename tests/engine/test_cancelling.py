"""What becomes of the jobs of a run that is given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ddbtui.engine.cancelling import begun, named, stop_jobs
from ddbtui.engine.step import Chain, Json, Progress, Step, StepContext, StepFailed, Work
from ddbtui.engine.verdicts import in_its_own_words
from ddbtui.errors import UserError
from tests.engine.support import Call, make_journal, make_runner


class Slow(Step):
    """Never ends by itself."""

    name = "job"
    title = "Run the job"

    def __init__(self, cancel: Callable[[Json], bool] | None = None, *, unattended: bool = True) -> None:
        self.unattended = unattended
        self._cancel = cancel
        self.polled: Callable[[Step], None] = lambda step: None

    def start(self, ctx: StepContext) -> Json:
        return {"id": ctx.subject}

    def poll(self, ctx: StepContext, handle: Json) -> Progress:
        self.polled(self)
        return Progress("RUNNING")

    def cancel(self, ctx: StepContext, handle: Json) -> bool:
        return self._cancel(handle) if self._cancel else super().cancel(ctx, handle)


def refuse(handle: Json) -> bool:
    raise UserError(f"{handle['id']} may not be stopped", "Ask.")


@pytest.fixture
def given_up(tmp_path):
    """Carries chains out until all their slow steps are at work, and gives the jobs as a later process has them."""

    def carry_out(**chains: tuple[Step, ...]):
        journal = make_journal(tmp_path)
        work = Work((tuple(Chain(subject, steps) for subject, steps in chains.items()),))
        runner = make_runner(journal, work)
        slow = {step for steps in chains.values() for step in steps if isinstance(step, Slow)}

        def polled(step: Step) -> None:
            slow.discard(step)
            if not slow:
                runner.stop()

        for step in set(slow):
            step.polled = polled
        assert runner.run() == "stopped"
        again = make_runner(journal, work)
        return [again.jobs[step.subject, step.name] for step in begun(journal.steps("r1"))]

    return carry_out


def test_each_job_is_told_of_by_what_aws_makes_of_the_request(given_up):
    asked = []

    def stop(handle: Json) -> bool:
        asked.append(handle["id"])
        return True

    jobs = given_up(a=(Slow(stop),), b=(Slow(),), c=(Slow(refuse),), d=(Slow(stop),))
    for again in (1, 2):
        assert stop_jobs(jobs, in_its_own_words) == (
            "AWS was asked to stop 2 jobs (a: Run the job, d: Run the job); "
            "AWS goes on with 1 job that it can't cancel (b: Run the job); "
            "1 job could not be stopped (c: Run the job: c may not be stopped)"
        )
        assert asked == ["a", "d"] * again


def test_what_only_goes_on_while_ddbtui_does_is_not_told_of(given_up):
    assert stop_jobs(given_up(a=(Slow(unattended=False),)), in_its_own_words) == ""


def test_a_step_that_is_done_or_has_not_begun_is_not_asked(given_up):
    jobs = given_up(a=(Call("before", lambda ctx: {}), Slow(), Call("after", lambda ctx: {})))
    assert [job.record.name for job in jobs] == ["job"]


def test_a_job_whose_step_failed_is_stopped_without_a_word(tmp_path):
    """The look at it may have failed, not the job; but as a rule it has ended."""
    asked = []

    def stop(handle: Json) -> bool:
        asked.append(handle["id"])
        return True

    def lost(step: Step) -> None:
        raise StepFailed("the job can't be looked at")

    journal, step, other = make_journal(tmp_path), Slow(stop), Slow()
    step.polled = other.polled = lost
    work = Work(((Chain("a", (step,)), Chain("b", (other,))),))
    assert make_runner(journal, work).run() == "failed"
    again = make_runner(journal, work, retry=False)
    jobs = [again.jobs[one.subject, one.name] for one in begun(journal.steps("r1"))]
    assert stop_jobs(jobs, in_its_own_words) == ""
    assert asked == ["a"]


def test_many_are_named_by_the_first_few(given_up):
    jobs = given_up(**{f"t{number}\u202e": (Slow(),) for number in range(7)})
    text = named([job.record for job in jobs])
    assert text.count("Run the job") == 5
    assert text.endswith(" and 2 more")
    assert "\u202e" not in text
