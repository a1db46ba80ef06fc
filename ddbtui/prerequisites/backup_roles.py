"""The IAM roles that AWS Backup works with: one that backs up, one that restores, and its own in either account.

https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import role_arn, role_name
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.role_reading import find_role, trusts_service
from ddbtui.text import shown

DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
_PATH = "/service-role/"
_SERVICE = "backup.amazonaws.com"
_LINKED = "AWSServiceRoleForBackup"
_NEEDED: Mapping[Side, str] = {
    "source": "AWSBackupServiceRolePolicyForBackup",
    "target": "AWSBackupServiceRolePolicyForRestores",
}
"""AWS's policies for what each side's role does: back up and copy, or restore. The console gives its role both."""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": _SERVICE}, "Action": "sts:AssumeRole"}],
}


def default_role(move: Move, side: Side) -> str:
    """Return the ARN of the role that AWS Backup's console makes and takes by default."""
    account = move.account(side)
    return role_arn(account.partition, account.account_id, f"{_PATH.strip('/')}/{DEFAULT_ROLE}")


def linked_role(move: Move, side: Side) -> str:
    """Return the ARN of AWS Backup's own role in an account."""
    account = move.account(side)
    return role_arn(account.partition, account.account_id, f"aws-service-role/{_SERVICE}/{_LINKED}")


class BackupRole(Prerequisite):
    """The role exists in the side's account, and AWS Backup may assume it. A default role can be made; it stays.

    Args:
        move: the plan with its accounts.
        side: source, where it backs up and copies, or target, where it restores.
        arn: the role, of that account.
    """

    def __init__(self, move: Move, side: Side, arn: str) -> None:
        super().__init__(move)
        self.id = f"{side}-backup-role"
        self.title = f"AWS Backup has a role in the {side} account"
        self._side: Side = side
        self._account = move.account(side)
        self._arn = arn
        self._name = str(role_name(arn))

    @answering
    def check(self) -> Finding:
        """Get the role, and look for AWS Backup in its trust policy."""
        role = find_role(self._account, self._name)
        if role is None or role["Arn"] != self._arn:
            return self._missing(role)
        if trusts_service(role, _SERVICE) == "no":
            evidence = f"Role {self._arn} exists, but its trust policy does not let {_SERVICE} in."
            return self.finding("fail", evidence, f"Let {_SERVICE} assume the role, or name another one.")
        lacking = self._lacking()
        if lacking:
            evidence = f"Role {self._arn} exists, but has no policy {lacking[0]}."
            return self.finding("fail", evidence, "Attach AWS's policy to the role.", self._remedy(lacking))
        return self.finding("pass", f"Role {self._arn} exists and trusts {_SERVICE}.")

    def _lacking(self) -> list[str]:
        """AWS's policy if the default role needs it and has it not; what another role needs is not known."""
        if not self._is_default:
            return []
        iam = self._account.client("iam")
        found = iam.list_attached_role_policies(RoleName=self._name)["AttachedPolicies"]
        attached = {one["PolicyName"] for one in found}
        needed = _NEEDED[self._side]
        return [] if needed in attached else [needed]

    @property
    def _is_default(self) -> bool:
        return self._arn == default_role(self.move, self._side)

    def _missing(self, other: dict[str, Any] | None) -> Finding:
        if other:
            evidence = f"Role {self._arn} does not exist; one of that name is {shown(other['Arn'])}."
            return self.finding("fail", evidence, "Name that one in the plan if it is meant.")
        evidence = f"Role {self._arn} does not exist."
        if not self._is_default:
            return self.finding("fail", evidence, "Make it, or leave it out of the plan for AWS Backup's default role.")
        remedy = self._remedy(list(_NEEDED.values()), new=True)
        return self.finding("fail", evidence, "Let ddbtui make it, or name another role.", remedy)

    def _remedy(self, policies: Sequence[str], new: bool = False) -> Remedy:
        owner = self._account.account_id
        trust = json.dumps(_TRUST, indent=2)
        changes = [Change(self._side, owner, "iam:CreateRole", self._arn, "", trust)] if new else []
        changes += [
            Change(self._side, owner, "iam:AttachRolePolicy", self._arn, "", self._policy(name)) for name in policies
        ]
        done = f"Make {DEFAULT_ROLE}" if new else f"Complete {DEFAULT_ROLE}"
        return Remedy(f"{done} in the {self._side} account, as the console does (it stays)", tuple(changes))

    def _policy(self, name: str) -> str:
        return f"arn:{self._account.partition}:iam::aws:policy{_PATH}{name}"

    @explaining
    def apply(self, record: Record) -> None:
        """Make the role as the console does; give one that is there what it needs."""
        if not self._is_default:
            return
        new = find_role(self._account, self._name) is None
        lacking = list(_NEEDED.values()) if new else self._lacking()
        if not lacking:
            return
        record(Resource("role", self._side, self._arn, "keep"))
        iam = self._account.client("iam")
        if new:
            iam.create_role(RoleName=self._name, Path=_PATH, AssumeRolePolicyDocument=json.dumps(_TRUST))
        for name in lacking:
            iam.attach_role_policy(RoleName=self._name, PolicyArn=self._policy(name))

    def access(self) -> Sequence[Access]:
        """The role, and the policies of the default one."""
        found = [Access(self._side, "iam:GetRole", self._arn, "see whether AWS Backup's role exists")]
        if self._is_default:
            why = "see whether AWS Backup's role is complete"
            found.append(Access(self._side, "iam:ListAttachedRolePolicies", self._arn, why))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """The role and its policies, if it is the one that ddbtui would make."""
        if not self._is_default:
            return ()
        why = "make AWS Backup's default role"
        actions = ("iam:CreateRole", "iam:AttachRolePolicy")
        return [Access(self._side, action, self._arn, why, changes=True) for action in actions]


