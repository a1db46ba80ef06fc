"""A call that AWS has no room for is made again, with the same token, until there is room."""

from __future__ import annotations

from ddbtui.engine.step import Busy, Step
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
