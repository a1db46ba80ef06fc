"""Which question comes next, and back: the answers so far, and the way through them. Pure; knows no Textual."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ddbtui.plan import model
from ddbtui.plan.model import AccountRef, MethodOptions, Plan, Side, TableChoice, TargetTable
from ddbtui.text import plural, shown

if TYPE_CHECKING:
    from ddbtui.engine.snapshot import RunState

StepId = Literal["accounts", "tables", "method", "prerequisites", "review", "run", "report"]
STEPS: tuple[StepId, ...] = ("accounts", "tables", "method", "prerequisites", "review", "run", "report")
UNPINNED = "0" * 12
"""Stands where an account id must stand before anybody knows it."""


@dataclass(frozen=True)
class Reason:
    """Why a step can't be left yet. `where` names the field or widget that the reason is about."""

    where: str
    text: str


@dataclass(frozen=True)
class SideDraft:
    """What is known of one account so far.

    Args:
        chosen: whether a profile (or the default chain, when `profile` is None) was chosen.
        pin: the account id that must be behind the credentials, once known.
        verified: whether AWS was asked and answered with `pin`.
    """

    profile: str | None = None
    chosen: bool = False
    aws_region: str = ""
    role_arn: str = ""
    external_id_env: str = ""
    session_name: str = ""
    pin: str = ""
    verified: bool = False

    def reference(self) -> AccountRef:
        """Return the account as a plan writes it. Raises pydantic's ValidationError."""
        return AccountRef(
            profile=self.profile,
            region=self.aws_region,
            account_id=self.pin or UNPINNED,
            role_arn=self.role_arn or None,
            external_id_env=self.external_id_env or None,
            session_name=self.session_name or None,
        )

    def problems(self, side: Side) -> tuple[Reason, ...]:
        """Return what is wrong with the fields, without asking AWS."""
        if not self.chosen:
            return (Reason(f"{side}-profile", f"choose a profile for the {side} account"),)
        if not re.fullmatch(model.REGION, self.aws_region):
            return (Reason(f"{side}-region", f"the {side} region must be a region, e.g. eu-west-1"),)
        return tuple(
            Reason(f"{side}-{where}", f"{side}: {text}") for where, text in _complaints(self.reference).items()
        )


@dataclass(frozen=True)
class Draft:
    """The answers so far. Immutable; `plan` makes a plan of them. `options` are kept per method."""

    source: SideDraft = SideDraft()
    target: SideDraft = SideDraft()
    management: SideDraft = SideDraft()
    tables: tuple[TableChoice, ...] = ()
    method: str = ""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    target_table: TargetTable = field(default_factory=TargetTable)
    carry_over: Literal["all"] | tuple[str, ...] = "all"
    changes: str = "none"
    proof: str = "digest"
    clean_up: str = "staging"
    acknowledge: tuple[str, ...] = ()

    def side(self, side: Side) -> SideDraft:
        """The draft of one account."""
        return {"source": self.source, "target": self.target, "management": self.management}[side]

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that must be answered: two, and the management account once it was chosen."""
        return ("source", "target", "management") if self.management.chosen else ("source", "target")

    def with_side(self, side: Side, draft: SideDraft) -> Draft:
        """Return the answers with another account on one side."""
        answers: dict[str, Any] = {side: draft}
        return replace(self, **answers)

    def with_options(self, method: str, options: Mapping[str, Any]) -> Draft:
        """Return the answers with another method's, or other, options."""
        return replace(self, method=method, options={**self.options, method: dict(options)})

    def plan(self, models: Mapping[str, type[MethodOptions]]) -> Plan:
        """Make the plan. Raises pydantic's ValidationError while answers are missing or don't fit.

        Args:
            models: the option models of all methods, by id.
        """
        data = {
            "version": 1,
            "source": self.source.reference(),
            "target": self.target.reference(),
            "management": self.management.reference() if self.management.chosen else None,
            "tables": self.tables,
            "method": {"type": self.method, **self.options.get(self.method, {})},
            "target_table": self.target_table.model_dump(),  # checked anew: the wizard fills it unchecked
            "carry_over": self.carry_over,
            "changes": self.changes,
            "proof": self.proof,
            "clean_up": self.clean_up,
            "acknowledge": self.acknowledge,
        }
        return Plan.model_validate(data, context={"methods": models})

    @classmethod
    def from_plan(cls, plan: Plan) -> Draft:
        """Take the answers from a plan; its accounts stay pinned, but count as verified only when AWS was asked."""
        options = plan.method.model_dump(exclude={"type"}, exclude_none=True)
        return cls(
            source=_side_of(plan.source),
            target=_side_of(plan.target),
            management=_side_of(plan.management) if plan.management else SideDraft(),
            tables=plan.tables,
            method=plan.method.type,
            options={plan.method.type: options},
            target_table=plan.target_table,
            carry_over=plan.carry_over,
            changes=plan.changes,
            proof=plan.proof,
            clean_up=plan.clean_up,
            acknowledge=plan.acknowledge,
        )


@dataclass(frozen=True)
class Facts:
    """What the wizard learned that is no answer, as far as it decides whether a step can be left.

    Args:
        unsuited: tables that the chosen method can't move.
        unread: chosen tables whose inventory is not there yet.
        matched: how many tables the choices stand for.
        available: whether the chosen method is built.
        checked: whether all prerequisites have a finding.
        failing: how many of them fail.
        run_state: the state of the run, if one was started.
        run_going: whether it is at work in this process.
    """

    unsuited: int = 0
    unread: int = 0
    matched: int = 0
    available: bool = True
    checked: bool = False
    failing: int = 0
    run_state: RunState | None = None
    run_going: bool = False


