"""Starts that AWS Backup refuses for a while only: its role is too new to be known, or the account is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from ddbtui.aws.errors import code, reason
from ddbtui.engine.step import Busy, StepContext
from ddbtui.methods.steps.room import no_room

_SPREADS = timedelta(minutes=2)
"""How long a role or its policies may take to be known everywhere, as others wait for them, too.

https://github.com/hashicorp/terraform-provider-aws/issues/9297
"""
_UNKNOWN_YET = ("cannot be assumed", "is not authorized to call")
"""So AWS answers the assignment of a table (the issue above, and its 10511). Of jobs it is inferred."""


@contextmanager
def once_the_role_is_known(ctx: StepContext) -> Iterator[None]:
    """Leave the call to be made again, with its token, while the role may just have been made.

    Should a refusal have used the token up, which nobody says of this one, AWS refuses the repetition with other words:
    the step then stops, and a retry has another token.

    Raises:
        Busy: AWS Backup can't use the role, and the step is not older than IAM may take.
    """
    try:
        yield
    except Exception as error:
        unknown = code(error) == "InvalidParameterValueException" and any(why in str(error) for why in _UNKNOWN_YET)
        if unknown and ctx.now() - ctx.intent_at < _SPREADS:
            raise Busy(f"AWS Backup does not know its role yet: {reason(error)}") from error
        raise


@contextmanager
def once_there_is_room(noun: str) -> Iterator[None]:
    """Leave the call to be made again while the account is full.

    Args:
        noun: what there is no room for.

    Raises:
        Busy: AWS runs as many of them as it does at a time. https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html
    """
    try:
        yield
    except Exception as error:
        if code(error) == "LimitExceededException":
            raise no_room(noun, "AWS Backup", error) from error
        raise
