"""What the prerequisites about the staging bucket share: its calls, always with the owner that it must have."""

from __future__ import annotations

from typing import Any, Literal

from ddbtui.aws.access import Access
from ddbtui.aws.arns import bucket_arn
from ddbtui.aws.errors import code, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.plan.model import Side
from ddbtui.prerequisites.base import Finding, Prerequisite

MISSING = frozenset({"NoSuchBucket", "404", "NotFound"})
State = Literal["ours", "missing", "foreign", "denied"]


class BucketPrerequisite(Prerequisite):
    """A prerequisite about the staging bucket, which belongs to the target account.

    Args:
        move: the plan with its accounts.
        bucket: the bucket's name.
    """

    def __init__(self, move: Move, bucket: str) -> None:
        super().__init__(move)
        self.bucket = bucket

    @property
    def arn(self) -> str:
        """The bucket's ARN."""
        return bucket_arn(self.move.target.partition, self.bucket)

    def call(self, operation: str, side: Side = "target", **parameters: Any) -> dict[str, Any]:
        """Call S3 about the bucket; AWS refuses if another account owns it by now.

        Args:
            operation: boto3's name, e.g. `get_bucket_policy`.
            side: whose credentials make the call.
            parameters: beyond bucket and owner.
        """
        method = getattr(self.move.account(side).client("s3"), operation)
        owner = self.move.target.account_id
        answer: dict[str, Any] = method(Bucket=self.bucket, ExpectedBucketOwner=owner, **parameters)
        return answer

    def read(self, operation: str, none: str) -> dict[str, Any] | None:
        """Call S3 and return None if it answers with the code `none`: the setting was never made."""
        with suppress_codes(none):
            return self.call(operation)
        return None

    def missing(self, error: Exception) -> Finding:
        """Build the finding for a setting of a bucket that does not exist yet. Raises any other error again."""
        if code(error) not in MISSING:
            raise error
        return self.finding(
            "unknown",
            f"Bucket '{self.bucket}' does not exist yet ({code(error)}).",
            "Make the bucket first; ddbtui makes it with the right settings.",
        )

    def needs(self, action: str, why: str, changes: bool = False) -> Access:
        """Declare a call on the bucket itself with the target's credentials."""
        return Access("target", action, self.arn, why, changes)


def look(prerequisite: BucketPrerequisite) -> tuple[State, str]:
    """Tell apart what HEAD answers without a body: ours with its region, missing, foreign, denied with the code.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    from botocore.exceptions import ClientError

    try:
        return "ours", _region(prerequisite.call("head_bucket"))
    except ClientError as error:
        if code(error) in MISSING:
            return "missing", code(error)
        if code(error) not in ("403", "AccessDenied"):
            raise
    try:
        prerequisite.move.target.client("s3").head_bucket(Bucket=prerequisite.bucket)
    except ClientError as error:
        return "denied", code(error)
    return "foreign", "403"


def _region(answer: dict[str, Any]) -> str:
    header = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("x-amz-bucket-region", "")
    return str(answer.get("BucketRegion") or header or "us-east-1")
