"""Values that are right by themselves, but don't go together: each is said at its own place in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from ddbtui.plan.problem import Path

Misfit = tuple[Path, str]
"""Where the value stands, seen from the model that complains, and what is wrong with it."""


def refuse(misfits: Iterable[Misfit]) -> None:
    """Raise pydantic's ValidationError with all of them, if there are any.

    For validators: pydantic puts the place of the model that complains before each.
    """
    details = [
        InitErrorDetails(type="value_error", loc=path, input=None, ctx={"error": ValueError(text)})
        for path, text in misfits
    ]
    if details:
        raise ValidationError.from_exception_data("plan", details)


def role_of(path: Path, arn: str | None, side: str, account_id: str) -> Iterator[Misfit]:
    """Yield a misfit if a role is one of another account.

    Args:
        path: where the role stands.
        arn: the role, of the form of `ddbtui.plan.model.ROLE_ARN`; None if the plan names none.
        side: whose it must be, in words.
        account_id: the account of that side.
    """
    if arn is not None and arn.split(":")[4] != account_id:
        yield path, f"must be a role of the {side} account, {account_id}"
