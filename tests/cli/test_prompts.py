"""Line mode: the questions on the sandbox with scripted answers, and the real prompts over a simulated keyboard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from ddbtui.cli import main
from ddbtui.commands.asking import Terminal
from ddbtui.plan.model import TableChoice
from ddbtui.prompts.asker import Choice
from ddbtui.prompts.questions import ask_plan
from ddbtui.service import Service
from tests.support.sandbox import TestSandbox


class Person:
    """Answers by the beginning of the question, of a list the next one each time; else takes the default."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {key.replace("_", " "): value for key, value in answers.items()}
        self.heard: list[str] = []
        self.offered: dict[str, Sequence[Choice]] = {}

    def _answer(self, question: str, default: Any) -> Any:
        key = next((key for key in self.answers if question.lower().startswith(key)), None)
        if key is None:
            return default
        answer = self.answers[key]
        return answer.pop(0) if isinstance(answer, list) else answer

    def say(self, text: str) -> None:
        self.heard.append(text)

    def confirm(self, question: str, default: bool = False) -> bool:
        return bool(self._answer(question, default))

    def text(self, question: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        answer = str(self._answer(question, default))
        wrong = check(answer) if check else ""
        assert not wrong, f"{question}: {answer!r} {wrong}"
        return answer

    def select(self, question: str, choices: Sequence[Choice], default: Any = None) -> Any:
        self.offered[question] = choices
        first = next((choice.value for choice in choices if not choice.refused), None)
        answer = self._answer(question, first if default is None else default)
        chosen = next(choice for choice in choices if choice.value == answer)
        assert not chosen.refused, chosen.refused
        return answer

    def checkbox(self, question: str, choices: Sequence[Choice], check: Callable[[list[Any]], str]) -> list[Any]:
        self.offered[question] = choices
        answer = list(self._answer(question, ()))
        assert not check(answer)
        return answer


ACCOUNTS = {"profile_of_the_source": "source", "profile_of_the_target": "target"}


def test_the_usual_answers_give_a_pinned_plan(in_sandbox: TestSandbox) -> None:
    person = Person(**ACCOUNTS, how_do_you="names", tables_to_move=("orders", "sessions"), bucket="staging-bucket")
    plan = ask_plan(Service(), person)
    assert (plan.source.profile, plan.source.account_id, plan.source.region) == ("source", "111111111111", "eu-west-1")
    assert plan.target.account_id == "222222222222"
    assert plan.tables == (TableChoice(name="orders"), TableChoice(name="sessions"))
    assert plan.method.model_dump(exclude_defaults=True)["bucket"] == "staging-bucket"
    assert (plan.carry_over, plan.proof, plan.clean_up) == ("all", "digest", "staging")
    assert plan.target_table.encryption == "aws-owned"


def test_every_answer_can_be_another_one(in_sandbox: TestSandbox) -> None:
    key = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd"
    person = Person(
        profile_of_the_source=["source"],
        profile_of_the_target=["source", "target"],
        how_do_you="patterns",
        names_or_patterns="sess*, orders",
        give_a_new_table=True,
        name_of_the_copy="orders-2",
        bucket="other-bucket",
        prefix="elsewhere",
        encryption=[True, "aws-managed"],
        kms_key_arn=key,
        billing="on-demand",
        proof="counts",
        clean_up="nothing",
        carry_over=["", ("ttl", "tags")],
    )
    plan = ask_plan(Service(), person)
    assert plan.tables == (TableChoice(name="sess*"), TableChoice(name="orders", target_name="orders-2"))
    options = plan.method.model_dump()
    assert (options["bucket"], options["prefix"]) == ("other-bucket", "elsewhere")
    assert options["encryption"] == {"kms_key_arn": key}
    assert (plan.target_table.encryption, plan.target_table.billing) == ("aws-managed", "on-demand")
    assert (plan.proof, plan.clean_up) == ("counts", "nothing")
    assert plan.carry_over == ("ttl", "tags")
    assert any("same account" in line for line in person.heard)


def test_the_management_account_is_asked_for_where_it_can_help(in_sandbox: TestSandbox) -> None:
    answers = {**ACCOUNTS, "how_do_you": "patterns", "names_or_patterns": "orders", "method": "backup"}
    assert ask_plan(Service(), Person(**answers)).management is None
    managed = {"name_the_organization's": True, "profile_of_the_management": "management"}
    found = ask_plan(Service(), Person(**answers, **managed)).management
    assert found
    assert (found.profile, found.account_id, found.region) == ("management", "333333333333", "eu-west-1")


def test_credentials_that_do_not_work_are_told_and_asked_for_again(in_sandbox: TestSandbox) -> None:
    in_sandbox.fault("denied", match={"service": "sts"})
    person = Person(
        profile_of_the_source=["source", "source"],
        profile_of_the_target=["target"],
        how_do_you="names",
        tables_to_move=("orders",),
        bucket="staging-bucket",
    )
    assert ask_plan(Service(), person).source.account_id == "111111111111"
    assert any("profile 'source'" in line for line in person.heard)


def test_methods_that_do_not_suit_say_why(in_sandbox: TestSandbox) -> None:
    person = Person(**ACCOUNTS, how_do_you="names", tables_to_move=("threads",))
    assert ask_plan(Service(), person).method.type == "backup"
    refused = {choice.value: choice.refused for choices in person.offered.values() for choice in choices}
    assert "threads has 1 local secondary index" in refused["s3-import"]
    assert refused["direct"] == "not available yet"
    assert refused["backup"] == ""


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("", "at least one"), ("nope*", "no table matches"), ("a b", "neither"), ("orders, sess*", "")],
)
def test_names_and_patterns_are_checked_while_they_are_typed(line: str, wrong: str) -> None:
    from ddbtui.prompts.questions import _patterns_wrong

    said = _patterns_wrong(line, ["orders", "sessions"])
    assert wrong in said
    assert bool(said) == bool(wrong)


