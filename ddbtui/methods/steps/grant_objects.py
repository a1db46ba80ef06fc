"""Give the bucket's owner what the source account exported into a bucket that still has ACLs.

There each object belongs to the account that wrote it, and its owner alone may let others read it. For an export
DynamoDB asks that the caller may `s3:PutObjectAcl`; AWS's documents don't say which ACL it sets, if any, so that the
ACL is set here whatever the export did.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from ddbtui.aws.access import Access
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Done, Json, Progress, StepContext
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.staging import Staging

ACL = "bucket-owner-full-control"
_AT_A_TIME = 16
"""No more than the ten connections of a client's pool can use, and a few that wait for one."""
_BATCH = 200


class GrantObjectsStep(TableStep):
    """Sets the ACL of every exported object, as the account that wrote them; works in `poll`, which a stop can leave.

    Setting it again does no harm: an interrupted step begins anew, unless this process knows how far it came.
    """

    name = "grant-objects"
    title = "Give the exported objects to the bucket's owner"
    slot = "read"
    poll_seconds = 1

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self._staging = Staging(move)
        self._token, self._after, self._done = "", "", 0

    def access(self) -> Sequence[Access]:
        """List as the bucket's owner, set as the objects' owner."""
        why = "let the bucket's owner read the exported objects"
        grant = Access("source", "s3:PutObjectAcl", self._staging.objects_arn, why, changes=True)
        return [*self._staging.list_access("target"), grant]

    def start(self, ctx: StepContext) -> Json:
        """Nothing to start: there is nothing to be made."""
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Set one batch after the other."""
        if self._token != ctx.token:
            self._token, self._after, self._done = ctx.token, "", 0
        keys = self._keys(ctx.result("export")["manifest"].rsplit("/", 1)[0] + "/")
        with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="grant-objects") as pool:
            while batch := list(islice(keys, _BATCH)):
                if not all(pool.map(self._grant, batch)):
                    return Done({"objects": 0, "enforced": True})
                self._after, self._done = batch[-1], self._done + len(batch)
                ctx.progress(Progress("setting ACLs", self._done, None))
                if ctx.should_stop():
                    return Progress("stopped", self._done, None)
        return Done({"objects": self._done, "enforced": False})

    def _keys(self, folder: str) -> Iterator[str]:
        pages = (
            self.move.target.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(
                Bucket=self._staging.bucket,
                Prefix=folder,
                StartAfter=self._after,
                ExpectedBucketOwner=self._staging.owner,
            )
        )
        return (found["Key"] for page in pages for found in page.get("Contents", ()))

    def _grant(self, key: str) -> bool:
        """Set one ACL; False if the bucket has none any more, for then its owner owns the objects."""
        where = {"Bucket": self._staging.bucket, "ExpectedBucketOwner": self._staging.owner}
        with suppress_codes("AccessControlListNotSupported"):
            self.move.source.client("s3").put_object_acl(**where, Key=key, ACL=ACL)
            return True
        return False
