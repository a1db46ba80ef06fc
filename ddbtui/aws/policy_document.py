"""A policy document, understood without being changed: which bytes are which statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ddbtui.errors import UserError
from ddbtui.text import shown

VERSION = "2012-10-17"
_VERSIONS = frozenset({VERSION, "2008-10-17"})
_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_SPACE = re.compile(r"[ \t\n\r]*")


class PolicyRefused(UserError):
    """A policy that ddbtui won't touch. The message says why, the hint what a person can do."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the policy is not edited: {why}",
            "Add the statement by hand (it is shown with the prerequisite), or use a bucket or key of your own.",
        )


@dataclass(frozen=True)
class Part:
    """One statement and where it stands in the text."""

    start: int
    end: int
    value: dict[str, Any]


@dataclass(frozen=True)
class Document:
    """A policy document that was understood.

    Args:
        text: as AWS gave it.
        version: None if it has none, which means 2008-10-17.
        id: its `Id`, if any.
        parts: the statements, in order.
        is_list: whether `Statement` is a list; a single statement may stand without one.
        inside: where the list's content starts, just after its bracket.
    """

    text: str
    version: str | None
    id: str | None
    parts: tuple[Part, ...]
    is_list: bool
    inside: int

    @property
    def statements(self) -> tuple[dict[str, Any], ...]:
        """The statements, in order."""
        return tuple(part.value for part in self.parts)

    def source(self, part: Part) -> str:
        """The bytes of one statement."""
        return self.text[part.start : part.end]


def parse(text: str) -> Document:
    """Understand a policy document.

    Raises:
        PolicyRefused: it is no JSON, has keys twice, elements that policies don't have, or no statements.
    """
    try:
        return _Scanner(text).document()
    except (ValueError, RecursionError) as error:
        reason = shown(error, 120) if isinstance(error, ValueError) else "it is nested too deep"
        raise PolicyRefused(f"it can't be read ({reason})") from None


class _Scanner:
    """Walks the two upper levels of a document by hand, to know where each statement starts and ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)

    def document(self) -> Document:
        """Read the whole text as one policy document. Raises ValueError where it is none."""
        elements, at = self._members(self._skip(0))
        if self._skip(at) != len(self._text):
            raise ValueError("text after the end")
        unknown = sorted(set(elements) - _ELEMENTS)
        if unknown:
            raise PolicyRefused(f"it has an element '{shown(unknown[0], 40)}' that ddbtui does not know")
        if "Statement" not in elements:
            raise ValueError("no Statement")
        version, name = self._string(elements, "Version"), self._string(elements, "Id")
        if version is not None and version not in _VERSIONS:
            raise PolicyRefused(f"its Version '{shown(version, 40)}' is not one that ddbtui knows")
        start = elements["Statement"][0]
        is_list = self._text[start] == "["
        parts = self._items(start) if is_list else [Part(*elements["Statement"])]
        if not all(isinstance(part.value, dict) for part in parts):
            raise ValueError("a statement is no object")
        return Document(self._text, version, name, tuple(parts), is_list, start + 1)

    def _string(self, elements: Mapping[str, tuple[int, int, Any]], name: str) -> str | None:
        value = elements[name][2] if name in elements else None
        if name in elements and not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        return value

    def _members(self, at: int) -> tuple[dict[str, tuple[int, int, Any]], int]:
        """The members of the object at that place, each with start, end and value; and where the object ends."""
        found: dict[str, tuple[int, int, Any]] = {}
        at = self._expect("{", at)
        if self._peek(at) == "}":
            return found, at + 1
        while True:
            key, at = self._decoder.raw_decode(self._text, at)
            if not isinstance(key, str) or key in found:
                raise ValueError("a name is no text or stands twice")
            start = self._expect(":", self._skip(at))
            value, end = self._decoder.raw_decode(self._text, start)
            found[key] = (start, end, value)
            at = self._skip(end)
            if self._peek(at) == "}":
                return found, at + 1
            at = self._expect(",", at)

    def _items(self, at: int) -> list[Part]:
        """The items of the list at that place, which is known to be well formed."""
        found: list[Part] = []
        at = self._expect("[", at)
        while self._peek(at) != "]":
            value, end = self._decoder.raw_decode(self._text, at)
            found.append(Part(at, end, value))
            at = self._skip(end)
            at = self._expect(",", at) if self._peek(at) == "," else at
        return found

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at

    def _peek(self, at: int) -> str:
        return self._text[at : at + 1]

    def _expect(self, char: str, at: int) -> int:
        if self._peek(at) != char:
            raise ValueError(f"'{char}' expected")
        return self._skip(at + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
