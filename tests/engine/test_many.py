"""A thousand tables that wait for a week."""

from __future__ import annotations

from ddbtui.engine.step import Chain, Done, Progress, Step, Work
from tests.engine.support import Cloud, VirtualClock, make_journal, make_runner

WEEK = 7 * 86400


class Long(Step):
    name, title, slot, poll_seconds = "import", "Import", "import", 43_200.0

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock

    def start(self, ctx):
        return {"began": self.clock.seconds}

    def poll(self, ctx, handle):
        return Done() if self.clock.seconds >= WEEK else Progress("IN_PROGRESS", int(self.clock.seconds), WEEK)


def test_a_thousand_chains_poll_for_a_week(tmp_path):
    clock = VirtualClock(slack=900)
    with make_journal(tmp_path, clock) as journal:
        work = Work((tuple(Chain(f"table-{n:04}", (Long(clock),)) for n in range(1000)),), {"import": 1000})
        runner = make_runner(journal, work)
        assert runner.run() == "done"
        assert WEEK <= clock.seconds < WEEK + 2 * 43_200
    assert Cloud().made == []
