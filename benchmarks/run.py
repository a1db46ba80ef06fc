"""All benchmarks: `python -m benchmarks.run`, or `make bench`. Ends with 1 if a target is missed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable

from benchmarks.plans import plan_loading
from benchmarks.proof import proof_speed
from benchmarks.result import Result
from benchmarks.startup import first_paint, first_question, help_text
from benchmarks.table_list import list_filter

BENCHMARKS: tuple[Callable[[], Result | Iterable[Result]], ...] = (
    help_text,
    first_paint,
    first_question,
    list_filter,
    proof_speed,
    plan_loading,
)


def main() -> int:
    """Run all, print a Markdown table."""
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores\n")
    print("| What | Measured | Target | |\n|---|---|---|---|")
    missed = 0
    for benchmark in BENCHMARKS:
        found = benchmark()
        for result in [found] if isinstance(found, Result) else found:
            print(result.row(), flush=True)
            missed += not result.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
