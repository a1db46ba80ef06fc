"""Parts are counted, a failure ends the rest, and whoever started the job can read how it goes."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ddbtui.methods.glue.jobs.driving import MOST_TASKS, Written, drive, finish
from ddbtui.methods.glue.jobs.failures import JobFailed
from ddbtui.methods.glue.jobs.reporting import Progress, Report
from ddbtui.sandbox.glue.runtime.substitute.pyspark import SparkContext
from tests.methods.glue.jobs.conftest import Clock
from tests.support.sandbox import TARGET, TestSandbox, make_bucket, refused

BUCKET, KEY = "staging-222222222222", "ddbtui/r1/progress.json"
START = Progress("token", "loading", total=15)


@pytest.fixture
def s3(fresh: TestSandbox) -> Any:
    make_bucket(fresh, BUCKET)
    return fresh.client("target", "s3")


@pytest.fixture
def report(s3: Any, clock: Clock) -> Report:
    return Report(s3, BUCKET, TARGET, KEY, clock=clock)


@pytest.fixture
def spark() -> SparkContext:
    return SparkContext()


def told(s3: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.load(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"])
    return found


def work(part: int) -> Written:
    return Written(part, 1)


def test_all_parts_are_done_and_counted(spark: SparkContext, report: Report, s3: Any) -> None:
    done = drive(spark, [1, 2, 3, 4, 5], work, report, START)
    assert done == Progress("token", "loading", done=15, total=15, files=5, parts=5, retried=5)
    assert told(s3)["token"] == "token"
    assert told(s3)["finished"] is False


def test_nothing_to_do_is_done(spark: SparkContext, report: Report) -> None:
    assert drive(spark, [], work, report, Progress("token", "loading")).done == 0


def test_very_many_parts_share_tasks(spark: SparkContext, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: list[int | None] = []
    split = spark.parallelize

    def parallelize(parts: list[int], slices: int | None = None) -> Any:
        tasks.append(slices)
        return split(parts, slices)

    monkeypatch.setattr(spark, "parallelize", parallelize)
    assert drive(spark, [1] * (MOST_TASKS + 1), work, report, START).done == MOST_TASKS + 1
    assert drive(spark, [1] * 3, work, report, START).done == 3
    assert tasks == [MOST_TASKS, 3]


def test_the_first_failure_ends_it(spark: SparkContext, report: Report) -> None:
    def fails(part: int) -> Written:
        done.append(part)
        threading.Event().wait(0.01)
        raise JobFailed(f"part {part} is damaged")

    done: list[int] = []
    with pytest.raises(JobFailed, match=r"^part \d+ is damaged$"):
        drive(spark, list(range(5000)), fails, report, START)
    assert len(done) < 5000


def test_an_error_of_aws_is_a_failure_in_one_line(spark: SparkContext, report: Report) -> None:
    def fails(part: int) -> Written:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    with pytest.raises(JobFailed, match=r"^AccessDenied: no$"):
        drive(spark, [1], fails, report, START)


def test_what_spark_itself_raises_is_passed_on(spark: SparkContext, report: Report) -> None:
    with pytest.raises(ZeroDivisionError):
        drive(spark, [0], lambda part: Written(1 // part, 0), report, START)


def test_progress_is_told_while_it_works(spark: SparkContext, report: Report, s3: Any, clock: Clock) -> None:
    seen: list[int] = []

    def looks(part: int) -> Written:
        if part == 3:  # others have been counted; let the driver tell of it
            clock.now += 5
            threading.Event().wait(0.5)
            seen.append(told(s3)["done"])
        return Written(part, 0)

    drive(spark, [1, 2, 3], looks, report, START)
    assert seen in ([1], [3])


def test_reports_are_five_seconds_apart(report: Report, fresh: TestSandbox, clock: Clock) -> None:
    for _ in range(100):
        report.tell(START)
        clock.now += 0.2
    assert len(fresh.calls(operation="PutObject")) == 4


def test_a_report_that_fails_for_a_moment_stops_nothing(report: Report, fresh: TestSandbox, clock: Clock) -> None:
    fresh.fault("error500", match={"operation": "PutObject"})
    report.tell(START)
    fresh.fault("denied", match={"operation": "PutObject"})
    clock.now += 5
    with refused("AccessDenied"):
        report.tell(START)


def test_another_owner_s_bucket_is_not_written_to(s3: Any) -> None:
    with refused("AccessDenied"):
        Report(s3, BUCKET, "111111111111", KEY).put(START)


def test_the_beginning_is_told(report: Report, s3: Any) -> None:
    def job() -> Progress:
        seen.append(told(s3))
        return Progress("token", "loading", done=15, total=15)

    seen: list[dict[str, Any]] = []
    finish(report, START, job)
    assert (seen[0]["phase"], seen[0]["done"], seen[0]["finished"]) == ("loading", 0, False)


def test_the_end_is_told(report: Report, s3: Any) -> None:
    finish(report, START, lambda: Progress("token", "loading", done=15, total=15))
    assert (told(s3)["finished"], told(s3)["done"], told(s3)["error"]) == (True, 15, "")


def test_a_wrong_total_is_a_failure_that_is_told(report: Report, s3: Any) -> None:
    def job() -> Progress:
        report.tell(Progress("token", "loading", done=14, total=15))
        return Progress("token", "loading", done=14, total=15)

    with pytest.raises(JobFailed, match="14 items were written, not 15"):
        finish(report, START, job)
    assert (told(s3)["finished"], told(s3)["done"]) == (False, 14)
    assert told(s3)["error"] == "14 items were written, not 15"


def test_the_cause_is_raised_even_if_it_can_not_be_told(report: Report, fresh: TestSandbox) -> None:
    def fails() -> Progress:
        raise JobFailed("the cause")

    fresh.fault("denied", after=1, times=-1, match={"operation": "PutObject"})
    with pytest.raises(JobFailed, match="the cause"):
        finish(report, START, fails)
