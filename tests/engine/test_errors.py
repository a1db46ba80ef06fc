"""What becomes of errors: tried again, told, or the end of the chain or of the process."""

from __future__ import annotations

import pytest

from ddbtui.engine.step import Chain, Work
from ddbtui.errors import UserError
from tests.engine.support import Call, Cloud, Export, JobRun, Throttled, make_runner, one, verdict


def test_throttling_never_fails_a_step_and_is_told_once_a_minute(journal):
    tries = []

    def throttled(ctx):
        tries.append(journal.clock.seconds)
        if journal.clock.seconds < 600:
            raise Throttled("slow down")
        return {}

    assert make_runner(journal, one(Call("copy", throttled)), verdict=verdict).run() == "done"
    assert len(tries) > 30
    told = [e for e in journal.events("r1") if "slow down" in e.text]
    assert 8 <= len(told) <= 11
    assert told[0].level == "warn"


def test_after_an_ambiguous_error_of_start_find_is_asked(journal):
    cloud = Cloud()

    class Lossy(JobRun):
        lost = False

        def start(self, ctx):
            handle = {"id": self.cloud.make("job", f"{ctx.subject}-{ctx.run_id}")}
            if not self.lost:
                self.lost = True
                raise Throttled("the answer was lost")
            return handle

    assert make_runner(journal, one(Lossy(cloud)), verdict=verdict).run() == "done"
    assert cloud.made == [("job", "orders-r1")]


def test_find_is_not_asked_at_the_first_start(journal):
    class Fresh(JobRun):
        def find(self, ctx):
            raise AssertionError("nothing can be there yet")

        def start(self, ctx):
            return {"id": "x"}

    assert make_runner(journal, one(Fresh(Cloud()))).run() == "done"


def test_an_unknown_error_stops_the_chain_with_its_explanation(journal):
    def broken(ctx):
        raise ValueError("odd [/answer]")

    runner = make_runner(journal, one(Call("copy", broken)), explain=lambda e: (f"AWS said: {e}", "report it"))
    assert runner.run() == "failed"
    assert (journal.steps("r1")[0].error, journal.steps("r1")[0].hint) == ("AWS said: odd [/answer]", "report it")


@pytest.mark.parametrize("error", [StopIteration("x"), UserError("as it is", "do this"), RuntimeError()])
def test_every_kind_of_exception_ends_as_a_failure(journal, error):
    def broken(ctx):
        raise error

    assert make_runner(journal, one(Call("copy", broken))).run() == "failed"
    assert journal.steps("r1")[0].error


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_must_end_the_process_does(journal, error):
    def interrupted(ctx):
        raise error

    work = Work(((Chain("a", (Call("copy", interrupted),)), Chain("b", (Export(Cloud()),))),))
    with pytest.raises(error):
        make_runner(journal, work).run()
    assert journal.run("r1").state == "stopped"
    assert journal.steps("r1")[0].state == "running"
