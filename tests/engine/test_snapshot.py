"""The picture of a run: the same from memory and from the journal, and cheap to take."""

from __future__ import annotations

from ddbtui.engine.board import snapshot_of
from ddbtui.engine.step import Chain, GateClosed, Progress, StepFailed, Work
from tests.engine.support import Call, Cloud, Export, make_runner, two_phases


def test_the_snapshot_of_the_journal_equals_that_of_the_runner(journal):
    def fail(ctx):
        ctx.progress(Progress("half", 5, 10, "bytes"))
        raise StepFailed("broken [x]", "mend it")

    def gate(ctx):
        raise GateClosed("go", "Really?")

    cloud = Cloud()
    chains = (Chain("a", (Export(cloud),)), Chain("b", (Call("x", fail),)), Chain("c", (Call("x", gate),)))
    runner = make_runner(journal, Work((chains,)))
    runner.run()
    assert runner.snapshot() == snapshot_of(journal, "r1")
    assert runner.snapshot().chains[1].steps[0].progress == Progress("half", 5, 10, "bytes")
    assert runner.snapshot().steps_done == 1
    again = make_runner(journal, Work((chains,)))
    assert again.snapshot() == snapshot_of(journal, "r1")


def test_only_changed_chains_are_built_anew(journal):
    runner = make_runner(journal, two_phases(Cloud(), 3))
    before = runner.snapshot()
    runner.board.put(journal.steps("r1")[0])
    after = runner.snapshot()
    assert [x is y for x, y in zip(before.chains, after.chains, strict=True)] == [False, True, True, True]
