"""YAML text to nodes that know where they stand. Strings stay strings.

Works on PyYAML's event stream, so that nothing is resolved, constructed or expanded: scalars are text, and tags,
anchors, aliases, merge keys and further documents are refused as soon as they are seen. Cost is bounded by size, depth
and count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ddbtui.plan.problem import Path, PlanError, Problem, dotted
from ddbtui.plan.syntax import explained
from ddbtui.text import shown

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_NODES = 50_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML itself refuses, what YAML 1.1 takes for a line break, and what turns the direction of text around.
_UNSAFE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# PyYAML's pure scanner looks 1,024 characters ahead at every bracket: costly before any event can be counted.
_FLOW_BOMB = re.compile(r"(?:[\[{]\s*){" + str(MAX_DEPTH + 1) + "}")

# Where only a space will do: before a line's text, and after the colon of a field. YAML takes others for text.
_NO_SPACE = re.compile(r"^(?:[ ]*|[ ]*(?:- )?[A-Za-z_]+:)([\xa0\u1680\u2000-\u200a\u202f\u205f\u3000])", re.MULTILINE)


@dataclass
class Scalar:
    """Text. `plain` is unquoted: only then can it stand for nothing, a number or a truth value."""

    line: int
    column: int
    value: str
    plain: bool


@dataclass
class Items:
    """A sequence."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass
class Fields:
    """A mapping with the places of its keys."""

    line: int
    column: int
    fields: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)


Node = Scalar | Items | Fields


class NodeProblem(Exception):
    """Ends the reading; `parse_nodes` turns it into a PlanError."""

    def __init__(self, mark: Any | None, text: str, path: Path = ()) -> None:
        super().__init__(text)
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        self.problem = Problem(line, column, dotted(path), text)


def parse_nodes(text: str, source_name: str) -> Node:
    """Parse one YAML document.

    Args:
        text: the document, at most `MAX_BYTES` in UTF-8.
        source_name: the file, for messages.

    Raises:
        PlanError: it isn't YAML, or uses more of YAML than a plan may.
    """
    _check_text(text, source_name)
    try:
        return _Reader(text).document()
    except NodeProblem as error:
        raise PlanError(source_name, [error.problem]) from None
    except yaml.MarkedYAMLError as error:
        mark, what = explained(error, text)
        raise PlanError(source_name, [NodeProblem(mark, f"is not valid YAML: {what}").problem]) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML's pure scanner lets chr() fail on \UFFFFFFFF
        raise PlanError(source_name, [Problem(0, 0, "", "is not valid YAML")]) from None


def _check_text(text: str, source_name: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PlanError(source_name, [Problem(0, 0, "", "is larger than 1 MiB; a plan is a small file")])
    found = _UNSAFE.search(text)
    if found:
        raise PlanError(source_name, [_problem_at(text, found.start(), _invisible(found[0]))])
    found = _NO_SPACE.search(text)
    if found:
        what = f"holds a space that YAML does not know, U+{ord(found[1]):04X}; write an ordinary one"
        raise PlanError(source_name, [_problem_at(text, found.start(1), what)])
    found = _FLOW_BOMB.search(text)
    if found:
        raise PlanError(source_name, [_problem_at(text, found.start(), _too_deep())])


def _problem_at(text: str, index: int, what: str) -> Problem:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Problem(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, "", what)


def _invisible(char: str) -> str:
    return f"holds a control or invisible character, U+{ord(char):04X}"


def _too_deep() -> str:
    return f"is nested more than {MAX_DEPTH} levels deep"


class _Reader:
    """Pulls events and builds nodes; recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._count = 0

    def document(self) -> Node:
        """Read the only document of the text. Raises NodeProblem with the place of what is refused."""
        next(self._events)  # the stream starts
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            raise NodeProblem(None, "is empty; a plan has at least source, target, tables and method")
        if first.tags:
            raise NodeProblem(first.start_mark, "plans have no tags: remove the %TAG line")
        node = self._node(next(self._events), (), 1)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise NodeProblem(after.start_mark, "a second document starts here; a plan is one document")
        return node

    def _node(self, event: Any, path: Path, depth: int) -> Node:
        self._refuse(event, path, depth)
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(line, column, self._text(event, path), not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(child := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(child, (*path, len(items)), depth + 1))
            return Items(line, column, items)
        mapping = Fields(line, column)
        while not isinstance(child := next(self._events), yaml.MappingEndEvent):
            key = self._key(child, mapping, path, depth)
            mapping.fields[key] = self._node(next(self._events), (*path, key), depth + 1)
        return mapping

    def _refuse(self, event: Any, path: Path, depth: int) -> None:
        self._count += 1
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise NodeProblem(mark, "plans have no aliases (*name): write the value out", path)
        if event.anchor is not None:
            raise NodeProblem(mark, "plans have no anchors (&name): write the value out where it is needed", path)
        if event.tag is not None:
            raise NodeProblem(mark, "plans have no tags (!name): write the plain value", path)
        if depth > MAX_DEPTH:
            raise NodeProblem(mark, _too_deep(), path[:3])
        if self._count > MAX_NODES:
            raise NodeProblem(mark, f"holds more than {MAX_NODES:,} values")

    def _text(self, event: Any, path: Path) -> str:
        value = str(event.value)
        if shown(value, len(value) + 1) != value:
            unsafe = next(char for char in value if shown(char) != char)
            broken = "holds a line break; write it in one line" if unsafe == "\n" else _invisible(unsafe)
            raise NodeProblem(event.start_mark, broken, path)
        return value

    def _key(self, event: Any, mapping: Fields, path: Path, depth: int) -> str:
        self._refuse(event, path, depth + 1)
        if not isinstance(event, yaml.ScalarEvent):
            raise NodeProblem(event.start_mark, "a field's name must be text", path)
        key = self._text(event, path)
        mark: Any = event.start_mark
        if key == "<<" and not event.style:
            raise NodeProblem(mark, "plans have no merge keys (<<): write the fields out", path)
        if key in mapping.keys:
            first = mapping.keys[key]
            raise NodeProblem(mark, f"stands twice, first in line {first.line}", (*path, key))
        mapping.keys[key] = Scalar(mark.line + 1, mark.column + 1, key, not event.style)
        return key
