"""What becomes of an error: it is waited out, or it ends the job with one sentence.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

_SLOW_DOWN = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "TransactionConflictException",
        "SlowDown",
        "RequestTimeout",
    }
)


_UNREACHED = (
    *(HTTPClientError, NoConnection, IncompleteReadError),
    *(CredentialRetrievalError, MetadataRetrievalError),
)


class JobFailed(Exception):
    """A failure that doing it again would meet again. Its text holds no values of items but keys."""


def is_transient(error: BaseException) -> bool:
    """Whether AWS asks to slow down, failed itself, or could not be reached, be it for the role's next credentials."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or code(error) in _SLOW_DOWN
    return isinstance(error, _UNREACHED)


def code(error: BaseException) -> str:
    """Return AWS's error code, or the name of the exception's class."""
    found = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return str(found or type(error).__name__)


def told(error: ClientError | BotoCoreError) -> str:
    """Return code and message of an error."""
    text = error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else str(error)
    return f"{code(error)}: {text}"


class Patience:
    """Waits longer after every attempt that got nowhere, with full jitter: tasks that were throttled together part.

    Args:
        sleep: waits so many seconds.
        chance: gives a number from 0 to 1.
        tries: attempts in a row without progress; 30 are about four minutes.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        tries: int = 30,
    ) -> None:
        self._sleep, self._chance, self._tries = sleep, chance, tries
        self._attempt = 0

    def progress(self) -> None:
        """Note that something got done."""
        self._attempt = 0

    def wait(self, what: str) -> None:
        """Wait after an attempt without progress.

        Args:
            what: what does not get on, for the error.

        Raises:
            JobFailed: it was one attempt too many.
        """
        self._attempt += 1
        if self._attempt > self._tries:
            raise JobFailed(f"{what}, after {self._tries} attempts")
        self._sleep(self._chance() * min(20.0, 0.05 * 2**self._attempt))
