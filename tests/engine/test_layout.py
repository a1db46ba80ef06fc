"""How the work of a run fits what its journal holds already."""

from __future__ import annotations

import pytest

from ddbtui.engine.step import Chain, Work
from ddbtui.errors import Exit, UserError
from tests.engine.support import Call, make_runner, one


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
