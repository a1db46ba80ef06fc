"""Texts of the source table that name accounts and ARNs, as the target table needs them."""

from __future__ import annotations

import json
import re

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.policies import PolicyRefused, has_statement, parse


def rewritten(text: str, move: Move, moving: MovingTable) -> str:
    """Replace the source table's ARN and account id by those of the target, wherever they stand as a whole."""
    text = re.sub(re.escape(moving.table.arn) + r"(?![A-Za-z0-9_.-])", move.target_arn(moving), text)
    return re.sub(rf"(?<!\d){move.source.account_id}(?!\d)", move.target.account_id, text)


def target_policy(move: Move, moving: MovingTable) -> str:
    """Return the source table's resource policy for the target; the source must have one."""
    return rewritten(moving.table.resource_policy or "", move, moving)


def same_policy(one: str, other: str) -> bool:
    """Whether two policies say the same; AWS reorders lists and turns a list of one into its element."""
    try:
        if json.loads(one) == json.loads(other):
            return True
        left, right = parse(one).statements, parse(other).statements
        return len(left) == len(right) and all(has_statement(other, s) for s in left)
    except (ValueError, PolicyRefused):
        return one == other


def target_resource_id(resource_id: str, moving: MovingTable) -> str:
    """Return the scaling id of the target, e.g. `table/orders/index/by-date` of another name."""
    kind, _, *index = resource_id.split("/", 2)
    return "/".join([kind, moving.target_name, *index])
