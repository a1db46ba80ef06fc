"""What the calls to AWS Glue have in common: errors, and pages of lists."""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.jobs import page


def invalid(message: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("InvalidInputException", message)


def missing(message: str) -> AwsError:
    """What a call names is not there."""
    return AwsError("EntityNotFoundException", message)


def paged(member: str, rows: list[Any], call: Call, most: int = 1000) -> Answer:
    """One page of a list.

    Args:
        member: name of the list in the answer.
        rows: all of it.
        call: with `MaxResults` and `NextToken`.
        most: how many a page has at most.
    """
    token, wanted = call.params.get("NextToken"), int(call.params.get("MaxResults") or most)
    if not 1 <= wanted <= most:
        raise invalid(f"MaxResults is from 1 to {most}")
    if token and not str(token).isdigit():
        raise invalid("Invalid token")
    shown, following = page(rows, token, wanted)
    return json_answer({member: shown, **({"NextToken": following} if following else {})})
