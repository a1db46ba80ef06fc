"""The wizard's questions line by line, for consoles and screen readers that can't do full screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ddbtui.draft import Draft, SideDraft, complaints, matching
from ddbtui.errors import Exit, UserError
from ddbtui.plan import model
from ddbtui.plan.model import Plan, Side, TableChoice, TargetTable
from ddbtui.plan.wording import PATTERNS
from ddbtui.prompts.asker import Asker, Choice
from ddbtui.prompts.fields import ask_field, ask_fields
from ddbtui.prompts.offers import OFFERS, Models, Offer
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.aws.table import Table
    from ddbtui.methods.base import Method
    from ddbtui.service import Service

_READERS = 8
_MANY = 200
"""More tables than this are not offered one by one."""
_ASKED_LATER: tuple[str, ...] = ("carry_over", "changes", "clean_up")


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
    names = _table_names(service, ask, draft)
    draft = _ask_tables(ask, draft, names)
    draft = _ask_method(service, ask, draft, matching(draft.tables, names))
    known = _known(draft)
    draft = replace(draft, proof=ask_field(ask, "proof", Plan.model_fields["proof"], known))
    draft = _ask_options(service, ask, draft, models)
    draft = _ask_management(service, ask, draft)
    draft = _ask_target_table(ask, draft, models)
    answers = {name: ask_field(ask, name, Plan.model_fields[name], known) for name in _ASKED_LATER}
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
        what = "account" if side == "management" else "tables"
        found = replace(found, aws_region=ask.text(f"Region of the {side} {what}", region, _form(model.REGION)))
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


def _ask_management(service: Service, ask: Asker, draft: Draft) -> Draft:
    """Ask for the third account where a remedy of the method may need it."""
    method = next(method for method in service.methods() if method.id == draft.method)
    if not method.management_helps:
        return draft
    wanted = ask.confirm("Name the organization's management account, for remedies that only it can apply?")
    return _ask_account(service, ask, draft, "management") if wanted else draft


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


def _table_names(service: Service, ask: Asker, draft: Draft) -> list[str]:
    ask.say("Reading the names of the tables")
    names = [name for page in service.table_names("source", draft.source.reference()) for name in page]
    if not names:
        where = f"{draft.source.pin} {draft.source.aws_region}"
        raise UserError(f"there are no tables in {where}", "Choose another account or region.", Exit.USAGE)
    return names


def _ask_tables(ask: Asker, draft: Draft, names: Sequence[str]) -> Draft:
    ways = [
        Choice(
            f"one by one, out of {plural(len(names), 'table')}",
            "names",
            f"more than {_MANY}" if len(names) > _MANY else "",
        ),
        Choice("by name or pattern, e.g. shop-*", "patterns"),
    ]
    if ask.select("How do you want to choose the tables?", ways) == "names":
        chosen = ask.checkbox(
            "Tables to move", [Choice(name, name) for name in names], lambda got: "" if got else "choose at least one"
        )
        tables = [TableChoice(name=name) for name in chosen]
    else:
        text = ask.text("Names or patterns, with commas between", "", lambda line: _patterns_wrong(line, names))
        tables = [TableChoice(name=part) for part in _parts(text)]
    exact = [table for table in tables if not table.is_pattern]
    if exact and ask.confirm("Give a new table another name than its source has?"):
        tables = [table if table.is_pattern else _renamed(ask, table) for table in tables]
    return replace(draft, tables=tuple(tables))


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


def _ask_method(service: Service, ask: Asker, draft: Draft, wanted: Sequence[str]) -> Draft:
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


def _ask_options(service: Service, ask: Asker, draft: Draft, models: Models) -> Draft:
    lists = {name: partial(_offered, service, ask, draft, models, offer) for name, offer in OFFERS.items()}

    def asked() -> Draft:
        ask.say("Options of the method")
        answers = ask_fields(ask, models[draft.method], _known(draft), skip=("type",), lists=lists)
        return draft.with_options(draft.method, answers)

    return _until_it_fits(ask, models, asked)


def _ask_target_table(ask: Asker, draft: Draft, models: Models) -> Draft:
    def asked() -> Draft:
        ask.say("The new tables")
        return replace(draft, target_table=TargetTable(**ask_fields(ask, TargetTable, _known(draft))))

    return _until_it_fits(ask, models, asked)


def _until_it_fits(ask: Asker, models: Models, asked: Callable[[], Draft]) -> Draft:
    """Ask until the answers fit each other, and those before."""
    while True:
        draft = asked()
        said = complaints(partial(draft.plan, models))
        if not said:
            return draft
        ask.say("\n".join(f"{where}: {text}" if where else text for where, text in said.items()))


def _offered(
    service: Service, ask: Asker, draft: Draft, models: Models, offer: Offer, answers: Mapping[str, Any]
) -> Sequence[Choice]:
    """What there is to choose from, or nothing with a word why: then it can still be typed."""
    try:
        return offer(service, draft.with_options(draft.method, answers), models)
    except UserError as error:
        ask.say(f"{error.message}\n{error.hint}".strip())
        return ()


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


def _known(draft: Draft) -> Mapping[str, str]:
    return {
        "source_account_id": draft.source.pin,
        "source_region": draft.source.aws_region,
        "target_account_id": draft.target.pin,
        "target_region": draft.target.aws_region,
    }


def _form(pattern: str, optional: bool = False) -> Callable[[str], str]:
    def check(line: str) -> str:
        fits = (optional and not line) or re.fullmatch(pattern, line)
        return "" if fits else f"must be {PATTERNS.get(pattern, 'of another form')}"

    return check
