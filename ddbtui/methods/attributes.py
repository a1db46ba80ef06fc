"""The rows of the attribute matrix: all that describes a table, the same for every method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from ddbtui.methods.base import Kept

ATTRIBUTES: tuple[str, ...] = (
    "items with all their types",
    "key schema",
    "global secondary indexes",
    "local secondary indexes",
    "vector indexes",
    "billing mode and capacity",
    "on-demand maximums",
    "warm throughput",
    "auto scaling",
    "time to live",
    "point-in-time recovery",
    "stream setting",
    "Kinesis destination",
    "tags",
    "encryption key",
    "table class",
    "deletion protection",
    "resource policy",
    "Contributor Insights",
    "CloudWatch alarms",
    "global table replicas",
    "stream consumers and application code",
    "table id, creation time, backups",
)

KEEPING_LOADER = (
    "kept set set set lost set set partly re-applied re-applied re-applied re-applied lost set set set re-applied "
    "re-applied re-applied lost lost lost lost"
)
"""The words of a method that makes the table from the inventory and puts the items into it, types and all."""


def matrix(words: str) -> Mapping[str, Kept]:
    """Return the matrix of one method.

    Args:
        words: one word of `Kept` for each row of `ATTRIBUTES`, in order, with spaces between.

    Raises:
        ValueError: there are more or fewer words than rows, or one is not known.
    """
    found = words.split()
    if unknown := set(found) - set(get_args(Kept)):
        raise ValueError(f"not known: {', '.join(sorted(unknown))}")
    return {row: cast(Kept, word) for row, word in zip(ATTRIBUTES, found, strict=True)}
