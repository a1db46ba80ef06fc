"""A form for the options of any method, made from its own declaration.

A field may carry `json_schema_extra={"suggest": "ddbtui-{target_account_id}-{target_region}"}`: the wizard then fills
it in at first. With `{"choose": NAME}` a button beside it opens a list of what there is (`ddbtui.prompts.offers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Select

from ddbtui.screens.widgets.plain import Plain
from ddbtui.text import shown


@dataclass(frozen=True)
class Field:
    """One value of an options model. `path` leads to it through nested models; `words` are all it may be, if few."""

    path: tuple[str, ...]
    kind: Literal["text", "number", "flag", "word", "list"]
    required: bool
    default: Any
    description: str
    words: tuple[str, ...] = ()
    suggest: str = ""
    choose: str = ""
    title: str = ""

    @property
    def label(self) -> str:
        """What stands before the field: its title, if it has one, or its name."""
        return (self.title or self.path[-1].replace("_", " ")).lower()


def fields_of(model: type[BaseModel], above: tuple[str, ...] = (), optional: bool = False) -> Iterator[Field]:
    """Yield the values that a model takes, nested ones flattened; `type` names the method and is left out."""
    for name, info in model.model_fields.items():
        if not above and name == "type":
            continue
        inner = _bare(info.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields_of(inner, (*above, name), optional or not info.is_required())
        else:
            yield _field((*above, name), info, inner, info.is_required() and not optional)


def _field(path: tuple[str, ...], info: FieldInfo, inner: Any, required: bool) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    default = None if info.default is PydanticUndefined else info.default
    common = (required, default, info.description or "")
    if get_origin(inner) is Literal:
        return Field(path, "word", *common, words=tuple(str(word) for word in get_args(inner)))
    kind: Literal["text", "number", "flag", "list"] = "text"
    if inner is bool:
        kind = "flag"
    elif inner in (int, float):
        kind = "number"
    elif get_origin(inner) in (tuple, list):
        kind = "list"
    suggest, choose = str(extra.get("suggest", "")), str(extra.get("choose", ""))
    return Field(path, kind, *common, suggest=suggest, choose=choose, title=info.title or "")


def _bare(annotation: Any) -> Any:
    """The annotation without `| None`, and without what pydantic hangs on it."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else str
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation


def form_id(path: tuple[str, ...]) -> str:
    """The id of the widget of that field; reasons name it."""
    return "option-" + "-".join(path)


class OptionsForm(Vertical):
    """The fields of one method's options.

    Args:
        model: the declaration.
        values: what was answered before, nested as in a plan.
        known: what suggestions may name, e.g. `target_account_id`.
    """

    class Choose(Message):
        """The user wants to choose a field's value from a list."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    def __init__(self, model: type[BaseModel], values: Mapping[str, Any], known: Mapping[str, str]) -> None:
        super().__init__(classes="options-form")
        self._fields = tuple(fields_of(model))
        self._values = values
        self._known = known

    def compose(self) -> ComposeResult:
        """A line for the field, a line for what it means."""
        if not self._fields:
            yield Plain("This method has no options.")
        for field in self._fields:
            with Horizontal(classes="field"):
                yield Plain(f"{field.label}{' *' if field.required else ''}", classes="label")
                yield self._widget(field)
                if field.choose:
                    yield Button("list", id=f"choose-{form_id(field.path)}", compact=True, classes="choose")
            yield Plain(shown(field.description), classes="field-hint")

    def _widget(self, field: Field) -> Input | Select[str]:
        value = self._value(field)
        if field.kind in ("word", "flag"):
            words = field.words or ("no", "yes")
            chosen = ("yes" if value else "no") if field.kind == "flag" else str(value if value in words else words[0])
            return Select(
                [(w, w) for w in words], value=chosen, allow_blank=False, id=form_id(field.path), compact=True
            )
        text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else "" if value is None else str(value)
        if not text and field.suggest and not self._values:
            text = field.suggest.format_map(self._known)
        return Input(text, id=form_id(field.path), compact=True, placeholder="" if field.required else "optional")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Say which field is to be chosen from a list."""
        event.stop()
        for field in self._fields:
            if event.button.id == f"choose-{form_id(field.path)}":
                self.post_message(self.Choose(field))

    def put(self, field: Field, value: str) -> None:
        """Fill a field in."""
        widget = self.query_one(f"#{form_id(field.path)}", Input)
        widget.value = value
        widget.focus()

    def _value(self, field: Field) -> Any:
        here: Any = self._values
        for part in field.path:
            if not isinstance(here, Mapping) or part not in here:
                return field.default
            here = here[part]
        return here

    def values(self) -> dict[str, Any]:
        """What stands in the form, as a plan holds it; what is empty or the default is left out."""
        result: dict[str, Any] = {}
        for field in self._fields:
            value = self._read(field)
            if value is None or value == field.default:
                continue
            place = result
            for part in field.path[:-1]:
                place = place.setdefault(part, {})
            place[field.path[-1]] = value
        return result

    def _read(self, field: Field) -> Any:
        widget = self.query_one(f"#{form_id(field.path)}")
        if isinstance(widget, Select):
            return widget.value == "yes" if field.kind == "flag" else widget.value
        assert isinstance(widget, Input)
        text = widget.value.strip()
        if not text:
            return None
        if field.kind == "list":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if field.kind == "number":
            try:
                return float(text) if "." in text else int(text)
            except ValueError:
                return text
        return text
