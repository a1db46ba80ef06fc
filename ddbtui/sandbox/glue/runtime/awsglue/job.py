"""The frame of a job. The stand-in keeps no bookmarks, as a job without `--job-bookmark-option` does not either.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import GlueContext


class Job:
    """One run of a job.

    Args:
        glue_context: the context.
    """

    def __init__(self, glue_context: GlueContext) -> None:
        self.glue_context = glue_context
        self._name: str | None = None

    def init(self, job_name: str, args: Mapping[str, Any] | None = None) -> None:
        """Begin.

        Args:
            job_name: the job's name.
            args: what `getResolvedOptions` gave.
        """
        self._name = job_name

    def isInitialized(self) -> bool:  # noqa: N802 Glue's name
        """Whether the run has begun and not been committed."""
        return self._name is not None

    def commit(self) -> None:
        """End well.

        Raises:
            RuntimeError: it was not begun.
        """
        if self._name is None:
            raise RuntimeError("the job was not initialised")
        self._name = None
