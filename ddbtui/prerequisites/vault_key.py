"""The keys of the vaults, which AWS Backup in the target account must be able to use for the copy, or the restore.

https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import root_arn
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.evaluation import Answer
from ddbtui.aws.move import Move
from ddbtui.aws.policies import PolicyRefused
from ddbtui.plan.model import Side
from ddbtui.prerequisites.backup_roles import linked_role
from ddbtui.prerequisites.base import Finding, Record, answering, explaining
from ddbtui.prerequisites.editing import named
from ddbtui.prerequisites.kms import Key
from ddbtui.prerequisites.vault import VaultPrerequisite, find_vault

SHARED_ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html"""


_BEST_TO_WORST: tuple[Answer, ...] = ("yes", "unknown", "no")


class VaultKey(VaultPrerequisite):
    """A customer managed key of a vault lets the target account's AWS Backup use it: to read from one, to write to one.

    Args:
        move: the plan with its accounts.
        side: whose vault.
        vault: the vault's name.
        key_arn: the key that the vault will have if it has to be made.
    """

    def __init__(self, move: Move, side: Side, vault: str, key_arn: str | None) -> None:
        super().__init__(move, side, vault)
        self.id = f"{side}-vault-key"
        self.title = f"The key of the {side}'s vault lets the target account in"
        self._key_arn = key_arn

    @property
    def roles(self) -> Sequence[str]:
        """The roles of the target account that use the key."""
        return [linked_role(self.move, "target")]

    @property
    def whom(self) -> str:
        """The same in words."""
        return f"AWS Backup of account {self.move.target.account_id}"

    @answering
    def check(self) -> Finding:
        """Look at the vault's key and, if it is the customer's, at its policy."""
        vault = find_vault(self.account, self.vault)
        arn = self._found(vault)
        if arn is None:
            has = "has" if vault else "will have"
            return self.finding("pass", f"Vault '{self.vault}' {has} AWS Backup's own key; nothing is to be shared.")
        key = Key(self.move, arn)
        if key.owner is not self.account:
            evidence = f"Key {arn} belongs to account {key.account_id}; its policy can't be read from here."
            return self.finding("warn", evidence, "See to it that AWS Backup in both accounts may use the key.")
        found = self._describe(key)
        if found is None:
            return self.finding("fail", f"There is no key {arn}.", "Name another one, or another vault.")
        if found.get("KeyManager", "CUSTOMER") == "AWS":
            return self.finding("pass", f"Vault '{self.vault}' has AWS Backup's own key; nothing is to be shared.")
        if found["KeyState"] != "Enabled":
            return self.finding("fail", f"Key {arn} is {found['KeyState']}.", "Enable it, or name another vault.")
        return self._judge(key)

    def _found(self, vault: dict[str, Any] | None) -> str | None:
        """The key that the vault has or will have; that which AWS owns has no name."""
        return vault.get("EncryptionKeyArn") if vault else self._key_arn

    def _describe(self, key: Key) -> dict[str, Any] | None:
        with suppress_codes("NotFoundException"):
            found: dict[str, Any] = self.account.client("kms", key.region).describe_key(KeyId=key.arn)["KeyMetadata"]
            return found
        return None

    def _judge(self, key: Key) -> Finding:
        policy, target = key.policy(), self.move.target
        answers = self._answers(key, policy)
        refused = _refused(answers)
        if refused:
            evidence = f"The policy of key {key.arn} does not let {self.whom} do {', '.join(refused)}."
            return self._failed(key, evidence, policy)
        if "unknown" in answers.values():
            evidence = f"The policy of key {key.arn} can't be judged from here."
            return self.finding("warn", evidence, "If the copy fails, let the target account use the key.")
        return self.finding("pass", f"Key {key.arn} is Enabled and its policy lets account {target.account_id} in.")

    def _answers(self, key: Key, policy: str) -> dict[str, Answer]:
        """Who asks are these roles, not the caller; they may not be there yet. The worst answer counts."""
        each = [key.allows_role(policy, role, SHARED_ACTIONS, "backup") for role in self.roles]
        return {action: max((one[action] for one in each), key=_BEST_TO_WORST.index) for action in SHARED_ACTIONS}

    def _failed(self, key: Key, evidence: str, policy: str) -> Finding:
        statement = self._statement()
        try:
            after = key.edit(statement).proposed(policy)
        except PolicyRefused as refused:
            return self.finding("fail", f"{evidence} {refused.message}.", refused.hint)
        if _refused(self._answers(key, after)):
            advice = "A statement denies it, and none that allows it helps: take the target account out of that one."
            return self.finding("fail", evidence, advice)
        title = f"Let the target account use the key of vault '{self.vault}'"
        remedy = key.remedy(title, statement, policy, after)
        return self.finding("fail", evidence, "Add one statement to the key's policy.", remedy)

    def _statement(self) -> dict[str, Any]:
        """The account, not a role: a key policy that names AWS Backup's role is refused until that role exists."""
        target = self.move.target
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": root_arn(target.partition, target.account_id)},
            "Action": list(SHARED_ACTIONS),
            "Resource": "*",
            # Grants only for AWS services; the other actions come without this key.
            "Condition": {"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}},
        }
        return named("Backup", statement)

    @explaining
    def apply(self, record: Record) -> None:
        """Add the statement; everything else in the policy stays."""
        vault = find_vault(self.account, self.vault)
        key = Key(self.move, str(self._found(vault)))
        statement = self._statement()
        key.edit(statement).add(record, partial(key.resource, statement))

    def access(self) -> Sequence[Access]:
        """The vault, and its key. Which key an existing vault has is not known before it was asked."""
        keys = self._keys
        return [
            self.list_access(),
            Access(self.side, "kms:DescribeKey", keys, "see whose the vault's key is"),
            Access(self.side, "kms:GetKeyPolicy", keys, "see who may use the vault's key"),
        ]

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        why = "let the target account use the vault's key"
        return [Access(self.side, "kms:PutKeyPolicy", self._keys, why, changes=True)]

    @property
    def _keys(self) -> str:
        account = self.account
        return self._key_arn or f"arn:{account.partition}:kms:{account.region}:{account.account_id}:key/*"


class AirGappedVaultKey(VaultKey):
    """The same of a logically air-gapped vault, of which the target restores: its restore role uses the key, too.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html

    Args:
        move: the plan with its accounts.
        vault: the vault's name; ddbtui makes it with a key that AWS owns.
        restore_role: ARN of the role that restores.
    """

    def __init__(self, move: Move, vault: str, restore_role: str) -> None:
        super().__init__(move, "source", vault, None)
        self.id = "air-gapped-vault-key"
        self.title = "The key of the logically air-gapped vault lets the target account in"
        self._restore_role = restore_role

    @property
    def roles(self) -> Sequence[str]:
        """AWS Backup's own, and the one that restores."""
        return [*super().roles, self._restore_role]

    @property
    def whom(self) -> str:
        """Both."""
        return f"{super().whom} and its role {self._restore_role}"


def _refused(answers: Mapping[str, Answer]) -> list[str]:
    return [action for action, answer in answers.items() if answer == "no"]
