"""The steps before a move: checked again, remedied with consent, waited for, and no further than five minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ddbtui.aws.access import Access
from ddbtui.engine.step import GateClosed, Resource, StepFailed
from ddbtui.methods.steps.prepare import PrerequisiteStep, prerequisite_steps
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy
from tests.methods.lab import Journal
from tests.methods.tables import move, table

REMEDY = Remedy("Make it so", (Change("target", "222222222222", "s3:PutBucketPolicy", "arn:aws:s3:::b"),))


class Door(Prerequisite):
    """Says one outcome after the other; the last one stays."""

    id = "door"
    title = "The door is open"

    def __init__(self, *outcomes: Any, remedy: Remedy | None = None, moving: Any = None) -> None:
        super().__init__(move(table()), moving)
        self.outcomes = list(outcomes)
        self.remedy = remedy
        self.applied = 0

    def check(self) -> Finding:
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return self.finding(outcome, f"It is {outcome}.", "Open it.", self.remedy if outcome == "fail" else None)

    def apply(self, record: Record) -> None:
        self.applied += 1
        record(Resource("bucket", "target", "b", "remove"))

    def access(self) -> Sequence[Access]:
        return ()


@pytest.mark.parametrize("outcome", ["pass", "warn"])
def test_what_holds_is_done(outcome: str) -> None:
    journal, door = Journal(), Door(outcome, remedy=REMEDY)
    assert journal.carry_out("(run)", PrerequisiteStep(door))["evidence"] == f"It is {outcome}."
    assert (door.applied, bool(journal.log)) == (0, outcome == "warn")


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_what_fails_without_remedy_fails_with_advice(outcome: str) -> None:
    with pytest.raises(StepFailed, match=f"The door is open: .* It is {outcome}") as failed:
        Journal().carry_out("(run)", PrerequisiteStep(Door(outcome)))
    assert (failed.value.kind, failed.value.hint) == ("prerequisite", "Open it.")


def test_the_question_names_every_change() -> None:
    door = Door("fail", remedy=REMEDY)
    with pytest.raises(GateClosed, match=r"s3:PutBucketPolicy on arn:aws:s3:::b in account 222222222222"):
        Journal(consents=set()).carry_out("(run)", PrerequisiteStep(door))
    assert door.applied == 0


def test_a_remedy_is_applied_recorded_and_waited_for() -> None:
    journal, door = Journal(), Door("fail", "fail", "unknown", "pass", remedy=REMEDY)
    result = journal.carry_out("(run)", PrerequisiteStep(door))
    assert (door.applied, result["applied"], result["outcome"]) == (1, "Make it so", "pass")
    assert [one.kind for one in journal.resources.values()] == ["bucket"]


def test_the_wait_ends_after_five_minutes() -> None:
    journal, door = Journal(), Door("fail", remedy=REMEDY)
    with pytest.raises(StepFailed, match="after its remedy was applied"):
        journal.carry_out("(run)", PrerequisiteStep(door))
    assert (journal.time - journal.begun).total_seconds() < 400


def test_each_subject_gets_its_own() -> None:
    made = move(table("one"), table("two"))
    of_run, of_two = Door("pass"), Door("pass", moving=made.tables[1])
    assert len(prerequisite_steps([of_run, of_two], None)) == 1
    assert prerequisite_steps([of_run, of_two], made.tables[0]) == ()
    assert len(prerequisite_steps([of_run, of_two], made.tables[1])) == 1