def with_keys(keys: str, ask: Callable[[Terminal], Any]) -> Any:
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(keys)
        return ask(Terminal())


CHOICES = (Choice("a", "a"), Choice("b", "b", refused="not available yet"), Choice("c", "c"))
DOWN = "\x1b[B"


@pytest.mark.parametrize(
    ("keys", "ask", "expected"),
    [
        ("y", lambda t: t.confirm("Sure?"), True),
        ("\r", lambda t: t.confirm("Sure?"), False),
        ("\r", lambda t: t.text("Region", "eu-west-1"), "eu-west-1"),
        ("bad\r\x7f\x7f\x7fgood\r", lambda t: t.text("x", "", lambda line: "no" if line == "bad" else ""), "good"),
        (DOWN + "\r", lambda t: t.select("x", CHOICES), "c"),
        ("\r", lambda t: t.select("x", CHOICES, "c"), "c"),
        (" \r", lambda t: t.checkbox("x", CHOICES, lambda got: "" if got else "one at least"), ["a"]),
    ],
)
def test_the_terminal_asks(keys: str, ask: Callable[[Terminal], Any], expected: object) -> None:
    assert with_keys(keys, ask) == expected


def test_ctrl_c_at_a_question_is_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt):
        with_keys("\x03", lambda terminal: terminal.confirm("Sure?"))


def test_ddbtui_plan_saves_the_plan_and_offers_to_check(
    in_sandbox: TestSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(
        **ACCOUNTS, how_do_you="names", tables_to_move=("orders",), bucket="staging-bucket", apply_this=False
    )
    monkeypatch.setattr("ddbtui.commands.plan.need_terminal", lambda _instead: None)
    monkeypatch.setattr("ddbtui.commands.plan.Terminal", lambda: person)
    monkeypatch.setattr("ddbtui.commands.asking.Terminal", lambda: person)
    path = tmp_path / "move.yaml"
    assert main(["plan", "-o", str(path)]) == 0
    out = capsys.readouterr().out
    assert "prerequisites: " in out
    assert f"next: ddbtui run {path}" in out
    assert Service().load_plan(path).tables == (TableChoice(name="orders"),)
    assert main(["plan", "-o", str(path)]) == 2
    assert "--force" in capsys.readouterr().err
