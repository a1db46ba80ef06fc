"""What the substitute has behaves as Spark's.

https://spark.apache.org/docs/3.5.4/api/python/reference/pyspark.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ddbtui.sandbox.glue.runtime.substitute import pyspark
from ddbtui.sandbox.glue.runtime.substitute.pyspark import SparkContext


@pytest.fixture
def spark() -> Iterator[SparkContext]:
    made = SparkContext.getOrCreate()
    yield made
    made.stop()


def test_it_says_what_it_is() -> None:
    assert "substitute" in pyspark.__version__


def test_there_is_one_context_until_it_is_stopped() -> None:
    first = SparkContext.getOrCreate()
    assert SparkContext.getOrCreate() is first
    first.stop()
    assert SparkContext.getOrCreate() is not first
    SparkContext.getOrCreate().stop()


@pytest.mark.parametrize(
    ("count", "slices", "sizes"), [(10, 3, [3, 3, 4]), (2, 4, [0, 1, 0, 1]), (0, 1, [0]), (5, None, [2, 3])]
)
def test_a_collection_is_split(spark: SparkContext, count: int, slices: int | None, sizes: list[int]) -> None:
    parts = spark.parallelize(range(count), slices)
    assert parts.getNumPartitions() == len(sizes)
    assert parts.mapPartitions(lambda held: [len(list(held))]).collect() == sizes


def test_results_are_in_order_and_steps_follow_each_other(spark: SparkContext) -> None:
    doubled = spark.parallelize(range(6), 3).map(lambda each: each * 2)
    assert doubled.collect() == [0, 2, 4, 6, 8, 10]
    assert doubled.mapPartitions(lambda held: [sum(held)]).collect() == [2, 10, 18]


def test_nothing_is_done_before_it_is_asked_for(spark: SparkContext) -> None:
    done: list[int] = []
    mapped = spark.parallelize([1], 1).map(done.append)
    assert done == []
    mapped.collect()
    assert done == [1]


def test_tasks_add_to_accumulators_and_read_broadcasts(spark: SparkContext) -> None:
    class Together:
        def addInPlace(self, one: list[int], other: list[int]) -> list[int]:
            return one + other

    total, seen, factor = spark.accumulator(0), spark.accumulator([], Together()), spark.broadcast(10)

    def add(held: Iterator[int]) -> None:
        nonlocal total
        for each in held:
            total += each * factor.value
            seen.add([each])

    spark.parallelize(range(100), 10).foreachPartition(add)
    assert total.value == 49_500
    assert sorted(seen.value) == list(range(100))


def test_parts_are_worked_on_side_by_side(spark: SparkContext) -> None:
    meeting = threading.Barrier(spark.defaultParallelism, timeout=10)
    spark.parallelize(range(2), 2).foreachPartition(lambda _: meeting.wait() and None)


def test_an_error_ends_it_and_is_raised(spark: SparkContext) -> None:
    done: list[int] = []

    def fails(each: int) -> None:
        done.append(each)
        if each == 0:
            raise ValueError("no")
        threading.Event().wait(0.01)

    with pytest.raises(ValueError, match="no"):
        spark.parallelize(range(200), 200).map(fails).collect()
    assert len(done) < 200
    assert spark.parallelize([1], 1).collect() == [1], "the next job is not affected"


def test_a_cancelled_job_begins_no_further_task(spark: SparkContext) -> None:
    done: list[int] = []

    def cancels(each: int) -> None:
        done.append(each)
        spark.cancelAllJobs()

    with pytest.raises(RuntimeError, match="cancelled"):
        spark.parallelize(range(100), 100).map(cancels).collect()
    assert len(done) <= spark.defaultParallelism
