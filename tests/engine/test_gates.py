"""Gates: a step waits for a person, with one or without; expired credentials are a gate, too."""

from __future__ import annotations

import re
import threading

import pytest

from ddbtui.engine.gates import refuse_unknown
from ddbtui.engine.outcome import exit_code
from ddbtui.engine.step import Chain, Work
from ddbtui.errors import Exit, UserError
from tests.engine.support import Call, Cloud, Expired, Export, JobRun, Running, make_runner, one, verdict


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
    with Running(runner) as states:
        assert asked.wait(10)
        runner.grant("other", subject)
        runner.grant("go", "another-table")
        runner.grant("go", subject)
    assert states == ["done"]
    assert journal.consents("r1") >= {("go", subject)}


def test_a_consent_given_before_the_start_opens_the_gate(journal):
    def gated(ctx):
        ctx.consent("go", "Really?")
        return {}

    runner = make_runner(journal, one(Call("cut", gated)))
    runner.grant("go")
    assert runner.run() == "done"


def test_a_step_asks_only_at_gates_that_it_declares(journal):
    call = Call("cut", lambda ctx: ctx.consent("unheard-of", "Really?"))
    assert make_runner(journal, one(call)).run() == "failed"
    assert "does not declare the gate 'unheard-of'" in journal.steps("r1")[0].error


@pytest.mark.parametrize(
    ("gate", "said"),
    [("credentials", "the run has no gate 'credentials'"), ("writes-stoped", "did you mean 'writes-stopped'?")],
)
def test_only_gates_of_the_run_can_be_named_beforehand(gate, said):
    work = one(Call("cut", lambda ctx: {}))
    refuse_unknown(work, ["writes-stopped", "go"])
    with pytest.raises(UserError, match=re.escape(said)) as caught:
        refuse_unknown(work, ["go", gate])
    assert (caught.value.code, caught.value.hint) == (Exit.USAGE, "Its gates: go, writes-stopped.")


def test_a_consent_to_credentials_that_was_kept_by_chance_does_not_make_it_try_without_end(journal):
    def call(ctx):
        raise Expired("the token has expired")

    journal.grant("r1", "credentials")
    assert make_runner(journal, one(Call("copy", call)), verdict=verdict).run() == "waiting"


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
    with Running(runner) as states:
        assert both.wait(10)
        assert {g.question for g in runner.snapshot().gates} == {"the session has expired. run aws sso login."}
        assert {g.gate for g in runner.snapshot().gates} == {"credentials"}
        logged_in.set()
        runner.grant("credentials", "a")
    assert states == ["done"]
    assert journal.consents("r1") == frozenset()
