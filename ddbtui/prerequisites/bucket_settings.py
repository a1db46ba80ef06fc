"""Settings of a staging bucket that existed before: private, without ACLs, paid by its owner.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Record, Remedy, answering, explaining
from ddbtui.prerequisites.bucket import BLOCKED, ENFORCED
from ddbtui.prerequisites.staging import BucketPrerequisite
from ddbtui.text import shown


class _Setting(BucketPrerequisite):
    """A setting of the bucket that has one good value; the one before is noted for the audit."""

    get_action: str
    put_action: str
    goal: str
    why: str

    def current(self) -> str:
        """Return the setting as AWS has it."""
        raise TypeError

    def put(self) -> None:
        """Write the good value."""
        raise TypeError

    def good(self, now: str) -> bool:
        """Whether the setting is as it must be."""
        return now == self.goal

    def remark(self, now: str) -> str:
        """Return what to add about a good setting, with a space before it."""
        return ""

    @answering
    def check(self) -> Finding:
        """Read the setting."""
        try:
            now = self.current()
        except Exception as error:
            return self.missing(error)
        if self.good(now):
            return self.finding("pass", f"'{self.bucket}': {shown(now)}.{self.remark(now)}")
        change = Change("target", self.move.target.account_id, self.put_action, self.arn, now, self.goal)
        return self.finding(
            "fail",
            f"'{self.bucket}': {shown(now)}.",
            f"{self.why} Others may use this bucket: a bucket of ddbtui's own is safer.",
            Remedy(f"{self.put_action} on '{self.bucket}'", (change,)),
        )

    @explaining
    def apply(self, record: Record) -> None:
        """Write the good value; it stays, since nobody can tell whether the old one is wanted back."""
        now = self.current()
        if not self.good(now):
            data = {"bucket": self.bucket, "setting": self.id, "before": now}
            record(Resource("bucket-setting", "target", f"{self.bucket}/{self.id}", "keep", data))
            self.put()

    def access(self) -> Sequence[Access]:
        """One read."""
        return [self.needs(self.get_action, f"check: {self.title}")]

    def remedy_access(self) -> Sequence[Access]:
        """One write."""
        return [self.needs(self.put_action, f"make so: {self.title}", changes=True)]


class BucketPublicAccess(_Setting):
    """All four switches of the public access block are on."""

    id = "bucket-public-access"
    title = "The staging bucket blocks public access"
    get_action = "s3:GetBucketPublicAccessBlock"
    put_action = "s3:PutBucketPublicAccessBlock"
    goal = json.dumps(BLOCKED)
    why = "Exports hold the whole table."

    def current(self) -> str:
        """Read the four switches, in one order; off if they were never set."""
        found = self.read("get_public_access_block", "NoSuchPublicAccessBlockConfiguration") or {}
        switches: dict[str, Any] = found.get("PublicAccessBlockConfiguration", {})
        return json.dumps({name: bool(switches.get(name)) for name in BLOCKED})

    def put(self) -> None:
        """Switch all on."""
        self.call("put_public_access_block", PublicAccessBlockConfiguration=BLOCKED)


class BucketOwnership(_Setting):
    """ACLs are off, so that the target account owns what the source account writes."""

    id = "bucket-ownership"
    title = "The staging bucket's owner owns every object in it"
    get_action = "s3:GetBucketOwnershipControls"
    put_action = "s3:PutBucketOwnershipControls"
    goal = ENFORCED
    why = (
        "Else the target account may be unable to read what the source account exports; if the bucket must keep its "
        "ACLs, object_ownership: grant sets those of the exported objects."
    )

    def __init__(self, move: Move, bucket: str, acls_allowed: bool = False) -> None:
        """Make it.

        Args:
            move: the plan with its accounts.
            bucket: the bucket's name.
            acls_allowed: whether the owner insists on ACLs, and the plan on setting those of the exported objects.
        """
        super().__init__(move, bucket)
        self._acls_allowed = acls_allowed

    def good(self, now: str) -> bool:
        """Enforced is; and so is any other with ACLs that are set."""
        return self._acls_allowed or super().good(now)

    def remark(self, now: str) -> str:
        """Say what is done about ACLs."""
        return "" if super().good(now) else " It keeps its ACLs; ddbtui sets the ACL of every exported object."

    def remedy_access(self) -> Sequence[Access]:
        """None where any setting will do."""
        return () if self._acls_allowed else super().remedy_access()

    def current(self) -> str:
        """Read the ownership; buckets from before 2023 may have none, which means ObjectWriter."""
        found = self.read("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
        return str(found["OwnershipControls"]["Rules"][0]["ObjectOwnership"]) if found else "ObjectWriter"

    def put(self) -> None:
        """Switch ACLs off."""
        self.call("put_bucket_ownership_controls", OwnershipControls={"Rules": [{"ObjectOwnership": ENFORCED}]})


class BucketRequesterPays(_Setting):
    """The owner pays: exports to Requester Pays buckets are not supported."""

    id = "bucket-requester-pays"
    title = "The staging bucket's owner pays for requests"
    get_action = "s3:GetBucketRequestPayment"
    put_action = "s3:PutBucketRequestPayment"
    goal = "BucketOwner"
    why = "DynamoDB does not export to Requester Pays buckets."

    def current(self) -> str:
        """Read who pays."""
        return str(self.call("get_bucket_request_payment").get("Payer", "BucketOwner"))

    def put(self) -> None:
        """Let the owner pay."""
        self.call("put_bucket_request_payment", RequestPaymentConfiguration={"Payer": "BucketOwner"})
