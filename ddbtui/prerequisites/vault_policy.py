"""The policy of the target's vault, which lets backups in from another account.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from ddbtui.aws.access import Access
from ddbtui.aws.arns import root_arn
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.evaluation import Answer
from ddbtui.aws.move import Move
from ddbtui.aws.policies import PolicyRefused
from ddbtui.aws.principals import principal_allowed
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Record, Remedy, answering, explaining
from ddbtui.prerequisites.editing import PolicyEdit, indented, named
from ddbtui.prerequisites.vault import VaultPrerequisite, find_vault

COPY = "backup:CopyIntoBackupVault"
PUT, DELETE = "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"
Whom = Literal["account", "organization"]


class VaultPolicy(VaultPrerequisite):
    """The target's vault lets the source account, or the whole organization, copy into it.

    Args:
        move: the plan with its accounts.
        vault: the vault's name.
        whom: who is let in if nobody is.
        role: the source's role with which AWS Backup copies.
    """

    id = "vault-policy"
    title = "The target's vault lets the source account copy into it"

    def __init__(self, move: Move, vault: str, whom: Whom, role: str) -> None:
        super().__init__(move, "target", vault)
        self._whom, self._role = whom, role

    @answering
    def check(self) -> Finding:
        """Read the policy and ask what it says of the source account."""
        policy, organization = self._policy(), self._organization()
        answer = self._allows(policy, organization)
        if answer == "yes":
            return self.finding("pass", f"The policy of '{self.vault}' allows {COPY} to {self._role}.")
        if answer == "unknown":
            evidence = f"The policy of '{self.vault}' can't be judged from here."
            return self.finding("warn", evidence, "If the copy is refused, let the source account in.")
        evidence = f"The policy of '{self.vault}' does not allow {COPY} to {self._role}."
        if policy is None:
            evidence = f"Vault '{self.vault}' has no policy, so no other account can copy into it."
        return self._failed(evidence, policy, organization)

    def _allows(self, policy: str | None, organization: str) -> Answer:
        known = {"aws:PrincipalOrgID": organization} if organization else {}
        return principal_allowed(self._role, policy, COPY, self.arn, known)

    def _organization(self) -> str:
        """The source's organization, for conditions on it; without the plan's wish for it nobody is asked."""
        if self._whom == "account":
            return ""
        return str(self.move.source.client("organizations").describe_organization()["Organization"]["Id"])

    def _failed(self, evidence: str, policy: str | None, organization: str) -> Finding:
        try:
            after = self._edit(organization).proposed(policy)
        except PolicyRefused as refused:
            return self.finding("fail", f"{evidence} {refused.message}.", refused.hint)
        if self._allows(after, organization) == "no":
            advice = "A statement denies it, and none that allows it helps: take the source account out of that one."
            return self.finding("fail", evidence, advice)
        title = f"Let {self._whom_in_words(organization)} copy into '{self.vault}'"
        change = Change("target", self.account.account_id, PUT, self.arn, indented(policy), indented(after))
        remedy = Remedy(title, (change,), (self._resource(self._statement(organization), policy),))
        return self.finding("fail", evidence, "Add one statement to the vault's policy.", remedy)

    def _resource(self, statement: dict[str, Any], before: str | None) -> Resource:
        data = {"vault": self.vault, "statement": statement, "before": before}
        return Resource("vault-policy-statement", "target", f"{self.arn}#{statement['Sid']}", "remove", data)

    def _whom_in_words(self, organization: str) -> str:
        return f"organization {organization}" if organization else f"account {self.move.source.account_id}"

    def _statement(self, organization: str) -> dict[str, Any]:
        source = self.move.source
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": COPY, "Resource": "*"}
        if organization:
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": [organization]}}
        else:
            statement["Principal"] = {"AWS": root_arn(source.partition, source.account_id)}
        return named("Copy", statement)

    def _policy(self) -> str | None:
        """None for a vault without a policy, and for one that does not exist yet."""
        if find_vault(self.account, self.vault) is None:
            return None
        with suppress_codes("ResourceNotFoundException"):
            found = self.account.client("backup").get_backup_vault_access_policy(BackupVaultName=self.vault)
            return str(found["Policy"]) if found.get("Policy") else None
        return None

    def _edit(self, organization: str) -> PolicyEdit:
        return PolicyEdit(self._statement(organization), None, self._policy, self._put)

    def _put(self, text: str) -> None:
        self.account.client("backup").put_backup_vault_access_policy(BackupVaultName=self.vault, Policy=text)

    @explaining
    def apply(self, record: Record) -> None:
        """Add the statement; everything else in the policy stays."""
        organization = self._organization()
        self._edit(organization).add(record, partial(self._resource, self._statement(organization)))

    def access(self) -> Sequence[Access]:
        """The policy; the list of vaults tells a missing one from a hidden one."""
        why = "see who may copy into the vault"
        found = [Access("target", "backup:GetBackupVaultAccessPolicy", self.arn, why), self.list_access()]
        if self._whom == "organization":
            found.append(Access("source", "organizations:DescribeOrganization", "*", "see the organization's id"))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        why = "let the source account copy into the vault"
        return [Access("target", PUT, self.arn, why, changes=True)]

    def undo_access(self) -> Sequence[Access]:
        """A policy of which nothing would be left has to be deleted."""
        why = "remove the policy if only ddbtui's statement is in it"
        return [Access("target", DELETE, self.arn, why, changes=True)]
