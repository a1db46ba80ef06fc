"""Where frames come from and go to, behind `GlueContext.create_dynamic_frame` and `write_dynamic_frame`.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-reader.html
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-writer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import datacatalog, dynamodb
from .dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from .context import GlueContext


class DynamicFrameReader:
    """Reads frames.

    Args:
        glue_context: whose frames they are.
    """

    def __init__(self, glue_context: GlueContext) -> None:
        self._glue_context = glue_context

    def from_catalog(self, database: str, table_name: str, transformation_ctx: str = "") -> DynamicFrame:
        """Read what a table of the Data Catalog tells of."""
        return DynamicFrame(datacatalog.read(database, table_name), self._glue_context, table_name)

    def from_options(
        self, connection_type: str, connection_options: Mapping[str, str], transformation_ctx: str = ""
    ) -> DynamicFrame:
        """Read a DynamoDB table.

        Raises:
            ValueError: the connection is of another type, or has a wrong option.
        """
        _check(connection_type)
        return DynamicFrame(dynamodb.read(connection_options), self._glue_context)


class DynamicFrameWriter:
    """Writes frames."""

    def from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Mapping[str, str],
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Write into a DynamoDB table, and return the frame.

        Raises:
            ValueError: the connection is of another type, or has a wrong option.
            RuntimeError: a field has several types, or the table takes nothing.
        """
        _check(connection_type)
        dynamodb.write(frame, connection_options)
        return frame


def _check(connection_type: str) -> None:
    if connection_type != "dynamodb":
        raise ValueError(f"the stand-in for Glue has no connection of type {connection_type!r}")
