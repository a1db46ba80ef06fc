"""The wizard's questions line by line, for consoles and screen readers that can't do full screen.

Options, table settings and the rest are asked as their models declare them; a new field or method needs no edit here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Union, get_args, get_origin

from ddbtui.errors import Exit, UserError
from ddbtui.flow import Draft, SideDraft, matching
from ddbtui.plan import model
from ddbtui.plan.model import Plan, Side, TableChoice, TargetTable
from ddbtui.plan.wording import PATTERNS
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from ddbtui.aws.table import Table
    from ddbtui.methods.base import Method
    from ddbtui.service import Service

_READERS = 8
_MANY = 200
"""More tables than this are not offered one by one."""
_ASKED_LATER: tuple[str, ...] = ("carry_over", "changes", "proof", "clean_up")


@dataclass(frozen=True)
class Choice:
    """One answer to choose. `refused` says why it can't be chosen; `chosen` whether it is at first."""

    title: str
    value: Any
    refused: str = ""
    chosen: bool = False


class Asker(Protocol):
    """Asks a person. All raise KeyboardInterrupt when the person has had enough."""

    def say(self, text: str) -> None:
        """Tell something."""

    def confirm(self, question: str, default: bool = False) -> bool:
        """Ask for yes or no."""

    def text(self, question: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        """Ask for a line. `check` returns what is wrong with it, or nothing."""

    def select(self, question: str, choices: Sequence[Choice], default: Any = None) -> Any:
        """Ask for one of several; returns its value."""

    def checkbox(self, question: str, choices: Sequence[Choice], check: Callable[[list[Any]], str]) -> list[Any]:
        """Ask for any number of several; returns their values."""


def ask_plan(service: Service, ask: Asker) -> Plan:
    """Ask for everything that a plan holds.

    Args:
        service: knows profiles, tables and methods.
        ask: asks the person.

    Raises:
        UserError: there is nothing to choose from.
        KeyboardInterrupt: the person left.
    """
    models = {method.id: method.options for method in service.methods()}
    draft = _ask_account(service, ask, Draft(), "source")
    draft = _ask_account(service, ask, draft, "target")
    draft = _ask_tables(service, ask, draft)
    draft = _ask_method(service, ask, draft)
    known = _known(draft)
    ask.say("Options of the method")
    draft = draft.with_options(draft.method, _ask_fields(ask, models[draft.method], known, skip=("type",)))
    ask.say("The new tables")
    draft = replace(draft, target_table=TargetTable(**_ask_fields(ask, TargetTable, known)))
    answers = {name: _ask_field(ask, name, Plan.model_fields[name], known) for name in _ASKED_LATER}
    return replace(draft, **answers).plan(models)


# ---- accounts


def _ask_account(service: Service, ask: Asker, draft: Draft, side: Side) -> Draft:
    """Ask until AWS says whose credentials these are."""
    profiles = service.profiles()
    while True:
        choices = [Choice(_described(p.name, p.detail, p.region), p.name) for p in profiles]
        choices.append(Choice("(the default credentials of this environment)", ""))
        name = str(ask.select(f"Profile of the {side} account", choices))
        region = next((profile.region for profile in profiles if profile.name == name), None) or ""
        found = SideDraft(profile=name or None, chosen=True)
        found = replace(found, aws_region=ask.text(f"Region of the {side} tables", region, _form(model.REGION)))
        found = _ask_role(ask, found, side)
        try:
            identity = service.identify(side, found.reference())
        except UserError as error:
            ask.say(f"{error.message}\n{error.hint}".strip())
            continue
        if side == "target" and identity.account_id == draft.source.pin:
            ask.say(f"source and target are the same account ({identity.account_id}); choose another profile")
            continue
        ask.say(f"{side}: account {identity.account_id}, {shown(identity.arn)}")
        return draft.with_side(side, replace(found, pin=identity.account_id, verified=True))


def _ask_role(ask: Asker, found: SideDraft, side: Side) -> SideDraft:
    role = ask.text(f"Role to assume in the {side} account (empty: none)", "", _form(model.ROLE_ARN, optional=True))
    if not role:
        return found
    variable = ask.text(
        "Environment variable that holds the role's external id (empty: none)", "", _form(model.ENV_NAME, optional=True)
    )
    session = ask.text("Role session name (empty: a name of ddbtui's)", "", _form(model.SESSION_NAME, optional=True))
    return replace(found, role_arn=role, external_id_env=variable, session_name=session)


def _described(name: str, detail: str, region: str | None) -> str:
    return shown(f"{name} ({detail}{f', {region}' if region else ''})")


# ---- tables and method


def _ask_tables(service: Service, ask: Asker, draft: Draft) -> Draft:
    ask.say("Reading the names of the tables")
    names = [name for page in service.table_names("source", draft.source.reference()) for name in page]
    if not names:
        where = f"{draft.source.pin} {draft.source.aws_region}"
        raise UserError(f"there are no tables in {where}", "Choose another account or region.", Exit.USAGE)
    ways = [
        Choice(f"one by one, out of {plural(len(names), 'table')}", "names", _too_many(names)),
        Choice("by name or pattern, e.g. shop-*", "patterns"),
    ]
    if ask.select("How do you want to choose the tables?", ways) == "names":
        chosen = ask.checkbox("Tables to move", [Choice(name, name) for name in names], _at_least_one)
        tables = [TableChoice(name=name) for name in chosen]
    else:
        text = ask.text("Names or patterns, with commas between", "", lambda line: _patterns_wrong(line, names))
        tables = [TableChoice(name=part) for part in _parts(text)]
    exact = [table for table in tables if not table.is_pattern]
    if exact and ask.confirm("Give a new table another name than its source has?"):
        tables = [table if table.is_pattern else _renamed(ask, table) for table in tables]
    draft = replace(draft, tables=tuple(tables))
    ask.say(f"{plural(len(matching(draft.tables, names)), 'table')} chosen")
    return draft


def _too_many(names: Sequence[str]) -> str:
    return f"more than {_MANY}: use names or patterns" if len(names) > _MANY else ""


def _at_least_one(chosen: list[Any]) -> str:
    return "" if chosen else "choose at least one"


def _parts(line: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in line.split(",") if part.strip()))


