"""A journal that can't be written stops a run before anything is sent."""

from __future__ import annotations

import pytest

from ddbtui.engine.step import Chain, Work
from ddbtui.errors import UserError
from tests.engine.support import Call, Cloud, make_runner, never, two_phases


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
