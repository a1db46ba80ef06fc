"""All methods, in the order in which they are offered."""

from __future__ import annotations

from ddbtui.errors import Exit, UserError
from ddbtui.methods.attributes import ATTRIBUTES
from ddbtui.methods.backup.method import Backup
from ddbtui.methods.base import Method
from ddbtui.methods.glue.glue import Glue
from ddbtui.methods.glue.s3_glue import S3Glue
from ddbtui.methods.planned import DataPipeline, Direct, Emr, GlobalTable, S3Bulk
from ddbtui.methods.s3_import import S3Import
from ddbtui.plan.model import MethodOptions
from ddbtui.text import did_you_mean, shown

__all__ = ["ATTRIBUTES", "METHODS", "method", "option_models"]

METHODS: tuple[Method, ...] = (
    S3Import(),
    S3Bulk(),
    Backup(),
    S3Glue(),
    Glue(),
    Emr(),
    DataPipeline(),
    Direct(),
    GlobalTable(),
)


def method(method_id: str) -> Method:
    """Return a method by its id.

    Raises:
        UserError: there is none of that id.
    """
    for one in METHODS:
        if one.id == method_id:
            return one
    near = did_you_mean(method_id, [one.id for one in METHODS])
    raise UserError(f"no method is called '{shown(method_id, 40)}'{near}", "", Exit.USAGE)


def option_models() -> dict[str, type[MethodOptions]]:
    """Return the option models of the methods that a plan can name."""
    return {one.id: one.options for one in METHODS if one.available}
