"""What is waited out, for how long, and that a share of the capacity is kept to."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    MetadataRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)

from ddbtui.methods.glue.jobs.failures import JobFailed, Patience, code, is_transient, told
from ddbtui.methods.glue.jobs.pace import Pace, share
from tests.methods.glue.jobs.conftest import Clock


def refusal(name: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": name, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "BatchWriteItem")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("ProvisionedThroughputExceededException"), True),
        (refusal("ThrottlingException"), True),
        (refusal("InternalServerError", 500), True),
        (refusal("", 503), True),
        (EndpointConnectionError(endpoint_url="http://x"), True),
        (ReadTimeoutError(endpoint_url="http://x"), True),
        (refusal("AccessDeniedException"), False),
        (refusal("ResourceNotFoundException"), False),
        (refusal("ValidationException"), False),
        (CredentialRetrievalError(provider="x", error_msg="x"), True),
        (MetadataRetrievalError(error_msg="x"), True),
        (NoCredentialsError(), False),
        (KeyError("x"), False),
    ],
    ids=lambda value: code(value) if isinstance(value, Exception) else None,
)
def test_what_heals_by_itself(error: Exception, expected: bool) -> None:
    assert is_transient(error) is expected


def test_an_error_is_told_with_its_code() -> None:
    assert told(refusal("AccessDeniedException")) == "AccessDeniedException: why"
    assert told(NoCredentialsError()).startswith("NoCredentialsError: ")


def test_waits_grow_to_a_limit_and_start_anew_after_progress(clock: Clock) -> None:
    patience = Patience(clock.sleep, lambda: 1.0)
    for _ in range(12):
        patience.wait("x")
    assert clock.waits[:4] == [0.1, 0.2, 0.4, 0.8]
    assert clock.waits[-2:] == [20, 20]
    patience.progress()
    patience.wait("x")
    assert clock.waits[-1] == 0.1


def test_the_jitter_is_full(clock: Clock) -> None:
    patience = Patience(clock.sleep, iter([0.0, 0.5]).__next__)
    patience.wait("x")
    patience.wait("x")
    assert clock.waits == [0, 0.1]


def test_patience_ends(clock: Clock) -> None:
    patience = Patience(clock.sleep, lambda: 1.0, tries=2)
    patience.wait("x")
    patience.wait("x")
    with pytest.raises(JobFailed, match=r"^table t takes nothing, after 2 attempts$"):
        patience.wait("table t takes nothing")
    assert len(clock.waits) == 2


def test_the_default_patience_is_minutes(clock: Clock) -> None:
    patience = Patience(clock.sleep, lambda: 0.5)
    for _ in range(30):
        patience.wait("x")
    with pytest.raises(JobFailed):
        patience.wait("x")
    assert 180 < sum(clock.waits) < 300


def test_a_pace_is_kept(clock: Clock) -> None:
    pace = Pace(50, clock.sleep, clock)
    for _ in range(10):
        pace.used(100)
    assert clock.now == 1020
    for _ in range(10):
        clock.now += 0.5  # the time that a call takes counts
        pace.used(100)
    assert clock.now == 1040
    clock.now += 60  # but what was not used is not saved up
    for _ in range(3):
        pace.used(100)
    assert clock.waits[-3:] == [1, 2, 2]


def test_tasks_share() -> None:
    assert share(100, 8) == 12.5
    assert share(100, 0) == 100
