"""Questions for the fields of any model, as the model declares them. A new field or method needs no edit here.

A field may carry `json_schema_extra={"suggest": "ddbtui-{target_account_id}-{target_region}"}`: it is offered first.
With `{"choose": NAME}` it is asked for out of a list (`ddbtui.prompts.offers`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from ddbtui.plan import model
from ddbtui.plan.wording import sentence
from ddbtui.prompts.asker import Asker, Choice

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


Lists = Mapping[str, Callable[[Mapping[str, Any]], Sequence[Choice]]]
"""Name of a list → what it has, given the answers so far."""
_NO_LISTS: Lists = {}


def ask_fields(
    ask: Asker, of: type[BaseModel], known: Mapping[str, str], skip: Sequence[str] = (), lists: Lists = _NO_LISTS
) -> dict[str, Any]:
    """Ask for each field of a model; what stays at its default is left out."""
    answers: dict[str, Any] = {}
    for name, info in of.model_fields.items():
        if name not in skip:
            wanted = lists.get(str(_extra(info).get("choose", "")))
            choices = wanted(answers) if wanted else ()
            answer = _ask_list_of(ask, name, info, choices) if choices else ask_field(ask, name, info, known)
            if info.is_required() or answer != info.default:
                answers[name] = answer
    return answers


def _ask_list_of(ask: Asker, name: str, info: FieldInfo, choices: Sequence[Choice]) -> Any:
    """Ask for one of what there is, or for something else."""
    question = f"{name.replace('_', ' ')}: {info.description}"
    answer = ask.select(question, [*choices, Choice("something else", "")], info.default)
    return answer or _ask_text(ask, question, info, {}, other=True)


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def ask_field(ask: Asker, name: str, info: FieldInfo, known: Mapping[str, str]) -> Any:
    """Ask for one field of a model.

    Args:
        ask: asks the person.
        name: of the field.
        info: its declaration.
        known: what suggestions may name, e.g. `target_account_id`.
    """
    question = f"{name.replace('_', ' ')}: {info.description}"
    arms = _arms(info.annotation)
    default = None if info.is_required() else info.default
    if bool in arms:
        return ask.confirm(question, bool(default))
    nested = next((arm for arm in arms if hasattr(arm, "model_fields")), None)
    if nested is not None:
        wanted = info.is_required() or ask.confirm(f"{question}. Set it?", default is not None)
        return ask_fields(ask, nested, known) if wanted else default
    words = [word for arm in arms if get_origin(arm) is Literal for word in get_args(arm)]
    free = [arm for arm in arms if get_origin(arm) is not Literal and arm is not type(None)]
    if not words:
        return _ask_text(ask, question, info, known)
    if len(words) == 1 and not free:
        return words[0]  # nothing to choose yet
    choices = [Choice(str(word), word) for word in words]
    if free:
        choices.append(Choice("something else", ""))
    answer = ask.select(question, choices, default)
    if answer != "" or not free:
        return answer
    return (
        _ask_list(ask, question) if get_origin(free[0]) is tuple else _ask_text(ask, question, info, known, other=True)
    )


def _ask_list(ask: Asker, question: str) -> tuple[str, ...]:
    choices = [Choice(name, name, chosen=True) for name in model.CARRY_OVER]
    return tuple(ask.checkbox(question, choices, lambda _chosen: ""))


def _ask_text(ask: Asker, question: str, info: FieldInfo, known: Mapping[str, str], other: bool = False) -> Any:
    """Ask for a line; with `other` for something else than the default."""
    extra = _extra(info)
    start = "" if other or info.is_required() or info.default is None else str(info.default)
    start = start or str(extra.get("suggest", "")).format_map(known)
    optional = not info.is_required() and info.default is None
    text = ask.text(question + (" (empty: none)" if optional else ""), start, lambda line: _wrong(info, line, optional))
    return None if optional and not text else _typed(info, text)


def _typed(info: FieldInfo, text: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(info.rebuild_annotation()).validate_python(text)


def _wrong(info: FieldInfo, line: str, optional: bool) -> str:
    """What is wrong with an answer, in words, or nothing."""
    from pydantic import ValidationError

    if optional and not line:
        return ""
    try:
        _typed(info, line)
    except ValidationError as error:
        return sentence(error.errors()[-1], info)
    return ""


def _arms(annotation: Any) -> list[Any]:
    """The arms of a union, or the type itself, without what pydantic hangs on it."""
    if hasattr(annotation, "__metadata__"):
        return _arms(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        return [arm for part in get_args(annotation) for arm in _arms(part)]
    return [annotation]
