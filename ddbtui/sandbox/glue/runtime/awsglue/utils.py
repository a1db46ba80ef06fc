"""Arguments of a job, resolved as on Glue.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

_BOOKMARKS = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
_RESERVED = (
    *("job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "continuation-option"),
    *("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption-type"),
)
_OPTIONAL = ("TempDir", "RedshiftTempDir")


class GlueArgumentError(Exception):
    """An argument is missing or can't be understood."""


class GlueArgumentParser(argparse.ArgumentParser):
    """Raises instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise the error."""
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, Any]:  # noqa: N802 Glue's name
    """Return the named arguments of a job and those that Glue itself gives; what is not named is ignored.

    Args:
        args: `sys.argv`.
        options: names without dashes; each must be given, but for TempDir.

    Raises:
        GlueArgumentError: one is missing.
        RuntimeError: a name is Glue's own.
    """
    taken = [name for name in _RESERVED if name in options]
    if taken:
        raise RuntimeError(f"Using reserved arguments {taken[0]}")
    parser = GlueArgumentParser()
    for name in (*_RESERVED, *_OPTIONAL):
        parser.add_argument(f"--{name}", choices=_BOOKMARKS if name == "job-bookmark-option" else None)
    for name in options:
        if name not in _OPTIONAL:
            parser.add_argument(f"--{name}", required=True)
    resolved = vars(parser.parse_known_args(args[1:])[0])
    resolved.pop("continuation_option")
    resolved["job_bookmark_option"] = resolved["job_bookmark_option"] or "job-bookmark-disable"
    resolved["TempDir"] = resolved["RedshiftTempDir"] = resolved["TempDir"] or resolved["RedshiftTempDir"]
    return resolved
