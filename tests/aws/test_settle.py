from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ddbtui.aws import settle as settling
from ddbtui.aws.settle import PAUSES, settle


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(settling, "sleep", seconds.append)
    return seconds


class Call:
    def __init__(self, failures: int, name: str = "NoSuchBucket") -> None:
        self.failures, self.name, self.calls = failures, name, 0

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            raise ClientError({"Error": {"Code": self.name, "Message": ""}}, "Put")
        return self.calls


def test_what_works_is_called_once(slept: list[float]) -> None:
    assert settle(Call(0)) == 1
    assert slept == []


def test_what_passes_by_itself_is_waited_for(slept: list[float]) -> None:
    assert settle(Call(3), {"NoSuchBucket"}) == 4
    assert slept == list(PAUSES[:3])


def test_waiting_ends(slept: list[float]) -> None:
    call = Call(99)
    with pytest.raises(ClientError):
        settle(call, {"NoSuchBucket"})
    assert (call.calls, slept) == (len(PAUSES) + 1, list(PAUSES))


def test_other_errors_are_not_waited_for(slept: list[float]) -> None:
    with pytest.raises(ClientError):
        settle(Call(1, "AccessDenied"), {"NoSuchBucket"})
    assert slept == []


def test_an_answer_is_waited_for_and_the_last_one_counts(slept: list[float]) -> None:
    assert settle(Call(0), good=lambda answer: answer > 2) == 3
    assert settle(Call(0), good=lambda _: False) == len(PAUSES) + 1
