"""KMS keys that a role works with: the key's own policy lets the role in, directly or through its account.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import is_denied
from ddbtui.aws.move import Move
from ddbtui.aws.policies import PolicyRefused
from ddbtui.errors import UserError
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Finding, Prerequisite, Record, answering, explaining
from ddbtui.prerequisites.editing import PolicyEdit, named
from ddbtui.prerequisites.kms import Key, via
from ddbtui.prerequisites.role_reading import find_role

_WHOSE = {("target", "s3"): "bucket's", ("target", "dynamodb"): "new tables'", ("source", "dynamodb"): "source's"}


class RoleKey(Prerequisite):
    """A role of one side may use a key through a service.

    Args:
        move: the plan with its accounts.
        side: whose role.
        role: its ARN.
        key_arn: the key.
        actions: what it does with the key.
        service: through which service: `s3` or `dynamodb`.
    """

    def __init__(self, move: Move, side: Side, role: str, key_arn: str, actions: Sequence[str], service: str) -> None:
        super().__init__(move)
        self.id = f"{side}-role-key-{service}-{hashlib.sha256(key_arn.encode()).hexdigest()[:8]}"
        self.title = f"The jobs may use the {_WHOSE[side, service]} key"
        self._account = move.account(side)
        self._role, self._actions, self._service = role, actions, service
        self.key = Key(move, key_arn)

    @property
    def statement(self) -> dict[str, Any]:
        """The statement that lets exactly this role use the key, and only through the service."""
        service = via(self._service, self.key.region, self._account.partition)
        wanted = {"Action": list(self._actions), "Resource": "*"}
        only = {"Condition": {"StringEquals": {"kms:ViaService": service}}}
        return named("Job", {"Effect": "Allow", "Principal": {"AWS": self._role}, **wanted, **only})

    @answering
    def check(self) -> Finding:
        """Weigh the key's policy."""
        key = self.key
        if key.owner is None:
            evidence = f"Key {key.arn} belongs to a third account; its policy can't be read from here."
            return self.finding("warn", evidence, f"See to it that {self._role} may use it.")
        try:
            policy = key.policy()
        except Exception as error:
            if not is_denied(error):
                raise
            evidence = f"The policy of key {key.arn} may not be read."
            return self.finding("warn", evidence, f"See to it that {self._role} may use it.")
        answers = key.allows_role(policy, self._role, self._actions, self._service)
        refused = [action for action, answer in answers.items() if answer == "no"]
        if refused:
            evidence = f"The policy of key {key.arn} does not let {self._role} do {' and '.join(refused)}."
            return self._failed(evidence, policy)
        if "unknown" in answers.values():
            evidence = f"The policy of key {key.arn} can't be judged from here."
            return self.finding("warn", evidence, f"See to it that {self._role} may use it.")
        return self.finding("pass", f"The policy of key {key.arn} lets {self._role} in.")

    def _failed(self, evidence: str, policy: str) -> Finding:
        try:
            after = self._edit().proposed(policy)
        except PolicyRefused as refused:
            return self.finding("fail", f"{evidence} {refused.message}.", refused.hint)
        title = f"Let the role use the key through {self._service}"
        remedy = self.key.remedy(title, self.statement, policy, after)
        return self.finding("fail", evidence, "Add one statement to the key's policy.", remedy)

    def _edit(self) -> PolicyEdit:
        # A role that was made a moment ago is not known to KMS at once.
        return self.key.edit(self.statement, frozenset({"MalformedPolicyDocumentException"}))

    @explaining
    def apply(self, record: Record) -> None:
        """Add the statement, once the role is there: KMS takes no policy that names one that isn't."""
        if find_role(self._account, self._role.rsplit("/", 1)[-1]) is None:
            raise UserError(f"role {self._role} does not exist yet", "Make it first.")
        self._edit().add(record, partial(self.key.resource, self.statement))

    def access(self) -> Sequence[Access]:
        """One read, by the key's owner."""
        owner = self.key.owner
        why = "see who may use the key"
        return [Access(owner.side, "kms:GetKeyPolicy", self.key.arn, why)] if owner else ()

    def remedy_access(self) -> Sequence[Access]:
        """One write, by the key's owner, and a look at the role."""
        owner = self.key.owner
        if owner is None:
            return ()
        return [
            Access(owner.side, "kms:PutKeyPolicy", self.key.arn, "let the role use the key", changes=True),
            Access(self._account.side, "iam:GetRole", self._role, "see whether the role is there"),
        ]
