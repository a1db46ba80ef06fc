"""The context of a job.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

from typing import Any

from .frames import DynamicFrameReader, DynamicFrameWriter


class GlueContext:
    """Where a job begins.

    Args:
        sparkContext: the SparkContext.
    """

    def __init__(self, sparkContext: Any) -> None:  # noqa: N803 Glue's name
        self.spark_context = sparkContext
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter()
