"""The two roles of the Glue methods: one that the jobs run with, and for `glue` one that they read the source with.

https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import role_name
from ddbtui.aws.evaluation import Answer
from ddbtui.aws.move import Move
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Record
from ddbtui.prerequisites.role_reading import Statement, find_role, trusts_role, trusts_service
from ddbtui.prerequisites.roles import WorkingRole

_SERVICE = "glue.amazonaws.com"


class JobRole(WorkingRole):
    """The role of the jobs, in the target account."""

    id = "job-role"
    title = "The Glue jobs have a role in the target account"
    noun = "Glue"

    def __init__(self, move: Move, arn: str, made: bool, statements: Sequence[Statement]) -> None:
        super().__init__(move, "target", arn, made, statements)

    def trusted(self) -> Mapping[str, str]:
        """The service."""
        return {"Service": _SERVICE}

    def trusts(self, role: Mapping[str, Any]) -> Answer:
        """Whether Glue may assume it."""
        return trusts_service(role, _SERVICE)


class SourceRole(WorkingRole):
    """The role in the source account that the jobs assume to read. It trusts exactly their own role.

    Args:
        move: the plan with its accounts.
        arn: the role.
        made: whether ddbtui may make it.
        statements: what it must be allowed.
        job_role: ARN of the jobs' role, which has to be there first: IAM refuses to trust a role that does not exist.
    """

    id = "source-role"
    title = "The Glue jobs have a role to read the source with"
    noun = "the role of the Glue jobs"

    def __init__(self, move: Move, arn: str, made: bool, statements: Sequence[Statement], job_role: str) -> None:
        super().__init__(move, "source", arn, made, statements)
        self._job_role = job_role

    def apply(self, record: Record) -> None:
        """Make it, once the role that it trusts is there."""
        if find_role(self.move.target, str(role_name(self._job_role))) is None:
            raise UserError(f"role {self._job_role}, which this one trusts, does not exist yet", "Make that one first.")
        super().apply(record)

    def access(self) -> Sequence[Access]:
        """The role; and the trusted one, if this one may have to be made."""
        why = "see whether the role that is to be trusted is there"
        trusted = [Access("target", "iam:GetRole", self._job_role, why)] if self._made else []
        return [*super().access(), *trusted]

    def trusted(self) -> Mapping[str, str]:
        """The jobs' role."""
        return {"AWS": self._job_role}

    def trusts(self, role: Mapping[str, Any]) -> Answer:
        """Whether the jobs' role may assume it."""
        return trusts_role(role, self._job_role)
