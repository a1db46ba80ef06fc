"""Runs of Glue jobs that go wrong on demand, and processes that outlive nobody."""

from __future__ import annotations

import pytest

from ddbtui.sandbox import process
from tests.sandbox.gluing import ENDS, JOB, log, make_job, reach, ready, start, state_of
from tests.support.processes import alive
from tests.support.sandbox import TestSandbox, wait_for


@pytest.mark.parametrize("state", ["FAILED", "ERROR", "TIMEOUT", "EXPIRED"])
def test_a_run_ends_as_the_fault_says_without_running(fresh: TestSandbox, state: str) -> None:
    ready(fresh)
    make_job(fresh, "print('never')")
    fresh.control("job-faults", jobs=[{"job": "glue", "table": JOB, "code": state, "message": "out of luck"}])
    run = reach(fresh, start(fresh), *ENDS)
    assert (run["JobRunState"], run["ErrorMessage"]) == (state, "out of luck")
    assert fresh.process.engine()["used"] is None
    assert reach(fresh, start(fresh), *ENDS)["JobRunState"] == "SUCCEEDED"


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "WAITING_FOR_GODOT"])
def test_a_run_stays_in_a_state_until_it_is_stopped(fresh: TestSandbox, state: str) -> None:
    glue = ready(fresh)
    make_job(fresh, "print('never')")
    fresh.control("job-faults", jobs=[{"job": "glue", "code": state}])
    run = start(fresh)
    fresh.control("clock", seconds=60)
    assert state_of(fresh, run)["JobRunState"] == state
    glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run])
    reach(fresh, run, "STOPPED")


def test_a_run_that_hangs_times_out(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "print('never')", Timeout=1)
    fresh.control("job-faults", jobs=[{"job": "glue", "code": "RUNNING"}])
    run = start(fresh)
    assert state_of(fresh, run)["JobRunState"] == "RUNNING"
    fresh.control("clock", seconds=61)
    assert reach(fresh, run, *ENDS)["JobRunState"] == "TIMEOUT"


def test_a_run_fails_after_its_work(fresh: TestSandbox) -> None:
    ready(fresh)
    make_job(fresh, "print('worked')")
    fault = {"job": "glue", "code": "FAILED", "message": "lost its workers", "lie": "after-work"}
    fresh.control("job-faults", jobs=[fault])
    run = reach(fresh, start(fresh), *ENDS)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "lost its workers")
    assert log(fresh, run["Id"]) == ["worked"]


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_no_script_outlives_the_sandbox(how: str) -> None:
    with process.start(seed="none", speed=0, engine="substitute") as running:
        sandbox = TestSandbox(running)
        ready(sandbox)
        make_job(sandbox, "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
        run = start(sandbox)
        reach(sandbox, run, "RUNNING")
        script = int(wait_for(lambda: log(sandbox, run), 30)[0])
        if how == "killed":
            running._process.kill()
        else:
            running.stop()
    wait_for(lambda: not alive(script))
