"""Tells how far a job is: a small object on S3 that whoever started the job reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ddbtui.methods.glue.jobs.failures import is_transient

EVERY = 5.0
"""Seconds between two reports at least."""
NO_KEY = "none"


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Args:
        token: of the attempt that started the job.
        phase: what it does, e.g. `loading`.
        done: items that are written.
        total: items that there are to write, 0 if nobody knows.
        files: files or segments that are done.
        parts: files or segments that there are.
        retried: how many writes had to be sent again.
        finished: whether all is done and counted.
        error: why it failed.
    """

    token: str
    phase: str
    done: int = 0
    total: int = 0
    files: int = 0
    parts: int = 0
    retried: int = 0
    finished: bool = False
    error: str = ""


class Report:
    """Writes the progress object.

    Args:
        s3: a client that may put the object.
        bucket: where to.
        owner: account that must own the bucket.
        key: the object's key.
        kms_key: ARN of the key that encrypts it, or `NO_KEY` for S3's own. It is said either way: else the bucket's
            default would count, which may be a key that the job's role must not use.
        clock: seconds that only go forward.

    Attributes:
        last: the last progress that it was told.
    """

    def __init__(
        self,
        s3: Any,
        bucket: str,
        owner: str,
        key: str,
        kms_key: str = NO_KEY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._s3, self._clock = s3, clock
        own = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
        self._encryption = {"ServerSideEncryption": "AES256"} if kms_key == NO_KEY else own
        self._place = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": owner}
        self._told_at: float | None = None
        self.last: Progress | None = None

    def tell(self, progress: Progress) -> None:
        """Write the progress, unless that was done a moment ago. A bucket that can't be reached stops no job."""
        self.last, now = progress, self._clock()
        if self._told_at is not None and now - self._told_at < EVERY:
            return
        self._told_at = now
        try:
            self.put(progress)
        except (ClientError, BotoCoreError) as error:
            if not is_transient(error):
                raise

    def put(self, progress: Progress) -> None:
        """Write the progress now. Errors of AWS pass through."""
        body = json.dumps(asdict(progress)).encode()
        self._s3.put_object(Body=body, ContentType="application/json", **self._encryption, **self._place)
