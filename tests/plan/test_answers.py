"""What is wrong with an answer that stands in no file: of the wizard, and of line mode."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.draft import complaints
from ddbtui.prompts.fields import ask_field
from tests.plan.options import CopyOptions

ANSWERS = [
    ("workers", "five", "must be a whole number, in digits 0 to 9 only"),
    ("workers", "1.5", "must be a whole number, in digits 0 to 9 only"),
    ("workers", "9" * 30, "must be at most 64"),
    ("workers", "9" * 5000, "must be a smaller number"),
    ("workers", "0", "must be at least 1"),
    ("ratio", "half", "must be a number, in digits with a point, e.g. 0.5"),
    ("ratio", "0,5", "must be a number, in digits with a point, e.g. 0.5"),
    ("ratio", "inf", "must be at most 1.0"),
    ("prefix", "x" * 101, "must be at most 100 characters long"),
    ("folder", "A1", "must be a folder of small letters, e.g. staging"),
    ("bucket", "B", "must be as described: Staging bucket, e.g. my-bucket"),
]
RIGHT = {"workers": "8", "ratio": "0.5", "prefix": "x", "folder": "x", "bucket": "my-bucket"}


class Person:
    """Types one line, hears what is wrong with it, and types another."""

    def __init__(self, line: str, then: str) -> None:
        self.line, self.then = line, then
        self.heard = ""

    def text(self, question: str, default: str = "", check: Any = None) -> str:
        self.heard = check(self.line)
        return self.then

    def confirm(self, question: str, default: bool = False) -> bool:
        raise AssertionError

    select = checkbox = say = confirm


@pytest.mark.parametrize(
    ("name", "answer", "said"), ANSWERS, ids=[f"{name} {answer[:9]}" for name, answer, _ in ANSWERS]
)
def test_an_answer_is_judged_in_the_same_words_everywhere(name: str, answer: str, said: str) -> None:
    values = {"type": "copy", "bucket": "my-bucket", name: answer}
    assert complaints(lambda: CopyOptions.model_validate(values), CopyOptions.model_fields) == {name: said}
    person = Person(answer, RIGHT[name])
    ask_field(person, name, CopyOptions.model_fields[name], {})  # type: ignore[arg-type]
    assert person.heard == said


def test_a_missing_answer_is_missing() -> None:
    assert complaints(lambda: CopyOptions.model_validate({"type": "copy"})) == {"bucket": "is missing"}
