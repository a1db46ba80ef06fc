"""Glue job, as AWS's article has it: loads a crawled export into a table that exists. For flat tables only.

https://repost.aws/knowledge-center/dynamodb-cross-account-migration

Arguments, all needed, beside those in `arguments.COMMON`:
    database: of the Data Catalog.
    catalog_table: the table that the crawler made of the export's files.
    mapping: JSON list of [names that lead to a field, its type, attribute, type], e.g. [["Item", "id", "N"], "string",
        "id", "long"].
    items: how many items the export has.
    write_percent: share of the table's write units, from 0.1 to 1.5.

The job's role needs dynamodb:DescribeTable and dynamodb:BatchWriteItem on the target table, s3:GetObject on the export,
s3:ListBucket, s3:PutObject on the progress object, and glue:GetDatabase, glue:GetTable and glue:GetPartitions.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from ddbtui.methods.glue.jobs.arguments import COMMON, resolved
from ddbtui.methods.glue.jobs.driving import finish
from ddbtui.methods.glue.jobs.failures import JobFailed
from ddbtui.methods.glue.jobs.flat import corrected, write_frame
from ddbtui.methods.glue.jobs.reporting import Progress, Report
from ddbtui.methods.glue.jobs.sessions import client

OPTIONS = [*COMMON, "database", "catalog_table", "mapping", "items", "write_percent"]


def main(arguments: list[str]) -> None:
    """Run the job.

    Raises:
        JobFailed: something is not as it should be.
    """
    from awsglue.context import GlueContext
    from awsglue.transforms import ApplyMapping
    from pyspark.context import SparkContext

    given = resolved(arguments, OPTIONS)
    s3 = client("s3", given["target_region"])
    report = Report(s3, given["bucket"], given["bucket_owner"], given["progress_key"], given["kms_key"])
    progress = Progress(given["token"], "reading the Data Catalog table", total=int(given["items"]))

    def job() -> Progress:
        """Read the Data Catalog table, map it if it has all items, write."""
        report.tell(progress)
        glue = GlueContext(SparkContext.getOrCreate())
        frame = glue.create_dynamic_frame.from_catalog(database=given["database"], table_name=given["catalog_table"])
        mapping, items = corrected(json.loads(given["mapping"]), frame.schema()), frame.count()
        if items != progress.total:
            raise JobFailed(f"the Data Catalog table has {items} records, not {progress.total}")
        writing = replace(progress, phase="writing, by Glue's own writer")
        report.put(writing)
        write_frame(glue, ApplyMapping.apply(frame=frame, mappings=mapping), given)
        return replace(writing, done=items)

    finish(report, progress, job)


if __name__ == "__main__":
    main(sys.argv)
