"""KMS keys: of the staging bucket, and of the new tables.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.arns import parse_arn
from ddbtui.aws.errors import code
from ddbtui.aws.evaluation import Answer
from ddbtui.aws.move import Move
from ddbtui.aws.policies import KEY_POLICY_BYTES, PolicyRefused
from ddbtui.aws.principals import allowed, allowing, principal_allowed, principal_arn
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.editing import PolicyEdit, indented, named
from ddbtui.prerequisites.staging import BucketPrerequisite, look

WRITER_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey")
"""What an export's caller needs on the bucket's key; Decrypt is for uploads in parts."""
TABLE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:CreateGrant")
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""


class Key:
    """A KMS key as one side sees it, and its policy as its own account sees it.

    Args:
        move: the plan with its accounts.
        arn: the key's ARN.
    """

    def __init__(self, move: Move, arn: str) -> None:
        self.move = move
        self.arn = arn
        parsed = parse_arn(arn)
        self.region, self.account_id = parsed.region, parsed.account_id

    @property
    def owner(self) -> Account | None:
        """The side that the key belongs to; None for a third account."""
        sides = (self.move.target, self.move.source)
        return next((account for account in sides if account.account_id == self.account_id), None)

    def fault(self) -> str:
        """Return why the key can't serve, or nothing. Asked with the target's credentials."""
        try:
            found = self.move.target.client("kms", self.region).describe_key(KeyId=self.arn)["KeyMetadata"]
        except Exception as error:
            if code(error) != "NotFoundException":
                raise
            return f"there is no such key ({code(error)})"
        if found.get("KeyManager", "CUSTOMER") != "CUSTOMER":
            return "it is AWS's own key, whose policy can't let another account in"
        if found["KeyState"] != "Enabled":
            return f"its state is {found['KeyState']}"
        spec = str(found.get("KeySpec", "SYMMETRIC_DEFAULT"))
        return "" if spec == "SYMMETRIC_DEFAULT" else f"its spec is {spec}, but symmetric encryption is needed"

    def policy(self) -> str:
        """Read the policy with the owner's credentials; AWS gives it to nobody else."""
        owner = self.owner or self.move.target
        answer = owner.client("kms", self.region).get_key_policy(KeyId=self.arn, PolicyName="default")
        return str(answer["Policy"])

    def put_policy(self, text: str) -> None:
        """Write the policy; KMS itself refuses one that would lock its author out."""
        owner = self.owner or self.move.target
        owner.client("kms", self.region).put_key_policy(KeyId=self.arn, PolicyName="default", Policy=text)

    def edit(self, statement: dict[str, Any], transient: frozenset[str] = frozenset()) -> PolicyEdit:
        """Return what adds a statement to the policy. `transient` are errors of KMS that pass by themselves."""
        return PolicyEdit(statement, KEY_POLICY_BYTES, self.policy, self.put_policy, transient)

    def resource(self, statement: dict[str, Any], before: str | None) -> Resource:
        """Return what is to be recorded before a statement is added to the policy `before`."""
        owner = self.owner or self.move.target
        data = {"key_arn": self.arn, "statement": statement, "before": before}
        return Resource("key-policy-statement", owner.side, f"{self.arn}#{statement['Sid']}", "remove", data)

    def remedy(self, title: str, statement: dict[str, Any], before: str, after: str) -> Remedy:
        """Return the remedy that makes the policy `after` out of `before` by adding a statement."""
        owner = self.owner or self.move.target
        where = (owner.side, owner.account_id, "kms:PutKeyPolicy", self.arn)
        change = Change(*where, indented(before), indented(after))
        return Remedy(title, (change,), (self.resource(statement, before),))

    def allows(self, policy: str, account: Account, actions: Sequence[str], service: str) -> dict[str, Answer]:
        """Say what the policy lets an account's credentials do through a service."""
        context = self._context(service)
        return {action: allowed(account, policy, action, self.arn, context) for action in actions}

    def allows_role(self, policy: str, role: str, actions: Sequence[str], service: str) -> dict[str, Answer]:
        """Say what the policy lets a role do through a service."""
        context = self._context(service)
        return {action: principal_allowed(role, policy, action, self.arn, context) for action in actions}

    def _context(self, service: str) -> dict[str, str]:
        partition = parse_arn(self.arn).partition
        return {"kms:ViaService": via(service, self.region, partition), "kms:GrantIsForAWSResource": "true"}


def via(service: str, region: str, partition: str) -> str:
    """Return the value of `kms:ViaService`."""
    return f"{service}.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")


def _without(answers: Mapping[str, Answer], answer: Answer) -> str:
    return " and ".join(action for action, given in answers.items() if given == answer)


