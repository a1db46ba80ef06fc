"""What the engine is told of an error: whose it is, and what to do about it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ddbtui.aws.errors import explain
from ddbtui.dataplane.export_files import DamagedExport
from ddbtui.errors import UserError
from ddbtui.step_errors import StepErrors

EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "no"}}, "GetItem")


def raised(error: Exception, line: int = 0) -> Exception:
    """The error with a traceback of its own place."""
    try:
        exec("\n" * line + "raise error", {"error": error})
    except Exception as found:
        return found
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (EXPIRED, "AWS: the credentials have expired (ExpiredToken)"),
        (EndpointConnectionError(endpoint_url="http://x"), "AWS: AWS can't be reached: "),
        (UserError("the bucket is gone", "Make it."), "the bucket is gone"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (DamagedExport("x.gz is no gzip file"), "DamagedExport: x.gz is no gzip file"),
    ],
    ids=["AWS", "network", "user", "disk", "our own"],
)
def test_what_is_no_fault_of_ddbtui_is_told_as_what_it_is(error: Exception, message: str, tmp_path: Path) -> None:
    assert StepErrors(tmp_path).explain(raised(error))[0].startswith(message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [TypeError("x"), KeyError("x"), ZeroDivisionError("x"), AssertionError("x")])
def test_a_fault_is_told_with_its_details_in_a_private_file(error: Exception, tmp_path: Path) -> None:
    message, hint = StepErrors(tmp_path).explain(raised(error))
    (log,) = tmp_path.iterdir()
    assert message == f"a fault of ddbtui itself: {type(error).__name__}: {error}; details are in {log}"
    assert "can be resumed" in hint
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_one_fault_is_written_down_once_and_another_again(tmp_path: Path) -> None:
    errors = StepErrors(tmp_path)
    first, again = errors.explain(raised(KeyError("a"))), errors.explain(raised(KeyError("a")))
    assert first == again
    assert errors.explain(raised(KeyError("a"), line=7)) != first
    assert len(list(tmp_path.iterdir())) == 2


def test_a_fault_is_told_even_if_it_can_not_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "could not be written" in StepErrors(tmp_path / "file").explain(raised(KeyError("a")))[0]


def test_what_was_put_into_plain_words_is_judged_by_what_it_was_made_of() -> None:
    errors = StepErrors(Path())
    with pytest.raises(UserError) as caught:
        raise explain(EXPIRED, "source: profile old") from EXPIRED
    assert errors.verdict(caught.value) == errors.verdict(EXPIRED) == "ask"
    assert errors.verdict(UserError("no")) == errors.verdict(TypeError("x")) == "stop"
