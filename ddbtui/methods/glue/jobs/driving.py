"""Has Spark work on many parts, follows it, and ends it at the first failure that will not heal.

A task tells of such a failure instead of raising it: Spark would repeat the task three times, and wrap what it says in
pages of Java. What does kill a task, such as a lost machine, is Spark's to repeat; every part can be done again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ddbtui.methods.glue.jobs.failures import JobFailed, told
from ddbtui.methods.glue.jobs.reporting import Progress, Report

Part = TypeVar("Part")
MOST_TASKS = 10_000
"""More parts than that are bundled, since Spark keeps books on each task."""


@dataclass(frozen=True)
class Written:
    """What became of one part."""

    items: int
    retried: int


class _Texts:
    """Tells Spark how to put lists together."""

    def zero(self, value: list[str]) -> list[str]:
        return []

    def addInPlace(self, one: list[str], other: list[str]) -> list[str]:  # noqa: N802 Spark's name
        return one + other


@dataclass(frozen=True)
class _Tally:
    """Spark's accumulators: tasks add to them, the driver reads them when a task has ended."""

    items: Any
    retried: Any
    parts: Any
    failures: Any


def drive(
    spark: Any, parts: Sequence[Part], work: Callable[[Part], Written], report: Report, progress: Progress
) -> Progress:
    """Do all parts and return the last progress, which is not reported as finished yet.

    Args:
        spark: the SparkContext.
        parts: what there is to do; a task takes one.
        work: does one part in whatever process, and can do it again. Spark pickles it.
        report: told now and then.
        progress: what to report at first.

    Raises:
        JobFailed: a part failed; others may still be worked on for a moment.
    """
    tally = _Tally(spark.accumulator(0), spark.accumulator(0), spark.accumulator(0), spark.accumulator([], _Texts()))
    progress = replace(progress, parts=len(parts))
    raised: list[BaseException] = []

    def run() -> None:
        try:
            tasks = spark.parallelize(parts, min(max(1, len(parts)), MOST_TASKS))
            tasks.foreachPartition(partial(_task, work, tally))
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="parts", daemon=True)
    thread.start()
    while thread.is_alive() and not tally.failures.value:
        report.tell(_now(progress, tally))
        thread.join(0.2)
    progress = _now(progress, tally)
    report.tell(progress)
    if tally.failures.value:
        spark.cancelAllJobs()
        raise JobFailed(tally.failures.value[0])
    if raised:
        raise raised[0]
    return progress


def _now(progress: Progress, tally: _Tally) -> Progress:
    return replace(progress, done=tally.items.value, files=tally.parts.value, retried=tally.retried.value)


def _task(work: Callable[[Part], Written], tally: _Tally, parts: Iterable[Part]) -> None:
    """What Spark runs."""
    for part in parts:
        try:
            written = work(part)
        except JobFailed as error:
            tally.failures.add([str(error)])
            return
        except (ClientError, BotoCoreError) as error:
            tally.failures.add([told(error)])
            return
        tally.items.add(written.items)
        tally.retried.add(written.retried)
        tally.parts.add(1)


def finish(report: Report, progress: Progress, job: Callable[[], Progress]) -> None:
    """Do a job and report how it ended.

    Raises:
        JobFailed: it failed, or did not write as many items as there are; the report says so, too.
    """
    try:
        report.tell(progress)
        done = job()
        if done.total and done.done != done.total:
            raise JobFailed(f"{done.done} items were written, not {done.total}")
    except Exception as error:
        with suppress(ClientError, BotoCoreError):  # the cause is to be seen, not that it could not be reported
            report.put(replace(report.last or progress, error=str(error)[:2000]))
        raise
    report.put(replace(done, finished=True))
