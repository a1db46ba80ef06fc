"""Glue job: loads a full export to S3 into a table that exists. Nothing changes its type, and a repetition ends equal.

Arguments, all needed:
    run: id of the ddbtui run.
    token: of the attempt, goes into the progress object.
    target_table: the table to write to.
    target_region: its region, and the bucket's.
    max_wcu: write units a second for the whole job, indexes included.
    parallel: tasks that run at a time, i.e. the executors' cores; they share the write units.
    bucket: where the export and the progress object lie.
    bucket_owner: account that must own it.
    progress_key: key of the progress object, see `reporting.Progress`.
    kms_key: ARN of the key that encrypts that object, or `none` for S3's own.
    manifest: key of the export's manifest-summary.json.
    items: how many items the export has.

The job's role needs dynamodb:DescribeTable and dynamodb:BatchWriteItem on the table, s3:GetObject on the export and
s3:PutObject on the progress object.
"""

from __future__ import annotations

import random
import sys

from ddbtui.methods.glue.jobs.arguments import COMMON, resolved
from ddbtui.methods.glue.jobs.driving import drive, finish
from ddbtui.methods.glue.jobs.exported import DataFile, ExportBucket, read_manifest
from ddbtui.methods.glue.jobs.loading import Loading
from ddbtui.methods.glue.jobs.pace import share
from ddbtui.methods.glue.jobs.reporting import Progress, Report
from ddbtui.methods.glue.jobs.sessions import client
from ddbtui.methods.glue.jobs.writing import key_names

OPTIONS = [*COMMON, "manifest", "items"]


def main(arguments: list[str]) -> None:
    """Run the job.

    Raises:
        JobFailed: something is not as it should be.
    """
    from pyspark.context import SparkContext

    given = resolved(arguments, OPTIONS)
    region, table, bucket, owner = (given[name] for name in ("target_region", "target_table", "bucket", "bucket_owner"))
    s3 = client("s3", region)
    report = Report(s3, bucket, owner, given["progress_key"], given["kms_key"])
    progress = Progress(given["token"], "loading", total=int(given["items"]))

    def job() -> Progress:
        files = shuffled(
            read_manifest(ExportBucket(s3, bucket, owner), given["manifest"], progress.total), given["token"]
        )
        names = key_names(client("dynamodb", region), table)
        units = share(float(given["max_wcu"]), min(int(given["parallel"]), len(files)))
        loading = Loading(bucket, owner, table, region, names, units)
        return drive(SparkContext.getOrCreate(), files, loading, report, progress)

    finish(report, progress, job)


def shuffled(files: list[DataFile], token: str) -> list[DataFile]:
    """Return the files in another order: neighbours in the manifest are neighbours among the table's partitions."""
    return random.Random(token).sample(files, len(files))  # noqa: S311 no secret


if __name__ == "__main__":
    main(sys.argv)
