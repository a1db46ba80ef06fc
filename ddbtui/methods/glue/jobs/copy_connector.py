"""Glue job, as AWS's guide has it: copies a table of another account by Glue's connector. For flat tables only.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-dynamo-db-cross-account.html

It is no copy as of one moment: writes to the source must have ended.

Arguments, all needed, beside those in `arguments.COMMON`:
    source_table: the table to read.
    source_region: its region.
    source_role_arn: role of its account that the job's role may assume. For an hour at most; AWS does not say whether
        the connector assumes it again.
    read_percent: share of the source's read units, from 0.1 to 1.5.
    write_percent: share of the target's write units, from 0.1 to 1.5.
    splits: into how many parts the table is read.
    casts: JSON list of [attribute, type] for attributes of which the connector sees several types.

The job's role needs dynamodb:DescribeTable and dynamodb:BatchWriteItem on the target table, s3:PutObject on the
progress object and sts:AssumeRole on the source role; that one needs dynamodb:DescribeTable and dynamodb:Scan.
"""

from __future__ import annotations

import json
import sys

from ddbtui.methods.glue.jobs.arguments import COMMON, resolved
from ddbtui.methods.glue.jobs.driving import finish
from ddbtui.methods.glue.jobs.flat import quoted, write_frame
from ddbtui.methods.glue.jobs.reporting import Progress, Report
from ddbtui.methods.glue.jobs.sessions import client

OPTIONS = [
    *COMMON,
    *("source_table", "source_region", "source_role_arn", "read_percent", "write_percent", "splits", "casts"),
]


def main(arguments: list[str]) -> None:
    """Run the job.

    Raises:
        JobFailed: something is not as it should be.
    """
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    given = resolved(arguments, OPTIONS)
    s3 = client("s3", given["target_region"])
    report = Report(s3, given["bucket"], given["bucket_owner"], given["progress_key"], given["kms_key"])
    progress = Progress(given["token"], "copying, by Glue's own connector")

    def job() -> Progress:
        """Read by the connector, make one type of attributes that have several, write."""
        report.tell(progress)
        glue = GlueContext(SparkContext.getOrCreate())
        frame = glue.create_dynamic_frame.from_options(
            connection_type="dynamodb",
            connection_options={
                "dynamodb.region": given["source_region"],
                "dynamodb.input.tableName": given["source_table"],
                "dynamodb.throughput.read.percent": given["read_percent"],
                "dynamodb.splits": given["splits"],
                "dynamodb.sts.roleArn": given["source_role_arn"],
                "dynamodb.sts.roleSessionName": f"ddbtui-{given['run']}"[:64],
            },
        )
        casts = [(quoted([name]), f"cast:{kind}") for name, kind in json.loads(given["casts"])]
        write_frame(glue, frame.resolveChoice(specs=casts) if casts else frame, given)
        return progress

    finish(report, progress, job)


if __name__ == "__main__":
    main(sys.argv)
