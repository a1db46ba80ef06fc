"""A run from its first step to its last: order, tokens, slots, results, and what decides its end."""

from __future__ import annotations

import threading

import pytest

from ddbtui.engine.clock import SystemClock
from ddbtui.engine.outcome import exit_code
from ddbtui.engine.runner import Runner
from ddbtui.engine.step import Chain, Done, Progress, Resource, Step, StepFailed, Work
from ddbtui.errors import Exit
from tests.engine.support import Call, Cloud, Export, make_journal, make_runner, never, one, two_phases


def test_a_run_goes_through_all_phases_and_keeps_results(journal):
    cloud = Cloud()
    runner = make_runner(journal, two_phases(cloud, 3))
    assert runner.run() == "done"
    assert sorted(cloud.made) == [(k, n) for k in ("export", "job") for n in _names(k)]
    report = journal.steps("r1")[-1]
    assert len(report.result["jobs"]) == 3
    assert [step.state for step in journal.steps("r1")] == ["done"] * 7
    assert journal.run("r1").state == "done"
    assert exit_code(journal, "r1") is Exit.DONE


def _names(kind):
    return [f"table-{n}" + ("-r1" if kind == "job" else "") for n in range(3)]


def test_the_intent_is_durable_before_start_and_the_handle_before_poll(journal):
    seen = []

    class Watching(Step):
        name, title = "watch", "Watch"

        def start(self, ctx):
            row = journal.steps("r1")[0]
            seen.append(("start", row.token == ctx.token, row.intent_at == ctx.intent_at, row.handle))
            return {"h": 1}

        def poll(self, ctx, handle):
            seen.append(("poll", journal.steps("r1")[0].handle, handle))
            return Done({})

    assert make_runner(journal, one(Watching())).run() == "done"
    assert seen == [("start", True, True, None), ("poll", {"h": 1}, {"h": 1})]


def test_the_token_is_of_the_attempt(journal):
    tokens = []

    def fail_once(ctx):
        tokens.append((ctx.attempt, ctx.token))
        if len(tokens) == 1:
            raise StepFailed("the job ended FAILED", "look at its log")
        return {}

    work = one(Call("copy", fail_once), Call("after", lambda ctx: {}))
    assert make_runner(journal, work).run() == "failed"
    step = journal.steps("r1")[0]
    assert (step.state, step.error, step.hint, step.kind) == (
        "failed",
        "the job ended FAILED",
        "look at its log",
        "failed",
    )
    assert make_runner(journal, work, retry=False).run() == "failed"
    assert make_runner(journal, work).run() == "done"
    assert [attempt for attempt, _ in tokens] == [1, 2]
    assert len({token for _, token in tokens}) == 2
    assert all(len(token) == 32 for _, token in tokens)


def test_a_failed_chain_does_not_hold_the_others_but_the_next_phase(journal):
    def fail(ctx):
        raise StepFailed("no")

    reached = []
    work = Work(
        (
            (Chain("bad", (Call("a", fail),)), Chain("good", (Call("a", lambda c: {}), Call("b", lambda c: {})))),
            (Chain("later", (Call("a", lambda c: reached.append(1) or {}),)),),
        )
    )
    assert make_runner(journal, work).run() == "failed"
    assert [s.state for s in journal.steps("r1")] == ["failed", "done", "done", "pending"]
    assert reached == []


@pytest.mark.parametrize(
    ("kinds", "state", "code"),
    [
        (("different",), "different", Exit.DIFFERENT),
        (("different", "failed"), "failed", Exit.FAILED),
        (("prerequisite", "prerequisite"), "failed", Exit.PREREQUISITE),
        (("prerequisite", "failed"), "failed", Exit.FAILED),
    ],
)
def test_the_kind_of_failure_decides_the_exit_code(journal, kinds, state, code):
    def failing(kind):
        def fail(ctx):
            raise StepFailed("no", kind=kind)

        return Call("step", fail)

    work = Work((tuple(Chain(f"t{n}", (failing(kind),)) for n, kind in enumerate(kinds)),))
    assert make_runner(journal, work).run() == state
    assert exit_code(journal, "r1") is code


def test_slots_are_never_exceeded(journal):
    lock, held, most = threading.Lock(), set(), []

    class Slotted(Step):
        name, title, slot = "import", "Import", "import"

        def start(self, ctx):
            with lock:
                held.add(ctx.subject)
                most.append(len(held))
            return {"left": 3}

        def poll(self, ctx, handle):
            if journal.clock.seconds < 1 + 0.01 * int(ctx.subject):
                return Progress()
            with lock:
                held.discard(ctx.subject)
            return Done()

    work = Work((tuple(Chain(str(n), (Slotted(),)) for n in range(40)),), {"import": 7})
    assert make_runner(journal, work).run() == "done"
    assert max(most) == 7


def test_on_the_real_clock(tmp_path):
    with make_journal(tmp_path, SystemClock()) as journal:
        began = journal.clock.monotonic()
        assert Runner(journal, "r1", one(Export(Cloud(), 2)), verdict=never).run() == "done"
        assert journal.clock.monotonic() - began > 0.3


def test_the_context_keeps_resources_by_subject(journal):
    seen = {}

    def use(ctx):
        one_, two = Resource("bucket", "target", "b1", "ask"), Resource("table", "target", "t", "keep", {"a": 1})
        ctx.record(one_)
        ctx.record(two)
        ctx.removed(one_)
        seen["live"] = ctx.resources()
        with pytest.raises(KeyError):
            ctx.result("missing")
        return {}

    make_runner(journal, one(Call("a", use))).run()
    assert seen["live"] == (Resource("table", "target", "t", "keep", {"a": 1}),)
    assert [r.removed_at is None for r in journal.resources("r1")] == [False, True]


def test_results_are_what_a_later_process_will_read(journal):
    seen = []
    first = Call("a", lambda ctx: {"at": journal.clock.now(), "pair": (1, 2)})
    make_runner(journal, one(first, Call("b", lambda ctx: seen.append(ctx.result("a")) or {}))).run()
    assert seen == [{"at": "2026-01-01 00:00:00+00:00", "pair": [1, 2]}]
