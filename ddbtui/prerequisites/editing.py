"""The one way in which prerequisites edit policies: our statement is added, and everything else stays as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ddbtui.aws.policies import add_statement, has_statement
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Record


@dataclass(frozen=True)
class PolicyEdit:
    """One statement of ours in one policy.

    Args:
        statement: what is added.
        limit_bytes: the most that the service takes; None leaves it to the service to refuse.
        read: gives the policy as it is now, None if there is none.
        write: replaces it.
        transient: error codes of `write` that pass by themselves.
    """

    statement: dict[str, Any]
    limit_bytes: int | None
    read: Callable[[], str | None]
    write: Callable[[str], Any]
    transient: frozenset[str] = frozenset()

    def proposed(self, before: str | None) -> str:
        """Return the policy with the statement. Raises PolicyRefused if it can't be added."""
        return add_statement(before, self.statement, limit_bytes=self.limit_bytes)

    def add(self, record: Record, resource: Callable[[str | None], Resource]) -> None:
        """Add the statement unless it is there, from the text read just before, and read it back.

        Args:
            record: told of the resource before the write.
            resource: makes it from the text that the policy has now.

        Raises:
            UserError: the policy can't be edited, or AWS does not give back what was written.
        """
        before = self.read()
        if has_statement(before, self.statement):
            return
        after = self.proposed(before)
        record(resource(before))
        settle(lambda: self.write(after), self.transient)
        if not settle(lambda: has_statement(self.read(), self.statement), good=bool):
            raise UserError(
                f"the policy was written, but statement {self.statement['Sid']} is not in what AWS gives back",
                "Somebody else may edit the policy right now. Check again.",
            )


def named(sid: str, statement: dict[str, Any]) -> dict[str, Any]:
    """Return the statement with a Sid that its content decides, so that statements of two plans never collide."""
    digest = hashlib.sha256(json.dumps(statement, sort_keys=True).encode()).hexdigest()[:12]
    return {"Sid": f"Ddbtui{sid}{digest}", **statement}


def indented(policy: str | None) -> str:
    """Return a policy as indented JSON, for people; an empty text if there is none."""
    if policy is None:
        return ""
    try:
        return json.dumps(json.loads(policy), indent=2)
    except (ValueError, RecursionError):
        return policy
