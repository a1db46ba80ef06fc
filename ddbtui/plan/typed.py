"""Nodes to the plain data that the plan's models take.

The models say which type a field has; the file never does. What a model can't say well is said here: unknown fields,
secrets, values of the wrong shape, empty values. All problems are collected, none ends the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ddbtui.plan.model import MethodOptions
from ddbtui.plan.nodes import Fields, Items, Node, Scalar
from ddbtui.plan.problem import FIELDS_HINT, WITHOUT_HINT, Path, Problem, dotted
from ddbtui.plan.scalars import no_number, no_truth, to_number
from ddbtui.text import did_you_mean, shown

Methods = Mapping[str, type[MethodOptions]]

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_SECRET = re.compile(
    r"secret|passw|token|credential|external_?id$|(access|private|api|session)_?key|(^|_)(pin|mfa|otp|auth)(_|$)"
)


class Typing:
    """One walk over a plan's nodes.

    Attributes:
        problems: what was found, with the path of each.
        meant: paths that a misspelt field stood for, so that they needn't be called missing too.
        infos: the declaration of every field of every model on the way.
    """

    def __init__(self, methods: Methods) -> None:
        self._methods = methods
        self.problems: dict[Path, Problem] = {}
        self.meant: set[Path] = set()
        self.infos: dict[Path, FieldInfo] = {}

    def model(self, node: Fields, model: type[BaseModel], path: Path) -> dict[str, Any]:
        """Return the data of a mapping that a model describes."""
        known = model.model_fields
        self.infos.update({(*path, name): info for name, info in known.items()})
        data: dict[str, Any] = {}
        for name, child in node.fields.items():
            if name in known:
                data[name] = self._value(child, list(_arms(known[name].annotation)), (*path, name))
            else:
                self._unknown(node.keys[name], known, path)
        return data

    def _problem(self, node: Node, path: Path, text: str, hint: str = FIELDS_HINT) -> None:
        self.problems.setdefault(path, Problem(node.line, node.column, dotted(path), text, hint))

    def _unknown(self, key: Scalar, known: Mapping[str, FieldInfo], path: Path) -> None:
        where = (*path, key.value)
        word = re.sub(r"[\s-]+", "_", key.value.strip().lower())
        if _SECRET.search(word):
            text = "plans hold no secrets; take this line out"
            self._problem(key, where, text, WITHOUT_HINT)
            return
        suggestion = did_you_mean(word, known)
        self.meant.update((*path, name) for name in known if f"'{name}'" in suggestion)
        self._problem(key, where, f"unknown field{suggestion or '; known are ' + ', '.join(known)}")

    def _value(self, node: Node, arms: list[Any], path: Path) -> Any:
        if isinstance(node, Scalar):
            return self._scalar(node, arms, path)
        if isinstance(node, Items):
            item = next((_item_of(arm) for arm in arms if _is_sequence(arm)), None)
            if item is None:
                self._problem(node, path, f"takes {_shapes(arms)}, not a list")
                return None
            return [self._value(child, list(_arms(item)), (*path, n)) for n, child in enumerate(node.items)]
        return self._mapping(node, arms, path)

    def _mapping(self, node: Fields, arms: list[Any], path: Path) -> Any:
        for arm in arms:
            if _is_model(arm):
                model = self._method(node, path) if arm is MethodOptions else arm
                return self.model(node, model, path) if model else {}
            if get_origin(arm) is dict:
                of = list(_arms(get_args(arm)[1]))
                return {key: self._value(child, of, (*path, key)) for key, child in node.fields.items()}
        self._problem(node, path, f"takes {_shapes(arms)}, not fields")
        return None

    def _method(self, node: Fields, path: Path) -> type[MethodOptions] | None:
        named = node.fields.get("type")
        if not isinstance(named, Scalar) or (named.plain and named.value in _NOTHING):
            at = (*path, "type") if named else path
            self._problem(named or node, at, f"needs a 'type', one of {', '.join(self._methods)}")
            return None
        if named.value not in self._methods:
            near = did_you_mean(named.value.strip().lower(), self._methods)
            known = near or f"; known are {', '.join(self._methods)}"
            self._problem(named, (*path, "type"), f"no method is called '{shown(named.value, 40)}'{known}")
            return None
        return self._methods[named.value]

    def _scalar(self, node: Scalar, arms: list[Any], path: Path) -> Any:
        if node.plain and node.value in _NOTHING:
            if NoneType not in arms:
                self._problem(node, path, f"has no value{self._instead(node, arms, path)}")
            return None
        kinds = {kind for arm in arms for kind in _scalar_kinds(arm)}
        if not kinds:
            self._problem(node, path, f"needs {_shapes(arms)}{_example(arms, self._methods)}")
        number = to_number(node.value, kinds) if node.plain else None
        if number is not None:
            return number
        if bool in kinds and node.plain and node.value in ("true", "false"):
            return node.value == "true"
        if kinds and str not in kinds:
            self._problem(node, path, _neither(node, arms, kinds))
        return node.value

    def _instead(self, node: Scalar, arms: list[Any], path: Path) -> str:
        """What to do about nothing where something must be."""
        if any(_is_model(arm) for arm in arms):
            return f"; it needs fields below it, indented{_example(arms, self._methods)}"
        is_name = len(node.value) > 1 and _takes(self.infos.get(path), node.value)
        return f"; write '{node.value}' in quotes if that is its name" if is_name else ""


def _takes(info: FieldInfo | None, text: str) -> bool:
    """Whether a field could have this text."""
    try:
        return info is not None and bool(TypeAdapter(info.rebuild_annotation()).validate_python(text))
    except ValidationError:
        return False


def _arms(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without their constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _arms(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for arm in get_args(annotation):
            yield from _arms(arm)
    else:
        yield annotation


def _is_model(arm: Any) -> bool:
    return isinstance(arm, type) and issubclass(arm, BaseModel)


def _is_sequence(arm: Any) -> bool:
    return get_origin(arm) in (tuple, list, frozenset, set)


def _item_of(arm: Any) -> Any:
    return get_args(arm)[0]


def _scalar_kinds(arm: Any) -> set[type]:
    if get_origin(arm) is Literal:
        return {type(value) for value in get_args(arm)}
    return {arm} if arm in (str, int, float, bool) else set()


def _shapes(arms: list[Any]) -> str:
    """What a field takes, for people."""
    shapes = []
    if any(_scalar_kinds(arm) for arm in arms):
        shapes.append("a value")
    if any(_is_sequence(arm) for arm in arms):
        shapes.append("a list")
    if any(_is_model(arm) or get_origin(arm) is dict for arm in arms):
        shapes.append("fields")
    return " or ".join(shapes)


def _example(arms: list[Any], methods: Methods) -> str:
    """An example of the fields that a model needs."""
    model = next((arm for arm in arms if _is_model(arm)), None)
    if model is MethodOptions:
        return f", e.g. {{type: {next(iter(methods), 's3-import')}}}"
    fields = model.model_fields if model else {}
    needed = [name for name, info in fields.items() if info.is_required()] or list(fields)[:2]
    return f", e.g. {{{', '.join(f'{name}: ...' for name in needed)}}}" if needed else ""


def _neither(node: Scalar, arms: list[Any], kinds: set[type]) -> str:
    """What text should be that is neither a number nor a truth value, where only these will do."""
    if bool in kinds:
        return no_truth(node.value, node.plain)
    exact = [str(value) for arm in arms if get_origin(arm) is Literal for value in get_args(arm)]
    if exact:
        quoted = not node.plain and node.value in exact
        return f"must be {' or '.join(exact)}" + (", without quotes" if quoted else "")
    return no_number(node.value, node.plain, float not in kinds)
