"""Transforms of frames.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-transforms.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .dynamicframe import DynamicFrame


class ApplyMapping:
    """Takes named fields with new names and types."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, mappings: Iterable[Sequence[str]], transformation_ctx: str = ""
    ) -> DynamicFrame:
        """Return the mapped frame, see `DynamicFrame.apply_mapping`."""
        return frame.apply_mapping(mappings, transformation_ctx)


class ResolveChoice:
    """Makes one type of several."""

    @classmethod
    def apply(cls, frame: DynamicFrame, specs: Iterable[tuple[str, str]], transformation_ctx: str = "") -> DynamicFrame:
        """Return the resolved frame, see `DynamicFrame.resolveChoice`."""
        return frame.resolveChoice(specs, transformation_ctx)
