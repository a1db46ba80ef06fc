"""A run that is stopped can be resumed; one that is cancelled can not."""

from __future__ import annotations

import threading

import pytest

from ddbtui.engine.outcome import exit_code
from ddbtui.engine.step import Chain, Work
from ddbtui.errors import Exit, UserError
from tests.engine.support import Call, Cloud, Export, JobRun, Running, make_runner, one, two_phases


def test_stop_lets_calls_in_flight_finish_and_leaves_a_run_to_resume(journal):
    inside, release = threading.Event(), threading.Event()
    cloud = Cloud()

    class Slow(JobRun):
        def start(self, ctx):
            inside.set()
            assert release.wait(10)
            assert ctx.should_stop()
            return {"id": cloud.make("job", ctx.subject)}

    def work(first):
        return Work(((Chain("a", (first,)), Chain("b", (Export(cloud, 10**9 if first.__class__ is Slow else 1),))),))

    runner = make_runner(journal, work(Slow(cloud)))
    with Running(runner) as states:
        assert inside.wait(10)
        runner.stop()
        release.set()
    assert states == ["stopped"]
    assert exit_code(journal, "r1") is Exit.INTERRUPTED
    a, _ = journal.steps("r1")
    assert (a.state, a.handle) == (
        "running",
        {"id": next(f"job/a/{i}" for i, m in enumerate(cloud.made, 1) if m[0] == "job")},
    )
    assert make_runner(journal, work(JobRun(cloud))).run() == "done"
    assert sorted(cloud.made) == [("export", "b"), ("job", "a")]


def test_stop_before_the_start_makes_no_call(journal):
    cloud = Cloud()
    runner = make_runner(journal, two_phases(cloud))
    runner.stop()
    assert runner.run() == "stopped"
    assert cloud.made == []


def test_stop_after_all_is_done_is_too_late(journal):
    runner = make_runner(journal, one(Call("only", lambda ctx: runner.stop() or {})))
    assert runner.run() in ("stopped", "done")
    assert make_runner(journal, one(Call("only", lambda ctx: {}))).run() == "done"


def test_a_cancelled_run_is_not_resumed(journal):
    runner = make_runner(journal, one(Call("a", lambda ctx: {})))
    journal.cancel("r1")
    assert runner.run() == "cancelled"
    assert journal.run("r1").state == "cancelled"
    with pytest.raises(UserError, match="cancelled"):
        make_runner(journal, one(Call("a", lambda ctx: {})))
