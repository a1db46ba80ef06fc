"""Where exports lie between two accounts: the bucket of the target account, and what each side may do there.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, StringConstraints

from ddbtui.aws.access import Access
from ddbtui.aws.arns import bucket_arn, objects_arn
from ddbtui.aws.move import Move
from ddbtui.dataplane.export_files import Bucket
from ddbtui.engine.step import Resource
from ddbtui.plan.model import InWords, KeyArn, MethodOptions, Side, Strict

BucketName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"),
    InWords("the name of a bucket, 3 to 63 characters out of a-z, 0-9, '.' and '-', e.g. ddbtui-222222222222"),
]


def _no_way_up(prefix: str) -> str:
    if {".", ".."}.intersection(prefix.split("/")):
        raise ValueError("must have no folder called . or .., which Spark and S3 resolve away")
    return prefix


Prefix = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=200),
    AfterValidator(_no_way_up),
    InWords(
        "a folder's name out of a-z, A-Z, 0-9, '_', '-' and '.', or several with / between them, e.g. moves/ddbtui"
    ),
]


class StagingEncryption(Strict):
    """How the exported objects are encrypted; without it S3 does so with its own key."""

    kms_key_arn: KeyArn = Field(description="ARN of a KMS key in the bucket's region that both accounts may use")


class BucketOptions(MethodOptions):
    """Options of every method that needs a bucket of the target account."""

    bucket: BucketName = Field(
        description="Bucket for what is needed only for the move, owned by the target account",
        json_schema_extra={"suggest": "ddbtui-{target_account_id}-{target_region}"},
    )
    prefix: Prefix = Field("ddbtui", description="Folder in the bucket; each run gets its own folder below")
    encryption: StagingEncryption | None = Field(None, description="SSE-KMS for the objects; SSE-S3 if absent")


class StagingOptions(BucketOptions):
    """Options of every method that goes over an export."""

    object_ownership: Literal["enforce", "grant"] = Field(
        "enforce",
        description="enforce: the bucket's owner owns every object in it (BucketOwnerEnforced, no ACLs); grant: for a "
        "bucket that must keep its ACLs, the ACL of every exported object is set to bucket-owner-full-control",
    )


class Staging:
    """The bucket of one move. All exports of a run lie under `<prefix>/<run id>/<table>/`."""

    def __init__(self, move: Move) -> None:
        options = cast(BucketOptions, move.plan.method)
        self._move = move
        self.bucket = options.bucket
        self.prefix = options.prefix
        self.owner = move.target.account_id
        self.grants_objects = isinstance(options, StagingOptions) and options.object_ownership == "grant"
        self.key_arn = options.encryption.kms_key_arn if options.encryption else None

    def folder(self, run_id: str, table: str) -> str:
        """Return the prefix of one table's exports, without a slash at its end."""
        return f"{self.prefix}/{run_id}/{table}"

    def resource(self, run_id: str, table: str) -> Resource:
        """Return what is to be recorded before an export writes."""
        folder = self.folder(run_id, table) + "/"
        data = {"bucket": self.bucket, "prefix": folder, "owner": self.owner}
        return Resource("s3-objects", "target", f"s3://{self.bucket}/{folder}", "remove", data)

    def reader(self) -> Bucket:
        """Return the bucket for the target account to read from."""
        return Bucket(self._move.target.client("s3"), self.bucket, self.owner)

    def encryption(self) -> dict[str, Any]:
        """Return the parameters of the export that say how to encrypt."""
        if self.key_arn:
            return {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": self.key_arn}
        return {"S3SseAlgorithm": "AES256"}

    @property
    def bucket_arn(self) -> str:
        """The bucket."""
        return bucket_arn(self._move.target.partition, self.bucket)

    @property
    def objects_arn(self) -> str:
        """All objects of all runs of this plan: the run's id is not known before it starts."""
        return objects_arn(self._move.target.partition, self.bucket, self.prefix)

    def write_access(self, side: Side) -> list[Access]:
        """What DynamoDB needs of the caller to write the export for it."""
        actions = ("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload")
        found = [Access(side, action, self.objects_arn, "DynamoDB writes the export") for action in actions]
        return found + self._key_access(side, ("kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"))

    def read_access(self, side: Side) -> list[Access]:
        """What reading exported objects needs."""
        found = [Access(side, "s3:GetObject", self.objects_arn, "read the export")]
        return found + self._key_access(side, ("kms:Decrypt", "kms:DescribeKey"))

    def list_access(self, side: Side) -> list[Access]:
        """What listing the bucket needs."""
        return [Access(side, "s3:ListBucket", self.bucket_arn, "find the export's objects")]

    def remove_access(self) -> list[Access]:
        """What removing the exports needs."""
        why = "remove this run's objects"
        return [*self.list_access("target"), Access("target", "s3:DeleteObject", self.objects_arn, why, changes=True)]

    def _key_access(self, side: Side, actions: tuple[str, ...]) -> list[Access]:
        return [Access(side, action, self.key_arn, "SSE-KMS of the export") for action in actions if self.key_arn]
