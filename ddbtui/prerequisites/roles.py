"""A role that a service or a job works in: it is there, is trusted and may do its work; or ddbtui makes it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import role_name
from ddbtui.aws.errors import code, is_denied
from ddbtui.aws.evaluation import Answer, policy_allows
from ddbtui.aws.move import Move
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.editing import indented
from ddbtui.prerequisites.role_reading import Statement, document, find_role, inline_policy, role_statements, uses
from ddbtui.text import shown

POLICY = "ddbtui"
"""Name of the inline policy of a role that ddbtui makes."""
MARK = "ddbtui:made"
"""Tag of such a role: without it none is completed or removed."""
_NAMED = 4


def is_marked(role: Mapping[str, Any]) -> bool:
    """Whether ddbtui made the role."""
    return any(tag.get("Key") == MARK for tag in role.get("Tags") or ())


class WorkingRole(Prerequisite):
    """A role exists, can be assumed by whom it is for, and may do all that it is for.

    A role that the plan does not name is made, with exactly that, and removed when the run cleans up. One that the plan
    names is only looked at.

    Args:
        move: the plan with its accounts.
        side: whose role.
        arn: the role.
        made: whether ddbtui may make it.
        statements: what it must be allowed; each has lists of `Action` and `Resource`.
    """

    noun: str
    """Who works in the role, e.g. `the Glue jobs`."""

    def __init__(self, move: Move, side: Side, arn: str, made: bool, statements: Sequence[Statement]) -> None:
        super().__init__(move)
        self._side: Side = side
        self._account = move.account(side)
        self._arn = arn
        self._made = made
        self._statements = statements

    @abstractmethod
    def trusted(self) -> Mapping[str, str]:
        """Return the `Principal` that must be able to assume the role."""

    @abstractmethod
    def trusts(self, role: Mapping[str, Any]) -> Answer:
        """Say whether the role can be assumed by whom it is for."""

    @property
    def _name(self) -> str:
        return str(role_name(self._arn))

    @property
    def _trust(self) -> str:
        return document([{"Effect": "Allow", "Principal": dict(self.trusted()), "Action": "sts:AssumeRole"}])

    @property
    def _policy(self) -> str:
        return document(self._statements)

    @answering
    def check(self) -> Finding:
        """Get the role with its trust policy, and weigh its policies."""
        role = find_role(self._account, self._name)
        if role is None or role["Arn"] != self._arn:
            return self._missing(role)
        trust = self.trusts(role)
        if trust == "no":
            evidence = f"The trust policy of role {self._arn} does not let {self.noun} in."
            return self.finding("fail", evidence, f"Trust exactly this: {self._trust}")
        if trust == "unknown" and self._made:  # IAM remembers whom it trusts by an id that no later namesake has
            evidence = f"Role {self._arn} trusts a principal that is gone, although {self.noun} has its name."
            return self.finding("fail", evidence, "Delete the role; ddbtui makes it anew.")
        finding = self._weighed(role)
        if trust == "unknown" and finding.outcome == "pass":
            evidence = f"Whether the trust policy of role {self._arn} lets {self.noun} in hangs on a condition."
            return self.finding("warn", evidence, "See to it that the condition holds.")
        return finding

    def _missing(self, other: Mapping[str, Any] | None) -> Finding:
        if other:
            evidence = f"Role {self._arn} does not exist; one of that name is {shown(other['Arn'])}."
            return self.finding("fail", evidence, "Name that one in the plan if it is meant.")
        evidence = f"Role {self._arn} does not exist."
        if not self._made:
            return self.finding("fail", evidence, "Make it, or leave it out of the plan and let ddbtui make one.")
        return self.finding("fail", evidence, "Let ddbtui make it, or name one in the plan.", self._remedy(new=True))

    def _weighed(self, role: Mapping[str, Any]) -> Finding:
        if self._made:
            return self._as_made(role)
        try:
            statements = role_statements(self._account, self._name)
        except Exception as error:
            if not is_denied(error):
                raise
            evidence = f"Role {self._arn} exists; what it may do can't be read ({code(error)})."
            return self.finding("warn", evidence, f"It must be allowed this: {self._policy}")
        answers = {use: self._answer(statements, role, *use) for use in uses(self._statements)}
        refused = [f"{action} on {resource}" for (action, resource), answer in answers.items() if answer == "no"]
        if refused:
            more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
            evidence = f"Role {self._arn} may not do {', '.join(refused[:_NAMED])}{more}."
            return self.finding("fail", evidence, f"It must be allowed this: {self._policy}")
        if "unknown" in answers.values():
            evidence = f"Role {self._arn} exists; conditions or a boundary decide what it may do."
            return self.finding("warn", evidence, f"See to it that it is allowed this: {self._policy}")
        return self.finding("pass", f"Role {self._arn} exists, is trusted and may do what it is for.")

    def _answer(self, statements: Sequence[Statement], role: Mapping[str, Any], action: str, resource: str) -> Answer:
        answer = policy_allows(statements, self._arn, self._account.account_id, action, resource)
        return "unknown" if answer == "yes" and role.get("PermissionsBoundary") else answer

    def _as_made(self, role: Mapping[str, Any]) -> Finding:
        if not is_marked(role):
            evidence = f"Role {self._arn} exists, but was not made by ddbtui."
            return self.finding("fail", evidence, "Remove it, or name it in the plan if it is meant.")
        if self._own_policy() == json.loads(self._policy):
            return self.finding("pass", f"Role {self._arn} exists, as ddbtui makes it.")
        evidence = f"Role {self._arn} has not, or no longer, the policy that ddbtui gives it."
        return self.finding("fail", evidence, "Let ddbtui complete it.", self._remedy(new=False))

    def _own_policy(self) -> Any:
        return inline_policy(self._account, self._name, POLICY)

    def _remedy(self, *, new: bool) -> Remedy:
        owner = self._account.account_id
        changes = [Change(self._side, owner, "iam:CreateRole", self._arn, "", indented(self._trust))] if new else []
        before = "" if new else json.dumps(self._own_policy(), indent=2)
        changes.append(
            Change(
                self._side,
                owner,
                "iam:PutRolePolicy",
                self._arn,
                before,
                json.dumps(json.loads(self._policy), indent=2),
            )
        )
        done = f"Make role {self._name}" if new else f"Complete role {self._name}"
        title = f"{done} in the {self._side} account (removed when the run cleans up)"
        return Remedy(title, tuple(changes), (self._resource(),))

    @explaining
    def apply(self, record: Record) -> None:
        """Make the role and give it its policy, as far as that isn't so already."""
        if not self._made:
            return
        role = find_role(self._account, self._name)
        if role and not is_marked(role):
            raise UserError(f"role {self._arn} was made by somebody else meanwhile", "Check again.")
        if role and self._own_policy() == json.loads(self._policy):
            return
        record(self._resource())
        if role is None:
            self._create()
        self._account.client("iam").put_role_policy(RoleName=self._name, PolicyName=POLICY, PolicyDocument=self._policy)

    def _create(self) -> None:
        """Make it. A principal that was itself made a moment ago is not known everywhere at once."""
        request = {
            "RoleName": self._name,
            "AssumeRolePolicyDocument": self._trust,
            "Description": "Made by ddbtui for moving DynamoDB tables",
            "Tags": [{"Key": MARK, "Value": self._name}],
        }
        try:
            settle(lambda: self._account.client("iam").create_role(**request), {"MalformedPolicyDocument"})
        except Exception as error:
            if code(error) != "EntityAlreadyExists":
                raise
            found = find_role(self._account, self._name)
            if found is None or not is_marked(found):  # botocore repeats a call whose answer got lost
                raise

    def _resource(self) -> Resource:
        return Resource("role", self._side, self._arn, "remove", {"role": self._name})

    def access(self) -> Sequence[Access]:
        """The role, and its policies."""
        why = "see whether the role is there and may do its work"
        actions = ["iam:GetRole", "iam:GetRolePolicy"]
        if self._made:
            return [Access(self._side, action, self._arn, why) for action in actions]
        actions += ["iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
        found = [Access(self._side, action, self._arn, why) for action in actions]
        for action in ("iam:GetPolicy", "iam:GetPolicyVersion"):
            for owner in ("aws", self._account.account_id):
                arn = f"arn:{self._account.partition}:iam::{owner}:policy/*"
                found.append(Access(self._side, action, arn, why))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """The role and its policy, if it is one that ddbtui makes."""
        if not self._made:
            return ()
        why = f"make the role for {self.noun}"
        actions = ("iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy")
        return [Access(self._side, action, self._arn, why, changes=True) for action in actions]

    def undo_access(self) -> Sequence[Access]:
        """Both go again."""
        if not self._made:
            return ()
        why = "remove the role that ddbtui made"
        return [
            Access(self._side, action, self._arn, why, changes=True)
            for action in ("iam:DeleteRolePolicy", "iam:DeleteRole")
        ]
