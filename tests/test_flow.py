from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ddbtui.draft import Draft, SideDraft, matching
from ddbtui.flow import STEPS, Facts, Flow, reasons
from ddbtui.plan.model import TableChoice, TargetTable
from tests.screens.fake_service import NEW, OLD, FakeOptions
from tests.screens.fake_service import plan as a_plan

MODELS = {"s3-import": FakeOptions}
READY = Facts(matched=2, checked=True)


def verified(draft: Draft) -> Draft:
    return replace(draft, source=replace(draft.source, verified=True), target=replace(draft.target, verified=True))


def answered() -> Draft:
    return verified(Draft.from_plan(a_plan()))


def told(step: str, draft: Draft, facts: Facts = READY) -> list[str]:
    return [reason.text for reason in reasons(step, draft, facts, MODELS)]  # type: ignore[arg-type]


def test_a_plan_survives_the_way_through_a_draft() -> None:
    assert Draft.from_plan(a_plan()).plan(MODELS) == a_plan()


def test_all_answers_given_no_step_has_a_reason_to_stay() -> None:
    assert [told(step, answered()) for step in STEPS[:4]] == [[], [], [], []]


def test_an_empty_draft_makes_no_plan() -> None:
    with pytest.raises(ValidationError):
        Draft().plan(MODELS)


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (SideDraft(), "choose a profile"),
        (SideDraft(chosen=True, aws_region="moon"), "must be a region"),
        (SideDraft(chosen=True, aws_region="eu-west-1", role_arn="x"), "the ARN of an IAM role"),
        (SideDraft(chosen=True, aws_region="eu-west-1", external_id_env="E"), "need a role_arn"),
        (SideDraft(chosen=True, aws_region="eu-west-1"), "not confirmed"),
    ],
)
def test_accounts_say_what_is_wrong(side: SideDraft, expected: str) -> None:
    assert expected in told("accounts", replace(answered(), source=side))[0]


def test_a_management_account_is_kept_and_must_be_confirmed_like_the_others() -> None:
    managed = a_plan().model_copy(update={"management": a_plan().source})  # it may be one of the two
    draft = verified(Draft.from_plan(managed))
    assert draft.plan(MODELS) == managed
    assert draft.sides == ("source", "target", "management")
    assert told("accounts", draft) == ["AWS has not confirmed the management account yet"]
    confirmed = draft.with_side("management", replace(draft.management, verified=True))
    assert told("accounts", confirmed) == []
    assert confirmed.with_side("management", SideDraft()).plan(MODELS) == a_plan()


def test_the_same_account_twice_is_refused() -> None:
    draft = answered()
    assert "same account" in told("accounts", replace(draft, target=replace(draft.target, pin=OLD)))[0]


def test_tables_must_be_chosen_and_found_and_keep_apart() -> None:
    assert "choose at least one" in told("tables", replace(answered(), tables=()))[0]
    assert "no table matches" in told("tables", answered(), Facts())[0]
    twice = (TableChoice(name="orders", target_name="other"), TableChoice(name="other"))
    assert "would become 'other'" in told("tables", replace(answered(), tables=twice))[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(unsuited=1), "can't move 1 table"),
        (Facts(unread=2), "2 tables could not be read"),
        (Facts(available=False), "not available yet"),
    ],
)
def test_a_method_must_be_built_and_suit_all(facts: Facts, expected: str) -> None:
    assert expected in told("method", answered(), facts)[0]


def test_options_are_checked_and_the_field_is_named() -> None:
    found = reasons("method", answered().with_options("s3-import", {"bucket": "x"}), READY, MODELS)
    assert found[0].where == "option-bucket"
    wrong = replace(answered(), target_table=TargetTable.model_construct(encryption="nonsense", billing="as-source"))
    assert reasons("method", wrong, READY, MODELS)
    assert "choose a method" in told("method", replace(answered(), method="nope"))[0]


def test_prerequisites_hold_back_while_one_fails_or_is_unknown_to_us() -> None:
    assert "1 prerequisite fails" in told("prerequisites", answered(), Facts(checked=True, failing=1))[0]
    assert "still being checked" in told("prerequisites", answered(), Facts())[0]


def test_run_and_review_wait_for_the_run() -> None:
    assert told("review", answered()) == ["the run was not started"]
    assert told("run", answered(), Facts(run_state="running", run_going=True)) == ["the run is not over yet"]
    assert told("run", answered(), Facts(run_state="done")) == []


@given(st.lists(st.sampled_from(["next", "back", "changed"])))
def test_the_way_never_leaves_the_steps(moves: list[str]) -> None:
    flow = Flow()
    for move in moves:
        flow = getattr(flow, move)()
        assert flow.current in STEPS
        assert flow.can_go(flow.current)


def test_back_keeps_how_far_one_came_and_a_change_takes_it_away() -> None:
    flow = Flow().next().next().back().back()
    assert flow.current == "accounts"
    assert flow.can_go("method")
    assert not flow.changed().can_go("tables")


def test_patterns_and_names_are_matched_once_in_order() -> None:
    choices = (TableChoice(name="shop-*"), TableChoice(name="shop-b"), TableChoice(name="gone"))
    assert matching(choices, ["orders", "shop-b", "shop-a"]) == ("shop-b", "shop-a", "gone")


def test_sides_are_put_back_where_they_belong() -> None:
    draft = answered().with_side("target", SideDraft(profile="other"))
    assert draft.side("target").profile == "other"
    assert draft.side("source").pin == OLD
    assert answered().target.pin == NEW
