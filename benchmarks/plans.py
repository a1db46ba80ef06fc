"""How long a plan takes to load."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.result import Result
from ddbtui.methods.catalog import option_models
from ddbtui.plan.reader import parse_plan

USUAL, LARGE = 20, 5_000
_MOST = {USUAL: 0.1, LARGE: 2.0}
"""Seconds by number of tables; 5,000 is the most that a plan may list."""
_HEAD = """\
version: 1
source: {profile: old, region: eu-west-1, account_id: "111111111111"}
target: {profile: new, region: eu-west-1, account_id: "222222222222"}
method: {type: s3-import, bucket: "ddbtui-222222222222-eu-west-1"}
tables:
"""


def plan_loading() -> list[Result]:
    """A plan of usual size, and the largest."""
    return [_measured(count) for count in (USUAL, LARGE)]


def _measured(count: int) -> Result:
    text = _HEAD + "".join(
        f'  - {{name: "shop-{number:05d}", target_name: "new-{number:05d}"}}\n' for number in range(count)
    )
    models, taken = option_models(), []
    parse_plan(text, "plan.yaml", models)
    for _ in range(5):
        start = time.perf_counter()
        plan = parse_plan(text, "plan.yaml", models)
        taken.append(time.perf_counter() - start)
        if len(plan.tables) != count:
            raise RuntimeError(f"{len(plan.tables)} tables of {count} were read")
    most, seconds = _MOST[count], median(taken)
    return Result(
        f"a plan of {count:,} tables loads",
        f"{seconds * 1000:,.1f} ms",
        f"at most {most * 1000:,.0f} ms",
        seconds <= most,
    )