class BucketKey(BucketPrerequisite):
    """The key that encrypts the exports lets the source write and the target read, through S3.

    Args:
        move: the plan with its accounts.
        bucket: the staging bucket; the key must be in its region.
        key_arn: the key.
    """

    id = "bucket-key"
    title = "The staging key lets the source account encrypt"

    def __init__(self, move: Move, bucket: str, key_arn: str) -> None:
        super().__init__(move, bucket)
        self.key = Key(move, key_arn)

    @property
    def statement(self) -> dict[str, Any]:
        """The statement that lets exactly the source's credentials use the key, and only through S3."""
        source = self.move.source
        only = {
            "kms:ViaService": via("s3", self.key.region, source.partition),
            "kms:CallerAccount": source.account_id,
        }
        wanted = {"Action": list(WRITER_ACTIONS), "Resource": "*", "Condition": {"StringEquals": only}}
        return named("Export", allowing(source, wanted))

    @answering
    def check(self) -> Finding:
        """Look at the key, its region and its policy."""
        key = self.key
        fault = key.fault()
        if fault:
            return self.finding("fail", f"Key {key.arn}: {fault}.", "Choose another key, or enable this one.")
        state, region = look(self)
        region = region if state == "ours" else self.move.target.region
        if key.region != region:
            evidence = f"The key is in {key.region}, the bucket in {region}."
            return self.finding("fail", evidence, "S3 takes keys of the bucket's region only.")
        if key.owner is None:
            evidence = f"The key belongs to a third account, {key.account_id}; its policy can't be read from here."
            return self.finding("warn", evidence, "See to it that both accounts may use the key through S3.")
        return self._judge(key.policy())

    def _judge(self, policy: str) -> Finding:
        key, source, target = self.key, self.move.source, self.move.target
        writes = key.allows(policy, source, WRITER_ACTIONS[:2], "s3")
        reads = key.allows(policy, target, ("kms:Decrypt",), "s3")
        refused_writes = _without(writes, "no")
        if refused_writes:
            return self._failed(f"The key's policy does not let {principal_arn(source)} do {refused_writes}.", policy)
        if _without(reads, "no"):
            evidence = f"The key's policy does not let {principal_arn(target)} do kms:Decrypt."
            return self.finding(
                "fail", evidence, "Let the target account decrypt with the key; the import reads with it."
            )
        unsure = _without(writes, "unknown") or _without(reads, "unknown")
        if unsure:
            evidence = f"The key's policy can't be judged from here ({unsure})."
            return self.finding("warn", evidence, "If the export is refused, let the source account in.")
        return self.finding("pass", f"Key {key.arn} is Enabled and its policy lets {principal_arn(source)} in.")

    def _failed(self, evidence: str, policy: str) -> Finding:
        try:
            after = self.key.edit(self.statement).proposed(policy)
        except PolicyRefused as refused:
            return self.finding("fail", f"{evidence} {refused.message}.", refused.hint)
        title = "Let the source account use the key through S3"
        remedy = self.key.remedy(title, self.statement, policy, after)
        return self.finding("fail", evidence, "Add one statement to the key's policy.", remedy)

    @explaining
    def apply(self, record: Record) -> None:
        """Add the statement; everything else in the policy stays."""
        self.key.edit(self.statement).add(record, partial(self.key.resource, self.statement))

    def access(self) -> Sequence[Access]:
        """The key, the bucket's region, and the policy if one of the two accounts owns the key."""
        found = [
            Access("target", "kms:DescribeKey", self.key.arn, "see whether the staging key is enabled"),
            self.needs("s3:ListBucket", "see the bucket's region"),
        ]
        owner = self.key.owner
        if owner:
            found.append(Access(owner.side, "kms:GetKeyPolicy", self.key.arn, "see who may use the staging key"))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """One write, by the key's owner."""
        owner = self.key.owner
        why = "let the source account use the staging key"
        return [Access(owner.side, "kms:PutKeyPolicy", self.key.arn, why, changes=True)] if owner else ()


class TableKey(Prerequisite):
    """The key that the plan wants for the new tables can be used by the target account.

    Args:
        move: the plan with its accounts.
        key_arn: the key.
    """

    id = "table-key"
    title = "The target account can use the key for the new tables"

    def __init__(self, move: Move, key_arn: str) -> None:
        super().__init__(move)
        self.key = Key(move, key_arn)

    @answering
    def check(self) -> Finding:
        """Look at the key, its region and its policy."""
        key, target = self.key, self.move.target
        if key.region != target.region:
            evidence = f"The key is in {key.region}, the new tables in {target.region}."
            return self.finding("fail", evidence, "DynamoDB takes keys of the table's region only.")
        fault = key.fault()
        if fault:
            return self.finding("fail", f"Key {key.arn}: {fault}.", "Choose another key, or enable this one.")
        if key.owner is not target:
            evidence = f"The key belongs to account {key.account_id}; its policy can't be judged from the target."
            return self.finding(
                "warn", evidence, "See to it that the target account may use it and create grants on it."
            )
        answers = key.allows(key.policy(), target, TABLE_ACTIONS, "dynamodb")
        refused = _without(answers, "no")
        if refused:
            evidence = f"The key's policy does not let {principal_arn(target)} do {refused}."
            return self.finding("fail", evidence, "Let the target's credentials use the key through DynamoDB.")
        unsure = _without(answers, "unknown")
        if unsure:
            evidence = f"The key's policy can't be judged from here ({unsure})."
            return self.finding("warn", evidence, "If the import is refused, let the target account in.")
        return self.finding("pass", f"Key {key.arn} is Enabled and its policy lets {principal_arn(target)} in.")

    def access(self) -> Sequence[Access]:
        """The key, and its policy if the target owns it."""
        found = [Access("target", "kms:DescribeKey", self.key.arn, "see whether the tables' key is enabled")]
        if self.key.owner is self.move.target:
            found.append(Access("target", "kms:GetKeyPolicy", self.key.arn, "see who may use the tables' key"))
        return found
