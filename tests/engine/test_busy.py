"""A call that AWS has no room for is made again, with the same token, until there is room."""

from __future__ import annotations

from datetime import datetime, timedelta

from ddbtui.engine.pacing import NO_ROOM_SECONDS
from ddbtui.engine.step import Busy, Chain, Done, Progress, Step, Work
from tests.engine.support import make_journal, make_runner, one


class Crowded(Step):
    name, title = "export", "Export"

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def start(self, ctx):
        self.tokens.append(ctx.token)
        if len(self.tokens) < 200:
            raise Busy("no room for another export: 300 run already")
        return {}


def test_it_waits_for_room_and_says_so_now_and_then(tmp_path):
    with make_journal(tmp_path) as journal:
        step = Crowded()
        assert make_runner(journal, one(step)).run() == "done"
        assert (len(step.tokens), len(set(step.tokens))) == (200, 1)
        told = [event.text for event in journal.events("r1") if "no room" in event.text]
        assert told[0] == "Export: tries again: no room for another export: 300 run already"
        assert 10 < len(told) < 60


class Full(Step):
    name, title = "job", "Define a job"

    def start(self, ctx):
        raise Busy("no room for another job: 1,000 are there", "Raise the quota, then `ddbtui resume`.")


class Long(Step):
    name, title, poll_seconds = "export", "Export", 600

    def start(self, ctx):
        return {"until": (ctx.now() + timedelta(seconds=3 * NO_ROOM_SECONDS)).isoformat()}

    def poll(self, ctx, handle):
        return Done() if ctx.now() >= datetime.fromisoformat(handle["until"]) else Progress()


def test_it_does_not_wait_for_room_that_nobody_makes(tmp_path):
    with make_journal(tmp_path) as journal:
        began = journal.clock.now()
        assert make_runner(journal, one(Full())).run() == "failed"
        (step,) = journal.steps("r1")
        assert (step.error, step.hint) == (
            "no room for another job: 1,000 are there",
            "Raise the quota, then `ddbtui resume`.",
        )
        waited = (journal.clock.now() - began).total_seconds()
        assert NO_ROOM_SECONDS < waited < NO_ROOM_SECONDS + 60


def test_it_waits_as_long_as_the_run_goes_on_elsewhere(tmp_path):
    with make_journal(tmp_path) as journal:
        began = journal.clock.now()
        work = Work(((Chain("a", (Full(),)), Chain("b", (Long(),))),))
        assert make_runner(journal, work).run() == "failed"
        assert {step.subject: step.state for step in journal.steps("r1")} == {"a": "failed", "b": "done"}
        waited = (journal.clock.now() - began).total_seconds()
        assert 4 * NO_ROOM_SECONDS - 60 < waited < 4 * NO_ROOM_SECONDS + 1200
