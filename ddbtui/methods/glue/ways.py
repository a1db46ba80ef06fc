"""The ways in which a job can read and write, and which of them a plan chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ddbtui.methods.glue.catalog_loader import CatalogLoader
from ddbtui.methods.glue.connector_reader import ConnectorReader
from ddbtui.methods.glue.lossless import LosslessLoader, LosslessReader
from ddbtui.methods.glue.options import CopyOptions, S3GlueOptions
from ddbtui.methods.glue.way import Way
from ddbtui.plan.model import MethodOptions

LOADERS: Mapping[str, Way] = {"lossless": LosslessLoader(), "catalog": CatalogLoader()}
"""By the option `loader` of `s3-glue`."""
READERS: Mapping[str, Way] = {"lossless": LosslessReader(), "connector": ConnectorReader()}
"""By the option `reader` of `glue`."""


def loader_of(options: MethodOptions | None) -> Way:
    """Return the loader of `s3-glue`, the default one if there is no plan yet."""
    return LOADERS[cast(S3GlueOptions, options).loader if options else "lossless"]


def way_of(options: MethodOptions) -> Way:
    """Return the way that the options of a plan chose."""
    if isinstance(options, S3GlueOptions):
        return loader_of(options)
    return READERS[cast(CopyOptions, options).reader]
