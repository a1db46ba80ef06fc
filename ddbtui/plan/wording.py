"""What pydantic says about a plan, in our words: a path into the file and a sentence. Values are never repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ddbtui.plan import model
from ddbtui.plan.nodes import Fields, Items, Node, Scalar
from ddbtui.plan.problem import Path
from ddbtui.plan.scalars import DECIMAL, TRUTH, WHOLE
from ddbtui.text import did_you_mean, shown

PATTERNS: Mapping[str, str] = {
    model.ACCOUNT_ID: 'the 12 digits of an account in quotes, e.g. "012345678901"',
    model.REGION: "a region, e.g. eu-west-1",
    model.ROLE_ARN: "the ARN of an IAM role, e.g. arn:aws:iam::111111111111:role/Migration",
    model.KEY_ARN: "the ARN of a KMS key, e.g. arn:aws:kms:eu-west-1:222222222222:key/1234abcd-...",
    model.ENV_NAME: "the name of an environment variable, e.g. DDBTUI_EXTERNAL_ID",
    model.TABLE_NAME: "a table name of 3 to 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'",
    model.TABLE_PATTERN: "a table name, or a pattern with * and ?, e.g. shop-*, "
    "of at most 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'",
    model.GATE_NAME: "the name of a gate, e.g. writes-stopped",
    model.SESSION_NAME: "2 to 64 characters out of a-z, A-Z, 0-9 and _+=,.@-",
}
_BOUNDS = {
    "greater_than": ("gt", "greater than {:,}"),
    "greater_than_equal": ("ge", "at least {:,}"),
    "less_than": ("lt", "less than {:,}"),
    "less_than_equal": ("le", "at most {:,}"),
    "multiple_of": ("multiple_of", "a multiple of {:,}"),
    "string_too_short": ("min_length", "at least {:,} characters long"),
    "string_too_long": ("max_length", "at most {:,} characters long"),
}
_COUNTS = {"too_short": ("min_length", "a list of at least {:,}"), "too_long": ("max_length", "a list of at most {:,}")}
_KINDS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), DECIMAL),
    **dict.fromkeys(("bool_type", "bool_parsing"), TRUTH),
    "int_parsing_size": "a smaller number",
}


def translate(error: ValidationError, root: Node, infos: Mapping[Path, FieldInfo]) -> list[tuple[Path, str, bool]]:
    """Return path, sentence and whether the field is missing, one for each field that pydantic complains about.

    Args:
        error: what validating the plan's data raised.
        root: the nodes that the data came from.
        infos: the declarations of the fields, by path.
    """
    found: dict[Path, list[Any]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        loc = tuple(detail["loc"])
        found.setdefault(_real_path(loc, detail["type"], root), []).append(detail)
    return [
        (path, _sentence(details, path, _node_at(root, path), infos), details[0]["type"] == "missing")
        for path, details in found.items()
    ]


def _real_path(loc: Path, kind: str, root: Node) -> Path:
    """The path without the names that pydantic gives to the arms of a union."""
    path: list[str | int] = []
    node: Node | None = root
    for index, part in enumerate(loc):
        child = _child(node, part)
        if child is not None or (kind == "missing" and index == len(loc) - 1):
            path.append(part)
            node = child
    return tuple(path)


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Fields) and isinstance(part, str):
        return node.fields.get(part)
    if isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def _node_at(root: Node, path: Path) -> Node | None:
    node: Node | None = root
    for part in path:
        node = _child(node, part)
    return node


def _sentence(details: list[Any], path: Path, node: Node | None, infos: Mapping[Path, FieldInfo]) -> str:
    info = infos.get(path)
    described = shown(info.description or "") if info else ""
    if details[0]["type"] == "missing":
        return f"is missing ({described})" if described else "is missing"
    said = next((str(d["ctx"]["error"]) for d in details if d["type"] == "value_error"), "")
    if said:
        return said
    phrases = [_phrase(detail, info) for detail in details if _fits(detail["type"], node)]
    unique = list(dict.fromkeys(phrases or [_phrase(details[0], info)]))
    words = [word for detail in details for word in _expected(detail)]
    near = did_you_mean(node.value.strip().lower(), words) if isinstance(node, Scalar) and words else ""
    return f"must be {' or '.join(unique)}{near}"


def sentence(detail: Any, info: FieldInfo | None = None) -> str:
    """Return what one complaint of pydantic's means, for an answer that stands in no file.

    Args:
        detail: one of a ValidationError's errors.
        info: the declaration of the field, where it is known.
    """
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "value_error":
        return shown(detail["ctx"]["error"])
    return f"must be {_phrase(detail, info)}"


def _fits(kind: str, node: Node | None) -> bool:
    """Whether an arm of a union that complains so was meant at all: a list was not meant to be a word."""
    return kind != "literal_error" if isinstance(node, Items) else True


def _expected(detail: Any) -> list[str]:
    """The words that a field takes."""
    if detail["type"] != "literal_error":
        return []
    return [part.strip(" '") for part in detail["ctx"]["expected"].replace(" or ", ", ").split(",")]


def _phrase(detail: Any, info: FieldInfo | None) -> str:
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind == "literal_error":
        return " or ".join(", ".join(_expected(detail)).rsplit(", ", 1))
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(ctx["pattern"]) or _by_declaration(info)
    for bounds in (_BOUNDS, _COUNTS):
        if kind in bounds:
            name, words = bounds[kind]
            return words.format(ctx[name])
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in ("tuple_type", "list_type"):
        return "a list of names"
    return _by_declaration(info)


def _words(metadata: Iterable[Any], annotation: Any) -> Iterator[str]:
    """The `InWords` of a field's type and of the arms of its union."""
    yield from (mark.text for mark in metadata if isinstance(mark, model.InWords))
    for arm in get_args(annotation):
        yield from _words(getattr(arm, "__metadata__", ()), getattr(arm, "__origin__", None))


def _by_declaration(info: FieldInfo | None) -> str:
    """What a field takes, in its own words or from its description; raw patterns help nobody."""
    if info is None:
        return "another value"
    said = next(_words(info.metadata, info.annotation), None)
    if said or not info.description:
        return said or "another value"
    example = f", e.g. {info.examples[0]}" if info.examples else ""
    return f"as described: {info.description}{example}"
