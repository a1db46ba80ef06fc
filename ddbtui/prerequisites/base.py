"""The contract of a prerequisite, and what its check finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Literal, TypeVar

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, explain
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import RUN, Resource
from ddbtui.errors import UserError
from ddbtui.plan.model import Side

Outcome = Literal["pass", "warn", "fail", "unknown"]
Record = Callable[[Resource], None]


@dataclass(frozen=True)
class Change:
    """One call that changes something, shown before it is made.

    Args:
        side: whose credentials make it.
        account_id: the account that it changes.
        action: as IAM spells it, e.g. `s3:PutBucketPolicy`.
        resource: what it changes.
        before: the text that it replaces (e.g. a policy document, indented JSON), or empty.
        after: the text that it writes, or a sentence.
    """

    side: Side
    account_id: str
    action: str
    resource: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Remedy:
    """The exact change that would make a prerequisite hold. Applied only with consent.

    Args:
        title: what it does.
        changes: the calls, in order.
        leaves: what it will record, so that a run that cleans up takes it back.
    """

    title: str
    changes: tuple[Change, ...]
    leaves: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Args:
        prerequisite: id of the prerequisite.
        subject: `RUN`, or the table's name.
        title: what was checked, in a few words.
        outcome: pass, warn, fail or unknown (the check itself could not be made).
        evidence: what AWS said, in one or two sentences.
        advice: what to do when it doesn't pass.
        remedy: what ddbtui can do about it, if anything.
    """

    prerequisite: str
    subject: str
    title: str
    outcome: Outcome
    evidence: str
    advice: str = ""
    remedy: Remedy | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the finding within a plan."""
        return self.prerequisite, self.subject


class Prerequisite(ABC):
    """One thing that must hold. Made for a move (and a table), cheap to make, silent until checked.

    Attributes:
        id: stable name, e.g. `bucket-policy`.
        title: what must hold, e.g. `The bucket lets the source account write`.
        moving: the table that it is about, or None when it is about the whole run.
    """

    id: str
    title: str

    def __init__(self, move: Move, moving: MovingTable | None = None) -> None:
        self.move = move
        self.moving = moving

    @property
    def subject(self) -> str:
        """`RUN`, or the table's name."""
        return self.moving.name if self.moving else RUN

    @abstractmethod
    def check(self) -> Finding:
        """Ask AWS, change nothing that stays. Errors of AWS become findings, with the code in the evidence."""

    def apply(self, record: Record) -> None:
        """Make it hold. Each resource is recorded before the call that makes or changes it; harmless to repeat."""
        raise TypeError(f"{self.id} has no remedy")

    def finish(self, resources: Sequence[Resource], record: Record) -> None:  # noqa: B027  nothing to do for most
        """Complete a remedy of several calls that was cut off between two of them.

        Args:
            resources: what was recorded so far.
            record: as for `apply`.
        """

    @abstractmethod
    def access(self) -> Sequence[Access]:
        """What `check` needs."""

    def remedy_access(self) -> Sequence[Access]:
        """What `apply` needs beyond `access`."""
        return ()

    def undo_access(self) -> Sequence[Access]:
        """What the clean-up needs beyond both to take away what `apply` made."""
        return ()

    def finding(self, outcome: Outcome, evidence: str, advice: str = "", remedy: Remedy | None = None) -> Finding:
        """Build a finding of this prerequisite."""
        return Finding(self.id, self.subject, self.title, outcome, evidence, advice, remedy)

    def unanswered(self, error: Exception) -> Finding:
        """Build the finding for a check that could not be made: why, with AWS's code, and what to do."""
        told = explain(error, getattr(error, "operation_name", self.title))
        cause = error.__cause__ if isinstance(error, UserError) else error
        known = cause is None or code(cause) in told.message
        return self.finding("unknown", told.message if known else f"{told.message} ({code(cause or error)})", told.hint)


P = TypeVar("P", bound=Prerequisite)


def answering(check: Callable[[P], Finding]) -> Callable[[P], Finding]:
    """Decorate `check`: what AWS or botocore raises becomes a finding, `unknown` with the code."""

    @wraps(check)
    def checked(self: P) -> Finding:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return check(self)
        except (UserError, BotoCoreError, ClientError) as error:
            return self.unanswered(error)

    return checked


def explaining(apply: Callable[[P, Record], None]) -> Callable[[P, Record], None]:
    """Decorate `apply`: what AWS or botocore raises becomes a `UserError` with what to do."""

    @wraps(apply)
    def applied(self: P, record: Record) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            apply(self, record)
        except (BotoCoreError, ClientError) as error:
            raise explain(error, f"{self.title}: {getattr(error, 'operation_name', 'apply')}") from error

    return applied
