"""The answers so far, and the plan that they make. Pure; knows neither Textual nor the order of the questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ddbtui.plan import model
from ddbtui.plan.model import AccountRef, MethodOptions, Plan, Side, TableChoice, TargetTable
from ddbtui.text import shown

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_NO_FIELDS: Mapping[str, FieldInfo] = {}
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
        return tuple(Reason(f"{side}-{where}", f"{side}: {text}") for where, text in complaints(self.reference).items())


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


def complaints(validate: Callable[[], object], fields: Mapping[str, FieldInfo] = _NO_FIELDS) -> dict[str, str]:
    """Return for each field what must be otherwise, in words; nothing when the validation passes.

    Args:
        validate: raises what pydantic raises.
        fields: declarations of the fields that it validates.
    """
    from pydantic import ValidationError

    from ddbtui.plan.wording import sentence

    try:
        validate()
    except ValidationError as error:
        return {
            ".".join(map(str, detail["loc"])): sentence(detail, fields.get(".".join(map(str, detail["loc"]))))
            for detail in error.errors()
        }
    except ValueError as error:
        return {"": shown(error)}
    return {}
