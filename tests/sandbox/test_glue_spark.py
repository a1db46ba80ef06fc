"""Glue jobs on real Spark, where pyspark and a Java are installed."""

from __future__ import annotations

import pytest

from tests.sandbox.gluing import JOB, log, make_job, reach, ready, run_job, start
from tests.support.processes import alive
from tests.support.sandbox import TestSandbox, wait_for

pytestmark = pytest.mark.slow
SCRIPT = """
    from pyspark.context import SparkContext

    sc = SparkContext.getOrCreate()

    def work(part):
        import os
        import boto3
        yield os.getpid(), boto3.client("sts").get_caller_identity()["Arn"].split("/")[-1], sum(part)

    done = sc.parallelize(range(10), 2).mapPartitions(work).collect()
    print(sum(each[2] for each in done), *sorted({each[1] for each in done}))
"""


def test_a_script_runs_on_spark_in_its_role(on_spark: TestSandbox) -> None:
    ready(on_spark)
    run = run_job(on_spark, SCRIPT)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert "45 GlueJobRunnerSession" in log(on_spark, run["Id"])
    used = on_spark.process.engine()["used"]
    assert used.startswith("spark ")
    assert log(on_spark, run["Id"], "error")[0] == f"Sandbox: this run of {JOB} is executed by: {used}"


def test_a_stopped_run_leaves_no_process_of_spark_behind(on_spark: TestSandbox) -> None:
    glue = ready(on_spark)
    told = "os.write(1, f'at {os.getppid()} {os.getpid()}\\n'.encode())"  # in one piece: two workers write at once
    hang = SCRIPT.replace("sum(part)\n", f"{told} and time.sleep(600)\n")
    make_job(on_spark, hang.replace("import os\n", "import os, time\n"))
    run = start(on_spark)
    reach(on_spark, run, "RUNNING")
    lines = wait_for(lambda: [line for line in log(on_spark, run) if line.startswith("at ")], 60)
    pids = [int(each) for each in lines[0].split()[1:]]
    glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run])
    reach(on_spark, run, "STOPPED")
    wait_for(lambda: not any(alive(each) for each in pids))
