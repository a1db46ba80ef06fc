"""What a run may need to do, declared: the one source of IAM documents, dry runs and the exactness test."""

from __future__ import annotations

from dataclasses import dataclass

from ddbtui.plan.model import Side


@dataclass(frozen=True)
class Access:
    """One IAM action on one resource in one account.

    Args:
        side: the account whose credentials make the call.
        action: as IAM spells it, e.g. `dynamodb:ExportTableToPointInTime`.
        resource: an ARN, a pattern of ARNs, or `*` where the action has no resource.
        why: a few words for people.
        changes: whether the call changes something, and so belongs into a dry run.
    """

    side: Side
    action: str
    resource: str
    why: str = ""
    changes: bool = False
