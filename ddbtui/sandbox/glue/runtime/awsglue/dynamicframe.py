"""DynamicFrames: records that describe themselves, with the transforms that the job scripts use.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html

All is plain Python over a list of records, with Spark as well as without: what is to be shown is what becomes of the
values, not how fast. A field's value is str, int (long), float (double), bool, bytes (binary), None, list or dict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .casting import cast
from .gluetypes import Field, StructType, merged, type_of

if TYPE_CHECKING:
    from .context import GlueContext

Record = dict[str, Any]
_MISSING = object()
_PART = re.compile(r"`([^`]+)`|([^`.]+)")
_PATH = re.compile(r"(`[^`]+`|[^`.]+)(\.(`[^`]+`|[^`.]+))*")


class DynamicFrame:
    """A collection of records.

    Args:
        records: the records.
        glue_ctx: the context.
        name: of the frame.
    """

    def __init__(self, records: Iterable[Record], glue_ctx: GlueContext, name: str = "") -> None:
        self.records = list(records)
        self.glue_ctx, self.name = glue_ctx, name

    def schema(self) -> StructType:
        """Compute the schema: "explicitly encodes schema inconsistencies using a choice (or union) type"."""
        found: dict[str, list[Any]] = {}
        for record in self.records:
            for name, value in record.items():
                found.setdefault(name, []).append(type_of(value))
        return StructType(Field(name, merged(types)) for name, types in found.items())

    def count(self) -> int:
        """Return how many records there are."""
        return len(self.records)

    def apply_mapping(self, mappings: Iterable[Sequence[str]], transformation_ctx: str = "") -> DynamicFrame:
        """Return a frame of "only the fields of the DynamicFrame that are specified in the mapping tuples".

        Args:
            mappings: source column, source type, target column, target type. A dot leads into a struct; a name that
                has one in itself stands between back-ticks.
            transformation_ctx: of no use here.

        https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html
        """
        wanted = [(path(source), path(target), kind) for source, _, target, kind in mappings]
        return DynamicFrame((_mapped(record, wanted) for record in self.records), self.glue_ctx, self.name)

    def resolveChoice(self, specs: Iterable[tuple[str, str]], transformation_ctx: str = "") -> DynamicFrame:  # noqa: N802
        """Return a frame in which fields have one type.

        Args:
            specs: path and action; the stand-in knows `cast:` with a type.
            transformation_ctx: of no use here.

        Raises:
            ValueError: it is another action.

        https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html
        """
        kinds = {path(name): _cast_of(action) for name, action in specs}
        records = (
            {name: cast(value, kinds[name,]) if (name,) in kinds else value for name, value in record.items()}
            for record in self.records
        )
        return DynamicFrame(records, self.glue_ctx, self.name)


def path(text: str) -> tuple[str, ...]:
    """Return the names that lead to a field, e.g. `a` and `b.c` of a.`b.c`.

    Raises:
        ValueError: it is no such path.
    """
    if not _PATH.fullmatch(text):
        raise ValueError(f"{text!r} is no path of a field")
    return tuple(quoted or plain for quoted, plain in _PART.findall(text))


def _cast_of(action: str) -> str:
    verb, _, kind = action.partition(":")
    if verb != "cast":
        raise ValueError(f"the stand-in for Glue can't resolve a choice by {action!r}")
    return kind


def _mapped(record: Mapping[str, Any], wanted: Iterable[tuple[tuple[str, ...], tuple[str, ...], str]]) -> Record:
    made: Record = {}
    for source, target, kind in wanted:
        value: Any = record
        for name in source:
            value = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        if value is not _MISSING:
            place = made
            for name in target[:-1]:
                place = place.setdefault(name, {})
            place[target[-1]] = cast(value, kind)
    return made
