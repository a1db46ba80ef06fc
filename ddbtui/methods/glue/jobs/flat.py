"""What the two ways of AWS's article have in common: Glue's own writer, and names that are corrected.

They are for flat tables. Whoever starts them has looked at every item before, see `ddbtui.methods.glue.lossy`.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ddbtui.methods.glue.jobs.failures import JobFailed

_PLAIN = re.compile(r"[A-Za-z0-9_]+")


def write_frame(glue: Any, frame: Any, given: Mapping[str, str]) -> None:
    """Write a DynamicFrame into the target table. Whole items are put, so doing it again changes nothing.

    Args:
        glue: the GlueContext.
        frame: the DynamicFrame.
        given: the job's arguments.
    """
    glue.write_dynamic_frame.from_options(
        frame=frame,
        connection_type="dynamodb",
        connection_options={
            "dynamodb.region": given["target_region"],
            "dynamodb.output.tableName": given["target_table"],
            "dynamodb.throughput.write.percent": given["write_percent"],
            "dynamodb.output.retry": "30",
        },
    )


def quoted(names: Iterable[str]) -> str:
    """Return the path of a field as Glue writes it: back-ticks around a name that is no plain word."""
    return ".".join(name if _PLAIN.fullmatch(name) else f"`{name}`" for name in names)


def corrected(mapping: Iterable[Sequence[Any]], schema: Any) -> list[tuple[str, str, str, str]]:
    """Return what ApplyMapping takes, each name spelled as the frame has it: a crawler may have changed its case.

    Args:
        mapping: source names, source type, target name, target type.
        schema: of the frame.

    Raises:
        JobFailed: the frame has no such field, or several that differ in case alone.
    """
    return [(quoted(_found(names, schema)), kind, quoted([target]), wanted) for names, kind, target, wanted in mapping]


def _found(names: Sequence[str], schema: Any) -> list[str]:
    spelled: list[str] = []
    for name in names:
        fields = {field.name: field.dataType for field in getattr(schema, "fields", ())}
        near = [each for each in fields if each.lower() == name.lower()]
        if name not in fields and len(near) != 1:
            raise JobFailed(f"the Data Catalog table has {near or 'no field'} for {'.'.join(names)}")
        spelled.append(name if name in fields else near[0])
        schema = fields[spelled[-1]]
    return spelled
