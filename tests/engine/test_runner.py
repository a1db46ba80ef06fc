from __future__ import annotations

import threading

import pytest

from ddbtui.engine.board import snapshot_of
from ddbtui.engine.clock import SystemClock
from ddbtui.engine.outcome import exit_code
from ddbtui.engine.runner import Runner
from ddbtui.engine.step import Chain, Done, GateClosed, Progress, Resource, Step, StepFailed, Work
from ddbtui.errors import Exit, UserError
from tests.engine.support import Call, Cloud, Export, JobRun, make_journal, make_runner, never, one, two_phases


class Throttled(Exception):
    pass


class Expired(Exception):
    pass


def verdict(error):
    return {Throttled: "retry", Expired: "ask"}.get(type(error), "stop")


@pytest.fixture
def journal(tmp_path):
    with make_journal(tmp_path) as journal:
        yield journal


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


def test_a_gate_without_a_person_ends_the_run_when_nothing_else_can_go_on(journal):
    cloud = Cloud()

    def gated(ctx):
        ctx.consent("writes-stopped", "Have the writes stopped?")
        return {}

    # The gated chain holds the only slot, the next one waits for it: neither can go on.
    work = Work(
        (
            (
                Chain("gated", (Call("cut", gated, "one"),)),
                Chain("behind", (Call("cut", lambda c: {}, "one"),)),
                Chain("free", (Export(cloud), JobRun(cloud))),
            ),
        ),
        {"one": 1},
    )
    runner = make_runner(journal, work)
    assert runner.run() == "waiting"
    assert exit_code(journal, "r1") is Exit.WAITING
    assert [s.state for s in journal.steps("r1")] == ["waiting", "pending", "done", "done"]
    (gate,) = runner.snapshot().gates
    assert (gate.gate, gate.subject, gate.question) == ("writes-stopped", "gated", "Have the writes stopped?")

    journal.grant("r1", "writes-stopped")
    assert make_runner(journal, work).run() == "done"
    assert runner.journal.consents("r1") == {("writes-stopped", "*")}


@pytest.mark.parametrize("subject", ["orders", "*"])
def test_a_gate_with_a_person_waits_for_consent(journal, subject):
    asked = threading.Event()

    def gated(ctx):
        ctx.consent("go", "Really?")
        return {}

    def watch():
        if runner.snapshot().gates:
            asked.set()

    runner = make_runner(journal, one(Call("cut", gated)), interactive=True, on_change=watch)
    with _running(runner) as states:
        assert asked.wait(10)
        runner.grant("other", subject)
        runner.grant("go", "another-table")
        runner.grant("go", subject)
    assert states == ["done"]
    assert journal.consents("r1") >= {("go", subject)}


class _running:  # noqa: N801
    def __init__(self, runner):
        self.states = []
        self.thread = threading.Thread(target=lambda: self.states.append(runner.run()))

    def __enter__(self):
        self.thread.start()
        return self.states

    def __exit__(self, *_):
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_a_consent_given_before_the_start_opens_the_gate(journal):
    def gated(ctx):
        ctx.consent("go", "Really?")
        return {}

    runner = make_runner(journal, one(Call("cut", gated)))
    runner.grant("go")
    assert runner.run() == "done"


def test_expired_credentials_ask_and_one_login_is_good_for_all(journal):
    logged_in = threading.Event()
    both = threading.Event()

    def call(ctx):
        if not logged_in.is_set():
            raise Expired("the token has expired")
        return {}

    def watch():
        if len(runner.snapshot().gates) == 2:
            both.set()

    work = Work((tuple(Chain(n, (Call("copy", call),)) for n in "ab"),))
    explain = lambda e: ("the session has expired", "run aws sso login")  # noqa: E731
    assert make_runner(journal, work, verdict=verdict, explain=explain).run() == "waiting"
    runner = make_runner(journal, work, verdict=verdict, explain=explain, interactive=True, on_change=watch)
    with _running(runner) as states:
        assert both.wait(10)
        assert {g.question for g in runner.snapshot().gates} == {"the session has expired. run aws sso login."}
        assert {g.gate for g in runner.snapshot().gates} == {"credentials"}
        logged_in.set()
        runner.grant("credentials", "a")
    assert states == ["done"]
    assert journal.consents("r1") == frozenset()


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
    with _running(runner) as states:
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


def test_on_the_real_clock(tmp_path):
    with make_journal(tmp_path, SystemClock()) as journal:
        began = journal.clock.monotonic()
        assert Runner(journal, "r1", one(Export(Cloud(), 2)), verdict=never).run() == "done"
        assert 0.3 < journal.clock.monotonic() - began < 5


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


def test_work_that_no_longer_fits_is_refused_by_name(journal):
    a, b, c = (Call(name, lambda ctx: {}) for name in "abc")
    make_runner(journal, one(a, b)).run()
    with pytest.raises(UserError, match=r"'orders' had the steps a, b; now a, c") as caught:
        make_runner(journal, one(a, c))
    assert caught.value.code is Exit.USAGE
    with pytest.raises(UserError, match="'orders' is not part of the work any more"):
        make_runner(journal, Work(((Chain("users", (a,)),),)))
    with pytest.raises(UserError, match="'orders' had"):
        make_runner(journal, Work(((), (Chain("orders", (a, b)),))))


def test_a_chain_that_is_new_in_total_is_added(journal):
    a, b = (Call(name, lambda ctx: {}) for name in "ab")
    make_runner(journal, one(a)).run()
    work = Work(((Chain("first", (a,)), Chain("orders", (a,))), (Chain("last", (a, b)),)))
    runner = make_runner(journal, work)
    assert runner.run() == "done"
    assert [(c.phase, c.subject) for c in runner.snapshot().chains] == [(0, "orders"), (0, "first"), (1, "last")]


def test_two_steps_of_one_name_and_subject_are_a_mistake_of_the_method(journal):
    a = Call("a", lambda ctx: {})
    with pytest.raises(ValueError, match="twice"):
        make_runner(journal, one(a, a))


def test_a_cancelled_run_is_not_resumed(journal):
    runner = make_runner(journal, one(Call("a", lambda ctx: {})))
    journal.cancel("r1")
    assert runner.run() == "cancelled"
    assert journal.run("r1").state == "cancelled"
    with pytest.raises(UserError, match="cancelled"):
        make_runner(journal, one(Call("a", lambda ctx: {})))


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


def test_a_full_disk_stops_the_run_before_anything_is_sent(journal):
    cloud = Cloud()
    runner = make_runner(journal, two_phases(cloud))
    journal._db.execute("PRAGMA query_only = ON")
    with pytest.raises(UserError, match="can't be written"):
        runner.run()
    assert cloud.made == []
    journal._db.execute("PRAGMA query_only = OFF")
    assert make_runner(journal, two_phases(cloud)).run() == "done"


def test_a_disk_that_fills_up_in_the_middle_stops_all_chains(journal):
    cloud = Cloud()

    def fill(ctx):
        journal._db.execute("PRAGMA query_only = ON")
        return {}

    reached = []
    work = Work(((Chain("a", (Call("fill", fill), Call("next", lambda c: reached.append(1) or {}))),),))
    with pytest.raises(UserError, match="can't be written"):
        make_runner(journal, work).run()
    assert reached == []
    journal._db.execute("PRAGMA query_only = OFF")
    assert journal.run("r1").state == "running"
    assert journal.steps("r1")[0].handle is None
    assert never(ValueError()) == "stop"
    assert cloud.made == []
