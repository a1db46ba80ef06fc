from __future__ import annotations

import pytest

from ddbtui.engine.step import RUN
from ddbtui.errors import UserError
from ddbtui.plan.model import Plan
from ddbtui.screens.widgets.diff import difference
from tests.screens.driving import wizard
from tests.screens.fake_service import FakeService, plan


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_states_evidence_and_the_exact_change(size: tuple[int, int]) -> None:
    async with wizard(FakeService(), "prerequisites", plan(), size) as driver:
        await driver.see("4 prerequisites: 3 pass, 1 fail", "✗ fail", "✓ pass", "AWS said [so].", "s3:PutBucketPolicy")
        await driver.press("ctrl+n")
        await driver.see("1 prerequisite fails")


async def test_a_remedy_is_applied_only_with_consent() -> None:
    service = FakeService()
    async with wizard(service, "prerequisites", plan()) as driver:
        await driver.see("1 fail")
        await driver.press("f")
        await driver.at("Question")
        await driver.see("Change something in target account 222222222222?", "DdbtuiWrite")
        await driver.press("enter")  # the focus is on No
        await driver.at("PrerequisitesScreen")
        assert service.applied == []
        await driver.press("f")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("PrerequisitesScreen")
        await driver.see("4 prerequisites: 4 pass")
        assert service.applied == [("bucket-policy", RUN)]
        await driver.press("ctrl+n")
        await driver.at("ReviewScreen")


async def test_next_goes_to_what_fails() -> None:
    async with wizard(FakeService(), "prerequisites", plan()) as driver:
        await driver.see("1 fail")
        await driver.press("end")
        await driver.press("ctrl+n")
        await driver.see("1 prerequisite fails", "What ddbtui can do (f)")


async def test_after_a_remedy_what_fails_is_checked_again_and_gone_to() -> None:
    service = FakeService()
    service.outcomes["target-free"] = "fail"
    async with wizard(service, "prerequisites", plan()) as driver:
        await driver.see("3 fail")
        service.calls.clear()
        await driver.press("f")
        await driver.at("Question")
        await driver.press("right", "enter")
        await driver.at("PrerequisitesScreen")
        await driver.see("✓ done: The bucket lets the source account write", "The target name is free · orders")
        await driver.until(lambda: service.calls.count("recheck target-free") == 2)


async def test_one_and_all_can_be_checked_again() -> None:
    service = FakeService()
    async with wizard(service, "prerequisites", plan()) as driver:
        await driver.see("1 fail")
        service.outcomes = {"bucket-policy": "warn"}
        await driver.press("r")
        await driver.see("3 pass, 1 warn")
        service.outcomes = {"identity": "unknown"}
        await driver.press("R")
        await driver.see("3 pass, 1 unknown")


async def test_there_is_not_a_remedy_for_everything() -> None:
    async with wizard(FakeService(), "prerequisites", plan()) as driver:
        await driver.see("1 fail")
        await driver.press("home", "f")
        await driver.see("nothing that ddbtui can do")


async def test_an_error_is_shown_and_can_be_tried_again() -> None:
    class Broken(FakeService):
        broken = True

        def resolve(self, plan: Plan):  # type: ignore[no-untyped-def]
            if self.broken:
                raise UserError("source: the session has expired", "Log in again.")
            return super().resolve(plan)

    service = Broken()
    async with wizard(service, "prerequisites", plan()) as driver:
        await driver.see("the session has expired", "Log in again.", "R tries again")
        service.broken = False
        await driver.press("R")
        await driver.see("4 prerequisites")


async def test_findings_stay_while_the_answers_do() -> None:
    service = FakeService()
    service.outcomes = {}
    async with wizard(service, "prerequisites", plan()) as driver:
        await driver.see("4 pass")
        await driver.press("ctrl+n")
        await driver.at("ReviewScreen")
        await driver.press("ctrl+b")
        await driver.at("PrerequisitesScreen")
        await driver.see("4 pass")
        assert service.calls.count("check") == 1


def test_a_difference_shows_signs_and_nothing_that_moves_a_cursor() -> None:
    text = difference('{\n "a": 1\n}', '{\n "a": "\x1b[2J"\n}').plain
    assert '- "a": 1' in text
    assert '+ "a": "␛[2J"' in text
    assert difference("", "one sentence").plain == "  one sentence"
