"""One exported file into the target table: what a task of `load_export` does."""

from __future__ import annotations

from dataclasses import dataclass

from ddbtui.methods.glue.jobs.driving import Written
from ddbtui.methods.glue.jobs.exported import DataFile, ExportBucket, items_of
from ddbtui.methods.glue.jobs.pace import Pace
from ddbtui.methods.glue.jobs.sessions import kept_client
from ddbtui.methods.glue.jobs.writing import BatchWriter


@dataclass(frozen=True)
class Loading:
    """What all tasks need to know; Spark sends it to them.

    Args:
        bucket: where the export lies.
        bucket_owner: account that must own the bucket.
        table: the target table.
        region: of the target table and the bucket.
        key_names: the table's key attributes.
        wcu: write units a second for one task.
    """

    bucket: str
    bucket_owner: str
    table: str
    region: str
    key_names: tuple[str, ...]
    wcu: float

    def __call__(self, file: DataFile) -> Written:
        """Load one file.

        Raises:
            JobFailed: it is damaged, or an item is refused.
        """
        bucket = ExportBucket(kept_client("s3", self.region), self.bucket, self.bucket_owner)
        writer = BatchWriter(kept_client("dynamodb", self.region), self.table, self.key_names, Pace(self.wcu))
        for item in items_of(bucket, file):
            writer.put(item)
        writer.flush()
        return Written(writer.written, writer.retried)
