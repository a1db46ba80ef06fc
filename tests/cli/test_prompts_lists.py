"""Line mode: a field that is asked for out of what AWS has, and answers that do not fit each other."""

from __future__ import annotations

from ddbtui.prompts.questions import ask_plan
from ddbtui.service import Service
from tests.cli.test_prompts import ACCOUNTS, Person
from tests.sandbox.backing_up import THERE, backup, copy, ready
from tests.support.sandbox import TestSandbox

BASIC = {**ACCOUNTS, "how_do_you": "names", "tables_to_move": ("orders",), "method": "backup"}


def offered(person: Person, start: str) -> list[tuple[str, str]]:
    choices = next(choices for question, choices in person.offered.items() if question.startswith(start))
    return [(str(choice.value), choice.title) for choice in choices]


def test_a_recovery_point_is_chosen_from_those_that_are_there(in_sandbox: TestSandbox) -> None:
    ready(in_sandbox)
    arn = copy(in_sandbox, backup(in_sandbox))["DestinationRecoveryPointArn"]
    person = Person(**BASIC, **{"target_vault:": THERE}, recovery_point=arn)
    plan = ask_plan(Service(), person)
    assert plan.method.model_dump()["recovery_point"] == arn
    (wait, newest, there, other) = offered(person, "recovery point")
    assert (wait[0], newest[0], there[0], other) == ("wait", "newest", arn, ("", "something else"))
    assert there[1].startswith("orders: ")
    assert " UTC, COMPLETED, " in there[1]


def test_without_an_answer_it_waits_for_the_runs_own(in_sandbox: TestSandbox) -> None:
    plan = ask_plan(Service(), Person(**BASIC))
    assert plan.method.model_dump()["recovery_point"] == "wait"
    assert plan.method.model_dump()["schedule"] is None


def test_what_can_not_be_listed_can_be_typed(in_sandbox: TestSandbox) -> None:
    in_sandbox.fault("denied", times=-1, match={"operation": "ListBackupVaults"})
    person = Person(**BASIC, recovery_point="newest")
    assert ask_plan(Service(), person).method.model_dump()["recovery_point"] == "newest"
    assert any("ListBackupVaults" in heard for heard in person.heard)


def test_answers_that_do_not_fit_are_asked_for_again(in_sandbox: TestSandbox) -> None:
    person = Person(
        **BASIC,
        schedule=[True, True],
        cron="cron(0 5 ? * * *)",
        select=["tag", "tag"],
        tag=[False, True],
        key="team",
        value="web",
    )
    schedule = ask_plan(Service(), person).method.model_dump()["schedule"]
    assert (schedule["select"], schedule["tag"]) == ("tag", {"key": "team", "value": "web"})
    assert any("select: tag needs a tag with key and value" in heard for heard in person.heard)


def test_damage_without_need_or_beside_a_digest_is_asked_for_again(in_sandbox: TestSandbox) -> None:
    person = Person(
        **{**BASIC, "method": "s3-glue"},
        bucket="staging-bucket",
        proof=["digest"],
        loader=["lossless", "catalog", "catalog"],
        accept_damage=(accepts := [True, True, False]),
    )
    options = ask_plan(Service(), person).method.model_dump()
    assert (options["loader"], options["accept_damage"], accepts) == ("catalog", False, [])
    assert [heard for heard in person.heard if "accept_damage" in heard] == [
        "method.accept_damage: goes with loader: catalog only; loader: lossless changes nothing",
        "method.accept_damage: needs proof: counts, since a comparison of every item finds the damage",
    ]


def test_wishes_for_new_tables_are_asked_for_again_where_none_is_made(in_sandbox: TestSandbox) -> None:
    person = Person(
        **{**BASIC, "method": "glue"}, bucket="staging-bucket", table="existing", billing=["on-demand", "as-source"]
    )
    assert ask_plan(Service(), person).target_table.billing == "as-source"
    assert any("target_table.billing: is only for tables that ddbtui makes" in heard for heard in person.heard)
