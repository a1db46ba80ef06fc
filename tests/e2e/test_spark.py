"""All four ways of Glue by the program, its jobs on real Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.support import BUCKET, assert_equal_tables, ddbtui, environment, json_lines, plan_file
from tests.support.sandbox import TestSandbox

pytestmark = pytest.mark.slow
WAYS = {
    "s3-glue": {"type": "s3-glue"},
    "s3-glue-catalog": {"type": "s3-glue", "loader": "catalog"},
    "glue": {"type": "glue"},
    "glue-connector": {"type": "glue", "reader": "connector"},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_arrives(on_spark: TestSandbox, tmp_path: Path, way: str) -> None:
    plan = plan_file(tmp_path, "sessions", method={"bucket": BUCKET, **WAYS[way]})
    env = environment(on_spark, tmp_path)
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, (done.stdout[-3000:], done.stderr)
    assert json_lines(done.stdout)[-1]["state"] == "done"
    assert on_spark.process.engine()["used"].startswith("spark ")
    assert_equal_tables(on_spark, "sessions")