def _patterns_wrong(line: str, names: Sequence[str]) -> str:
    if not _parts(line):
        return "name at least one table"
    for part in _parts(line):
        try:
            choice = TableChoice(name=part)
        except ValueError:
            return f"'{shown(part, 60)}' is neither a table name nor a pattern"
        if not any(choice.matches(name) for name in names):
            return f"no table matches '{shown(part, 60)}'"
    return ""


def _renamed(ask: Asker, table: TableChoice) -> TableChoice:
    name = ask.text(f"Name of the copy of {table.name}", table.name, _form(model.TABLE_NAME))
    return TableChoice(name=table.name, target_name=name if name != table.name else None)


def _ask_method(service: Service, ask: Asker, draft: Draft) -> Draft:
    names = [name for page in service.table_names("source", draft.source.reference()) for name in page]
    wanted = matching(draft.tables, names)
    ask.say(f"Reading {plural(len(wanted), 'table')}")
    source = draft.source.reference()
    with ThreadPoolExecutor(_READERS, thread_name_prefix="ddbtui-inventory") as pool:
        tables = list(pool.map(lambda name: service.inventory("source", source, name), wanted))
    choices = [
        Choice(f"{method.id}: {method.title}", method.id, _refusal(method, tables)) for method in service.methods()
    ]
    if all(choice.refused for choice in choices):
        reasons = "\n".join(f"{choice.value}: {choice.refused}" for choice in choices)
        raise UserError("no method can move these tables together", reasons, Exit.USAGE)
    draft = replace(draft, method=str(ask.select("Method", choices)))
    method = next(method for method in service.methods() if method.id == draft.method)
    for table in tables:
        for reason in method.suits(table).reasons:
            ask.say(f"{table.name}: {shown(reason)}")
    return draft


def _refusal(method: Method, tables: Sequence[Table]) -> str:
    """Why a method can't be chosen: the reasons of the first table that it can't move."""
    if not method.available:
        return "not available yet"
    verdicts = [(table, method.suits(table)) for table in tables]
    unsuited = [(table, verdict) for table, verdict in verdicts if not verdict.suits]
    if not unsuited:
        return ""
    table, verdict = unsuited[0]
    more = f" (and {len(unsuited) - 1} more)" if len(unsuited) > 1 else ""
    return f"{table.name} {'; '.join(verdict.reasons)}{more}"


# ---- fields, as their models declare them


def _known(draft: Draft) -> Mapping[str, str]:
    return {
        "source_account_id": draft.source.pin,
        "source_region": draft.source.aws_region,
        "target_account_id": draft.target.pin,
        "target_region": draft.target.aws_region,
    }


def _ask_fields(ask: Asker, of: type[BaseModel], known: Mapping[str, str], skip: Sequence[str] = ()) -> dict[str, Any]:
    """Ask for each field of a model; what stays at its default is left out."""
    answers: dict[str, Any] = {}
    for name, info in of.model_fields.items():
        if name not in skip:
            answer = _ask_field(ask, name, info, known)
            if info.is_required() or answer != info.default:
                answers[name] = answer
    return answers


def _ask_field(ask: Asker, name: str, info: FieldInfo, known: Mapping[str, str]) -> Any:
    question = f"{name.replace('_', ' ')}: {info.description}"
    arms = _arms(info.annotation)
    default = None if info.is_required() else info.default
    if bool in arms:
        return ask.confirm(question, bool(default))
    nested = next((arm for arm in arms if hasattr(arm, "model_fields")), None)
    if nested is not None:
        wanted = info.is_required() or ask.confirm(f"{question}. Set it?", default is not None)
        return _ask_fields(ask, nested, known) if wanted else default
    words = [word for arm in arms if get_origin(arm) is Literal for word in get_args(arm)]
    free = [arm for arm in arms if get_origin(arm) is not Literal and arm is not type(None)]
    if not words:
        return _ask_text(ask, question, info, known)
    if len(words) == 1 and not free:
        return words[0]  # nothing to choose yet
    choices = [Choice(str(word), word) for word in words]
    if free:
        choices.append(Choice("something else", "", chosen=False))
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
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
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
        detail = error.errors()[-1]
        words = PATTERNS.get(str(detail.get("ctx", {}).get("pattern", "")))
        return f"must be {words}" if words else shown(detail["msg"])
    return ""


def _form(pattern: str, optional: bool = False) -> Callable[[str], str]:
    import re

    def check(line: str) -> str:
        fits = (optional and not line) or re.fullmatch(pattern, line)
        return "" if fits else f"must be {PATTERNS.get(pattern, 'of another form')}"

    return check


def _arms(annotation: Any) -> list[Any]:
    """The arms of a union, or the type itself, without what pydantic hangs on it."""
    if hasattr(annotation, "__metadata__"):
        return _arms(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        return [arm for part in get_args(annotation) for arm in _arms(part)]
    return [annotation]
