"""The staging bucket exists, in the target account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, is_denied
from ddbtui.aws.move import Move
from ddbtui.aws.policies import BUCKET_POLICY_BYTES, add_statement
from ddbtui.aws.settle import settle
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Outcome, Record, Remedy, answering, explaining
from ddbtui.prerequisites.staging import BucketPrerequisite, look

BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
ENFORCED = "BucketOwnerEnforced"
ABORT_DAYS = 2
EXPIRE_DAYS = 30
_SETTLES = frozenset({"NoSuchBucket", "OperationAborted"})


class BucketExists(BucketPrerequisite):
    """The bucket exists and the target account owns it. Its region is shown, and judged where that matters.

    Args:
        move: the plan with its accounts.
        bucket: the bucket's name.
        prefix: where the exports go, without a slash at its end; a new bucket expires what is under it.
        key_arn: KMS key for the default encryption of a new bucket; S3's own key if None.
        elsewhere: what to find of a bucket in another region than the new tables.
    """

    id = "bucket"
    title = "The staging bucket exists and belongs to the target account"

    def __init__(
        self, move: Move, bucket: str, prefix: str, key_arn: str | None = None, elsewhere: Outcome = "pass"
    ) -> None:
        super().__init__(move, bucket)
        self._elsewhere = elsewhere
        self.prefix = prefix
        self.key_arn = key_arn

    @answering
    def check(self) -> Finding:
        """Ask for the head of the bucket, as its owner."""
        state, detail = look(self)
        owner = self.move.target.account_id
        if state == "ours":
            near = self.move.target.region
            evidence = f"'{self.bucket}' belongs to account {owner} and is in {detail}"
            if detail == near:
                return self.finding("pass", f"{evidence}.")
            advice = "" if self._elsewhere == "pass" else f"Name a bucket in {near}, or one that ddbtui can make there."
            return self.finding(self._elsewhere, f"{evidence}, the new tables are in {near}.", advice)
        if state == "missing":
            advice = "Let ddbtui make it, or name a bucket that exists."
            return self.finding("fail", f"No bucket is called '{self.bucket}' ({detail}).", advice, self._remedy())
        if state == "foreign":
            evidence = f"'{self.bucket}' exists, but does not belong to account {owner}."
            return self.finding("fail", evidence, "Bucket names are worldwide: choose another one.")
        evidence = f"AWS refuses access to '{self.bucket}' ({detail}): another account's, or s3:ListBucket is missing."
        return self.finding("fail", evidence, "Choose another name, or allow s3:ListBucket on the bucket.")

    def access(self) -> Sequence[Access]:
        """HEAD needs s3:ListBucket."""
        return [self.needs("s3:ListBucket", "see whether the bucket exists")]

    def _remedy(self) -> Remedy:
        account = self.move.target.account_id
        changes = [
            Change("target", account, access.action, self.arn, "", self._told(access.action))
            for access in self.remedy_access()
        ]
        leaves = (self._resource(unfinished=False),)
        return Remedy(f"Make bucket '{self.bucket}' in {self.move.target.region}", tuple(changes), leaves)

    def _told(self, action: str) -> str:
        return {
            "s3:CreateBucket": f"a bucket in {self.move.target.region}, removed when the run cleans up",
            "s3:PutBucketOwnershipControls": f"{ENFORCED}: no ACLs, the bucket's owner owns every object",
            "s3:PutBucketPublicAccessBlock": json.dumps(BLOCKED, indent=2),
            "s3:PutEncryptionConfiguration": json.dumps(self._encryption(), indent=2),
            "s3:PutBucketPolicy": json.dumps(json.loads(self._policy()), indent=2),
            "s3:PutLifecycleConfiguration": json.dumps(self._lifecycle(), indent=2),
        }[action]

    @explaining
    def apply(self, record: Record) -> None:
        """Make the bucket, unless it exists by now: what someone else made is not ours to configure or remove."""
        if look(self)[0] != "missing":
            return
        record(self._resource(unfinished=True))
        try:
            self._create()
        except Exception as error:
            if is_denied(error) or code(error) == "BucketAlreadyExists":
                # Who makes a bucket of this name later owns it: it is neither configured nor removed.
                record(replace(self._resource(unfinished=False), fate="keep"))
            raise
        self._configure(record)

    def _create(self) -> None:
        region = self.move.target.region
        where: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.move.target.client("s3").create_bucket(
            Bucket=self.bucket, ObjectOwnership=ENFORCED, **({} if region == "us-east-1" else where)
        )

    def finish(self, resources: Sequence[Resource], record: Record) -> None:
        """Configure a bucket of ours that was made, but not yet all that it should be."""
        if self._resource(unfinished=True) in resources and look(self)[0] == "ours":
            self._configure(record)

    def _resource(self, *, unfinished: bool) -> Resource:
        data = {"bucket": self.bucket, "unfinished": unfinished}
        return Resource("bucket", "target", self.bucket, "remove", data)

    def _configure(self, record: Record) -> None:
        for operation, parameters in self._settings():
            settle(partial(self.call, operation, **parameters), _SETTLES)
        record(self._resource(unfinished=False))

    def _settings(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("put_public_access_block", {"PublicAccessBlockConfiguration": BLOCKED}),
            ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": self._encryption()}),
            ("put_bucket_policy", {"Policy": self._policy()}),
            ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": self._lifecycle()}),
        ]

    def _encryption(self) -> dict[str, Any]:
        rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        if self.key_arn:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key_arn}
            rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        return {"Rules": [rule]}

    def _policy(self) -> str:
        statement = {
            "Sid": "DdbtuiTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [self.arn, f"{self.arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return add_statement(None, statement, limit_bytes=BUCKET_POLICY_BYTES)

    def _lifecycle(self) -> dict[str, Any]:
        """A net under the clean-up: what a lost run leaves behind goes by itself."""
        abort = {
            "ID": "ddbtui-abort-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_DAYS},
        }
        expire = {
            "ID": "ddbtui-expire-staging",
            "Status": "Enabled",
            "Filter": {"Prefix": f"{self.prefix}/" if self.prefix else ""},
            "Expiration": {"Days": EXPIRE_DAYS},
        }
        return {"Rules": [abort, expire]}

    def remedy_access(self) -> Sequence[Access]:
        """One call a setting; ownership is set by the creating call, which needs an action more for it."""
        return [
            self.needs("s3:CreateBucket", "make the staging bucket", changes=True),
            self.needs("s3:PutBucketOwnershipControls", "switch ACLs off in the new bucket", changes=True),
            self.needs("s3:PutBucketPublicAccessBlock", "keep the new bucket private", changes=True),
            self.needs("s3:PutEncryptionConfiguration", "encrypt the new bucket by default", changes=True),
            self.needs("s3:PutBucketPolicy", "refuse plain HTTP to the new bucket", changes=True),
            self.needs("s3:PutLifecycleConfiguration", "expire what is left over in the new bucket", changes=True),
        ]

    def undo_access(self) -> Sequence[Access]:
        """One call, once it is empty."""
        return [self.needs("s3:DeleteBucket", "remove the staging bucket that ddbtui made", changes=True)]
