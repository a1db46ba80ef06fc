"""The bucket lets the source account write, shown by a write.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.arns import objects_arn
from ddbtui.aws.errors import code, explain, is_denied
from ddbtui.aws.evaluation import statement_applies
from ddbtui.aws.move import Move
from ddbtui.aws.policies import BUCKET_POLICY_BYTES, PolicyRefused, parse
from ddbtui.aws.principals import allowed, allowing, principal_arn
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Record, Remedy, answering, explaining
from ddbtui.prerequisites.editing import PolicyEdit, indented, named
from ddbtui.prerequisites.staging import MISSING, BucketPrerequisite
from ddbtui.text import shown

EXPORT_ACTIONS = ("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl")
"""What an export's caller needs on the objects that it writes."""
PROBE = ".ddbtui-probe"


class BucketPolicy(BucketPrerequisite):
    """The source's credentials can write under the prefix.

    Args:
        move: the plan with its accounts.
        bucket: the bucket's name.
        prefix: where the exports go, without a slash at its end.
        key_arn: the key that encrypts them, if not S3's own. The probe says how to encrypt, as an export does: else the
            bucket's default would count, which may be a key that exports never touch.
    """

    id = "bucket-policy"
    title = "The staging bucket lets the source account write"

    def __init__(self, move: Move, bucket: str, prefix: str, key_arn: str | None = None) -> None:
        super().__init__(move, bucket)
        self.prefix = prefix
        self.key_arn = key_arn

    @property
    def objects(self) -> str:
        """The ARN pattern of what exports write."""
        return objects_arn(self.move.target.partition, self.bucket, self.prefix)

    @property
    def probe_key(self) -> str:
        """The object that the check writes and removes."""
        return f"{self.prefix}/{PROBE}" if self.prefix else PROBE

    @property
    def statement(self) -> dict[str, Any]:
        """The statement that lets exactly the source's credentials write, and nothing else."""
        wanted = {"Action": list(EXPORT_ACTIONS), "Resource": self.objects}
        return named("Export", allowing(self.move.source, wanted))

    @answering
    def check(self) -> Finding:
        """Write an empty object as the source, remove it as the target, and look at the policy for the rest."""
        try:
            policy = self._policy()
            refused = self._probe()
        except Exception as error:
            if code(error) not in MISSING:
                raise
            return self._failed(f"Bucket '{self.bucket}' does not exist yet ({code(error)}).", None, missing=True)
        lacking = [action for action in EXPORT_ACTIONS if self._allows(policy, action) == "no"]
        wrote = f"{principal_arn(self.move.source)} wrote s3://{self.bucket}/{self.probe_key}"
        if refused is None and not lacking:
            return self.finding("pass", f"{wrote}, and the target account removed it.")
        if refused is None:
            return self._failed(f"{wrote}, but the bucket's policy does not allow {' and '.join(lacking)}.", policy)
        told = explain(refused, f"write to s3://{self.bucket}/{self.probe_key}")
        evidence = f"{told.message} ({code(refused)})."
        denying = self._denying(policy)
        if denying:
            evidence = f"{evidence} Statement {denying} of the bucket's policy denies it."
            return self.finding(
                "fail", evidence, "Take the source account out of that statement; no other can outdo it."
            )
        if not lacking and self._allows(policy, "s3:PutObject") == "yes":
            return self.finding(
                "fail",
                f"{evidence} The bucket's policy allows it, so {self._others()} do not.",
                "Give the source credentials the policy of `ddbtui permissions PLAN`; a change takes up to a minute.",
            )
        return self._failed(evidence, policy)

    def _policy(self) -> str | None:
        found = self.read("get_bucket_policy", "NoSuchBucketPolicy")
        return str(found["Policy"]) if found else None

    def _probe(self) -> Exception | None:
        """Write and remove the probe; return why the write was refused, if it was."""
        try:
            self.call("put_object", "source", Key=self.probe_key, Body=b"", **self._encryption())
        except Exception as error:
            if not is_denied(error):
                raise
            return error
        self.call("delete_object", Key=self.probe_key)
        return None

    def _encryption(self) -> dict[str, str]:
        if self.key_arn:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key_arn}
        return {"ServerSideEncryption": "AES256"}

    def _others(self) -> str:
        own = "the source account's own policies"
        return f"{own}, or the policy of key {shown(self.key_arn)}," if self.key_arn else own

    def _allows(self, policy: str | None, action: str) -> str:
        return allowed(self.move.source, policy, action, self._probe_arn)

    def _denying(self, policy: str | None) -> str:
        """Name the statement that denies the write for sure, if there is one."""
        try:
            statements = parse(policy).statements if policy else ()
        except PolicyRefused:
            return ""
        source = self.move.source
        who = principal_arn(source), source.account_id
        for number, statement in enumerate(statements, 1):
            applies = statement_applies(statement, *who, "s3:PutObject", self._probe_arn)
            if statement.get("Effect") == "Deny" and applies == "yes":
                return f"'{shown(statement.get('Sid') or number, 60)}'"
        return ""

    @property
    def _probe_arn(self) -> str:
        return f"{self.arn}/{self.probe_key}"

    def _failed(self, evidence: str, policy: str | None, missing: bool = False) -> Finding:
        try:
            after = self._edit().proposed(policy)
        except PolicyRefused as refused:
            return self.finding("fail", f"{evidence} {refused.message}.", refused.hint)
        if after == policy:
            return self.finding("fail", f"{evidence} ddbtui's statement is there.", "Wait a minute and check again.")
        change = Change(
            "target", self.move.target.account_id, "s3:PutBucketPolicy", self.arn, indented(policy), indented(after)
        )
        # A bucket that ddbtui makes has a statement of its own by then.
        leaves = self._resource("" if missing else policy)
        remedy = Remedy(f"Let the source account write to '{self.bucket}'", (change,), (leaves,))
        return self.finding("fail", evidence, "Add one statement to the bucket's policy.", remedy)

    def _edit(self) -> PolicyEdit:
        return PolicyEdit(
            self.statement,
            BUCKET_POLICY_BYTES,
            self._policy,
            lambda text: self.call("put_bucket_policy", Policy=text),
            frozenset({"OperationAborted"}),
        )

    @explaining
    def apply(self, record: Record) -> None:
        """Add the statement; everything else in the policy stays."""
        self._edit().add(record, self._resource)

    def _resource(self, before: str | None) -> Resource:
        statement = self.statement
        data = {"bucket": self.bucket, "statement": statement, "before": before}
        return Resource("bucket-policy-statement", "target", f"{self.bucket}#{statement['Sid']}", "remove", data)

    def access(self) -> Sequence[Access]:
        """The policy, and the probe from both sides."""
        found = [
            self.needs("s3:GetBucketPolicy", "see who may write to the bucket"),
            Access("source", "s3:PutObject", self._probe_arn, "write an empty object as a test", changes=True),
            Access("target", "s3:DeleteObject", self._probe_arn, "remove the test object", changes=True),
        ]
        if self.key_arn:
            found.append(Access("source", "kms:GenerateDataKey", self.key_arn, "encrypt the test object"))
        return found

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        return [self.needs("s3:PutBucketPolicy", "let the source account write to the bucket", changes=True)]

    def undo_access(self) -> Sequence[Access]:
        """A policy of which nothing would be left has to be deleted."""
        return [
            self.needs("s3:DeleteBucketPolicy", "remove the policy if only ddbtui's statement is in it", changes=True)
        ]
