"""Glue job: copies a table of another account into a table that exists.

Nothing changes its type, and a repetition ends equal. It is no copy as of one moment: writes to the source must have
ended.

Arguments, all needed:
    run: id of the ddbtui run, also in the name of the assumed role's sessions.
    token: of the attempt, goes into the progress object.
    target_table: the table to write to.
    target_region: its region, and the bucket's.
    max_wcu: write units a second for the whole job, indexes included.
    parallel: tasks that run at a time, i.e. the executors' cores; they share the units.
    bucket: where the progress object lies.
    bucket_owner: account that must own it.
    progress_key: key of the progress object, see `reporting.Progress`; nobody knows the total here.
    kms_key: ARN of the key that encrypts that object, or `none` for S3's own.
    source_table: the table to read.
    source_region: its region.
    source_role_arn: role of its account that the job's role may assume.
    segments: into how many the table is split; several times `parallel`, so that an uneven split does not matter.
    max_rcu: read units a second for the whole job.

The job's role needs dynamodb:DescribeTable and dynamodb:BatchWriteItem on the target table, s3:PutObject on the
progress object and sts:AssumeRole on the source role; that one needs dynamodb:Scan on the source table.
"""

from __future__ import annotations

import random
import sys

from ddbtui.methods.glue.jobs.arguments import COMMON, resolved
from ddbtui.methods.glue.jobs.copying import Copying
from ddbtui.methods.glue.jobs.driving import drive, finish
from ddbtui.methods.glue.jobs.pace import share
from ddbtui.methods.glue.jobs.reporting import Progress, Report
from ddbtui.methods.glue.jobs.sessions import client
from ddbtui.methods.glue.jobs.writing import key_names

OPTIONS = [*COMMON, "source_table", "source_region", "source_role_arn", "segments", "max_rcu"]


def main(arguments: list[str]) -> None:
    """Run the job.

    Raises:
        JobFailed: something is not as it should be.
    """
    from pyspark.context import SparkContext

    given = resolved(arguments, OPTIONS)
    region, table = given["target_region"], given["target_table"]
    report = Report(
        client("s3", region), given["bucket"], given["bucket_owner"], given["progress_key"], given["kms_key"]
    )
    progress = Progress(given["token"], "copying")

    def job() -> Progress:
        """Copy all segments, in an order of this attempt's own."""
        segments = int(given["segments"])
        tasks = min(int(given["parallel"]), segments)
        copying = Copying(
            source_table=given["source_table"],
            source_region=given["source_region"],
            role_arn=given["source_role_arn"],
            session_name=f"ddbtui-{given['run']}",
            segments=segments,
            rcu=share(float(given["max_rcu"]), tasks),
            table=table,
            region=region,
            key_names=key_names(client("dynamodb", region), table),
            wcu=share(float(given["max_wcu"]), tasks),
        )
        order = random.Random(given["token"]).sample(range(segments), segments)  # noqa: S311 no secret
        return drive(SparkContext.getOrCreate(), order, copying, report, progress)

    finish(report, progress, job)


if __name__ == "__main__":
    main(sys.argv)