class ServiceLinkedRole(Prerequisite):
    """AWS Backup's own role exists in an account. It stays.

    With it a copy is taken into the target, and backups are deleted anywhere: without it they become EXPIRED when they
    are to be removed, and are billed further.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/using-service-linked-roles-AWSServiceRoleForBackup.html

    Args:
        move: the plan with its accounts.
        side: whose role.
    """

    def __init__(self, move: Move, side: Side) -> None:
        super().__init__(move)
        self.id = f"{side}-service-linked-role"
        self.title = f"AWS Backup's service-linked role is in the {side} account"
        self._side: Side = side
        self._account = move.account(side)

    @property
    def _arn(self) -> str:
        return linked_role(self.move, self._side)

    @answering
    def check(self) -> Finding:
        """Get the role."""
        owner = self._account.account_id
        if find_role(self._account, _LINKED):
            return self.finding("pass", f"{_LINKED} exists in account {owner}.")
        change = Change(self._side, owner, "iam:CreateServiceLinkedRole", self._arn, "", _LINKED)
        remedy = Remedy("Make AWS Backup's service-linked role (it stays)", (change,))
        evidence = f"{_LINKED} does not exist in account {owner}."
        return self.finding("fail", evidence, "Let AWS make it; it costs nothing.", remedy)

    @explaining
    def apply(self, record: Record) -> None:
        """Let AWS make it."""
        if find_role(self._account, _LINKED):
            return
        record(Resource("role", self._side, self._arn, "keep"))
        self._account.client("iam").create_service_linked_role(AWSServiceName=_SERVICE)

    def access(self) -> Sequence[Access]:
        """One read."""
        return [Access(self._side, "iam:GetRole", self._arn, "see whether AWS Backup's own role exists")]

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        why = "make AWS Backup's own role"
        return [Access(self._side, "iam:CreateServiceLinkedRole", self._arn, why, changes=True)]
