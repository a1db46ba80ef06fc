"""The arguments of a job script, in a form that arrives.

Glue's `getResolvedOptions` takes a value that begins with a dash for the name of another argument, and the job ends.
Names of tables and keys of objects may begin so: such a value gets an equals sign before it on its way.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

COMMON = (
    *("run", "token", "target_table", "target_region", "max_wcu", "parallel", "bucket", "bucket_owner"),
    *("progress_key", "kms_key"),
)
"""What every job is given. Glue's own writer takes neither units nor tasks, but a share of the table's units."""
_MARK = "="


def sent(value: str) -> str:
    """Return a value as it is handed to Glue."""
    return _MARK + value if value.startswith(("-", _MARK)) else value


def resolved(arguments: list[str], options: list[str]) -> dict[str, str]:
    """Return the values of a script's arguments as they were before they were sent.

    Args:
        arguments: `sys.argv`.
        options: names without dashes; each must be given.
    """
    from awsglue.utils import getResolvedOptions

    given = getResolvedOptions(arguments, options)
    return {name: str(given[name]).removeprefix(_MARK) for name in options}
