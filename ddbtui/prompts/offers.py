"""Lists out of which a field can be answered, where AWS knows what there is. For line mode and wizard alike.

A field names its list: `json_schema_extra={"choose": "recovery-points"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ddbtui.draft import Draft
from ddbtui.errors import UserError
from ddbtui.plan.model import MethodOptions, TargetTable
from ddbtui.prompts.asker import Choice

if TYPE_CHECKING:
    from ddbtui.service import Service

Models = Mapping[str, type[MethodOptions]]
Offer = Callable[["Service", Draft, Models], list[Choice]]


def recovery_point_choices(service: Service, draft: Draft, models: Models) -> list[Choice]:
    """Return what `recovery_point` of the method backup can be: two words, and every recovery point that is there.

    Args:
        service: asks AWS.
        draft: the answers so far; of the options only the target's vault matters.
        models: the option models of all methods.

    Raises:
        UserError: the answers so far make no plan, or AWS can't be asked.
    """
    options = draft.options.get(draft.method, {})
    kept: dict[str, Any] = {name: options[name] for name in ("target_vault",) if name in options}
    asking = replace(draft.with_options(draft.method, kept), target_table=TargetTable(), proof="digest")
    try:
        plan = asking.plan(models)
    except ValueError as error:  # pydantic's is one
        hint = "Correct accounts, tables and the name of the vault first."
        raise UserError("the target's vault can't be looked into yet", hint) from error
    choices = [
        Choice("wait: the copy that this run makes", "wait"),
        Choice("newest: the newest one in the target's vault when the run begins", "newest"),
    ]
    for point in service.recovery_points(plan):
        refused = "" if point.restorable else f"is {point.status}"
        choices.append(Choice(f"{point.table}: {point}", point.arn, refused))
    return choices


OFFERS: Mapping[str, Offer] = {"recovery-points": recovery_point_choices}