def reasons(step: StepId, draft: Draft, facts: Facts, models: Mapping[str, type[MethodOptions]]) -> tuple[Reason, ...]:
    """Return why `step` can't be left forward; empty when it can."""
    if step == "accounts":
        return _accounts(draft)
    if step == "tables":
        return _tables(draft, facts)
    if step == "method":
        return _method(draft, facts, models)
    if step == "prerequisites":
        return _prerequisites(facts)
    return _running(step, facts)


def _accounts(draft: Draft) -> tuple[Reason, ...]:
    found = tuple(reason for side in draft.sides for reason in draft.side(side).problems(side))
    if found:
        return found
    waiting = tuple(
        Reason(f"{side}-profile", f"AWS has not confirmed the {side} account yet")
        for side in draft.sides
        if not draft.side(side).verified
    )
    if not waiting and draft.source.pin == draft.target.pin:
        return (Reason("target-profile", f"source and target are the same account ({draft.source.pin})"),)
    return waiting


def _tables(draft: Draft, facts: Facts) -> tuple[Reason, ...]:
    if not draft.tables:
        return (Reason("tables", "choose at least one table (space), or a pattern (p)"),)
    if not facts.matched:
        return (Reason("tables", "no table matches the chosen pattern"),)
    new_names = Counter(choice.target_name or choice.name for choice in draft.tables)
    return tuple(
        Reason("tables", f"{count} tables would become '{name}'; give one another name (t)")
        for name, count in new_names.items()
        if count > 1
    )


def _method(draft: Draft, facts: Facts, models: Mapping[str, type[MethodOptions]]) -> tuple[Reason, ...]:
    if draft.method not in models:
        return (Reason("methods", "choose a method"),)
    if not facts.available:
        return (Reason("methods", f"{draft.method} is not available yet"),)
    if facts.unread:
        return (Reason("methods", f"{plural(facts.unread, 'table')} could not be read or still are being read"),)
    if facts.unsuited:
        return (Reason("methods", f"{draft.method} can't move {plural(facts.unsuited, 'table')} of the chosen ones"),)
    chosen = {"type": draft.method, **draft.options.get(draft.method, {})}
    said = _complaints(lambda: models[draft.method].model_validate(chosen))
    if not said:
        said = _complaints(lambda: draft.plan(models))
    return tuple(Reason(f"option-{where}", f"{where or 'the plan'}: {text}") for where, text in said.items())


def _prerequisites(facts: Facts) -> tuple[Reason, ...]:
    if facts.failing:
        verb = "fails" if facts.failing == 1 else "fail"
        return (
            Reason("checks", f"{plural(facts.failing, 'prerequisite')} {verb}: apply the remedy or see the advice"),
        )
    return () if facts.checked else (Reason("checks", "the prerequisites are still being checked"),)


def _running(step: StepId, facts: Facts) -> tuple[Reason, ...]:
    if step == "review" and facts.run_state is None:
        return (Reason("start", "the run was not started"),)
    if step == "run" and (facts.run_going or facts.run_state is None):
        return (Reason("run", "the run is not over yet"),)
    return ()


@dataclass(frozen=True)
class Flow:
    """Where the user is and how far they came. A step that was reached can be gone back to.

    Args:
        current: the step that is shown.
        reached: the furthest step so far.
    """

    current: StepId = "accounts"
    reached: StepId = "accounts"

    def next(self) -> Flow:
        """Go one step on; the last stays. Ask `reasons` first."""
        index = min(STEPS.index(self.current) + 1, len(STEPS) - 1)
        return self.at(STEPS[index])

    def back(self) -> Flow:
        """Go one step back; the first stays."""
        return replace(self, current=STEPS[max(STEPS.index(self.current) - 1, 0)])

    def at(self, step: StepId) -> Flow:
        """Go to a step, and count it as reached."""
        return Flow(step, max(self.reached, step, key=STEPS.index))

    def can_go(self, step: StepId) -> bool:
        """Whether the step was reached before."""
        return STEPS.index(step) <= STEPS.index(self.reached)

    def changed(self) -> Flow:
        """An answer of the current step changed: what comes after must be passed again."""
        return replace(self, reached=self.current)


def matching(choices: Iterable[TableChoice], names: Iterable[str]) -> tuple[str, ...]:
    """Return the tables that the choices stand for, in the order of `names`; exact choices need not be listed."""
    exact = {choice.name for choice in choices if not choice.is_pattern}
    patterns = [choice for choice in choices if choice.is_pattern]
    listed = [name for name in names if name in exact or any(choice.matches(name) for choice in patterns)]
    return tuple(dict.fromkeys([*listed, *sorted(exact)]))


def _side_of(ref: AccountRef) -> SideDraft:
    return SideDraft(
        profile=ref.profile,
        chosen=True,
        aws_region=ref.region,
        role_arn=ref.role_arn or "",
        external_id_env=ref.external_id_env or "",
        session_name=ref.session_name or "",
        pin=ref.account_id,
    )


def _complaints(validate: Any) -> dict[str, str]:
    """Field → what must be otherwise, in words; empty when the validation passes."""
    from pydantic import ValidationError

    try:
        validate()
    except ValidationError as error:
        return {".".join(str(part) for part in detail["loc"]): _sentence(detail) for detail in error.errors()}
    except ValueError as error:
        return {"": shown(error)}
    return {}


def _sentence(detail: Any) -> str:
    from ddbtui.plan.wording import PATTERNS

    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "string_too_short":
        return f"must have at least {plural(context['min_length'], 'character')}"
    if kind == "string_pattern_mismatch":
        return f"must be {PATTERNS.get(context['pattern'], 'of the form that is asked for')}"
    return shown(context["error"] if kind == "value_error" and "error" in context else detail["msg"])
