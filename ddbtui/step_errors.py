"""What the engine asks about an error of a step: is it AWS's, the user's to put right, or a fault of ddbtui itself."""

from __future__ import annotations

import traceback
from pathlib import Path

from ddbtui.aws.errors import Verdict, explain, verdict
from ddbtui.crash import write_crash_log
from ddbtui.engine.verdicts import in_its_own_words
from ddbtui.errors import UserError
from ddbtui.text import shown


class StepErrors:
    """Judges and explains errors.

    Args:
        folder: the state folder, where the details of faults are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[type, str | None, int | None], Path | None] = {}

    def verdict(self, error: BaseException) -> Verdict:
        """Say what to do about it. One that was put into plain words already is judged by what it was made of."""
        return verdict(error.__cause__ if isinstance(error, UserError) and error.__cause__ else error)

    def explain(self, error: BaseException) -> tuple[str, str]:
        """Return message and hint; of a fault of ddbtui the details are written down, once for each place."""
        if _is_of_aws(error):
            told = explain(error, "AWS")
            return told.message, told.hint
        if isinstance(error, OSError) or type(error).__module__.startswith("ddbtui."):
            return in_its_own_words(error)
        where = self._keep(error)
        kept = f"details are in {shown(where)}" if where else "the details could not be written down"
        message = f"a fault of ddbtui itself: {in_its_own_words(error)[0]}; {kept}"
        return message, "Nothing that was done is lost: the run can be resumed, with a version that mends this, too."

    def _keep(self, error: BaseException) -> Path | None:
        """A thousand tables may come upon the same fault."""
        last = next(reversed(traceback.extract_tb(error.__traceback__)), None)
        key = (type(error), last.filename, last.lineno) if last else (type(error), None, None)
        if key not in self._kept:
            self._kept[key] = write_crash_log(error, self._folder)
        return self._kept[key]


def _is_of_aws(error: BaseException) -> bool:
    """Whether AWS or the way to it raised the error."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    return isinstance(error, BotoCoreError | ClientError | Boto3Error | HTTPError)
