"""A plan from YAML. Every error has file, line, column, field and what to do; all are reported at once."""

from __future__ import annotations

import codecs
import os
from pathlib import Path as FilePath

from pydantic import ValidationError

from ddbtui.plan.model import Plan
from ddbtui.plan.nodes import MAX_BYTES, Fields, Items, Node, parse_nodes
from ddbtui.plan.problem import Path, PlanError, Problem, dotted
from ddbtui.plan.typed import Methods, Typing
from ddbtui.plan.wording import translate

__all__ = ["PlanError", "load_plan", "parse_plan"]


def load_plan(path: str | os.PathLike[str], methods: Methods) -> Plan:
    """Read a plan from a file.

    Args:
        path: the YAML file, at most 1 MiB of UTF-8.
        methods: option models by method id.

    Raises:
        PlanError: the file can't be read, or what is in it is no plan.
    """
    name = os.fspath(path)
    try:
        with FilePath(name).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PlanError(name, [Problem(0, 0, "", *_unreadable(error))]) from None
    if len(raw) > MAX_BYTES:
        raise PlanError(name, [Problem(0, 0, "", "is larger than 1 MiB; a plan is a small file")])
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise PlanError(name, [Problem(1, 1, "", "is UTF-16 text, not UTF-8", "Save the file as UTF-8.")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        raise PlanError(name, [Problem(line, column, "", "is not UTF-8 text", "Save the file as UTF-8.")]) from None
    return parse_plan(text, name, methods)


def parse_plan(text: str, source_name: str, methods: Methods) -> Plan:
    """Read a plan from text.

    Args:
        text: YAML.
        source_name: what messages call it, usually the file.
        methods: option models by method id.

    Raises:
        PlanError: with every problem, in the order of the text.
    """
    root = parse_nodes(text, source_name)
    if not isinstance(root, Fields):
        what = "a plan has fields: source, target, tables and method"
        raise PlanError(source_name, [Problem(root.line, root.column, "", what)])
    typing = Typing(methods)
    data = typing.model(root, Plan, ())
    try:
        plan = Plan.model_validate(data, context={"methods": methods})
    except ValidationError as error:
        raise PlanError(source_name, [*typing.problems.values(), *_beyond(typing, error, root)]) from None
    if typing.problems:
        raise PlanError(source_name, list(typing.problems.values()))
    return plan


def _beyond(typing: Typing, error: ValidationError, root: Fields) -> list[Problem]:
    """What pydantic found and the walk over the nodes did not."""
    found = translate(error, root, typing.infos)
    paths = [*typing.problems, *(path for path, _, _ in found)]
    problems = []
    for path, text, missing in found:
        known = any(path[:length] in typing.problems for length in range(len(path) + 1))
        inside = any(len(other) > len(path) and other[: len(path)] == path for other in paths)
        if not known and not inside and not (missing and path in typing.meant):
            line, column = _place(root, path)
            problems.append(Problem(line, column, dotted(path), text))
    return problems


def _place(root: Node, path: Path) -> tuple[int, int]:
    """Line and column of a value, or of what should hold it."""
    node = root
    for part in path:
        if isinstance(node, Fields) and part in node.fields:
            node = node.fields[str(part)]
        elif isinstance(node, Items) and isinstance(part, int):
            node = node.items[part]
        else:
            break
    return node.line, node.column


def _unreadable(error: OSError | ValueError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file", "Make a plan with `ddbtui` or `ddbtui plan`."
    if isinstance(error, IsADirectoryError):
        return "is a directory, not a plan", "Name the YAML file in it."
    if isinstance(error, PermissionError):
        return "may not be read", "Check the permissions of the file."
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not one of a file"
    return f"can't be read: {reason}", "Check the path."
