"""What the simulated AWS RAM holds: resource shares and the invitations to them. Wiped with AWS Backup's state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

INVITATION_LIFE = 12 * 3600
"""https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html"""


@dataclass
class Invitation:
    """An account's invitation to a share."""

    arn: str
    receiver: str
    sent: float
    status: str = "PENDING"

    def status_at(self, now: float) -> str:
        """The status; what nobody has answered in time has expired."""
        expired = self.status == "PENDING" and now >= self.sent + INVITATION_LIFE
        return "EXPIRED" if expired else self.status


@dataclass
class Share:
    """Resources that an account shares with others.

    Args:
        request: what it was asked for with; a repeated client token must bring the same.
        due: when it is ACTIVE.
        inside: principals that need no invitation.
    """

    owner: str
    region: str
    name: str
    request: dict[str, Any]
    created: float
    due: float
    inside: frozenset[str] = frozenset()
    invitations: list[Invitation] = field(default_factory=list)
    deleted: bool = False
    arn: str = ""

    def __post_init__(self) -> None:
        """Give it an ARN."""
        self.arn = f"arn:aws:ram:{self.region}:{self.owner}:resource-share/{uuid4()}"

    @property
    def resources(self) -> list[str]:
        """ARNs of what is shared."""
        return list(self.request.get("resourceArns") or [])

    @property
    def principals(self) -> list[str]:
        """Accounts with which it is shared."""
        return list(self.request.get("principals") or [])

    def status_at(self, now: float) -> str:
        """The status."""
        return "DELETED" if self.deleted else "ACTIVE" if now >= self.due else "PENDING"

    def reaches(self, account: str, now: float) -> bool:
        """Whether an account may use what is shared: it is inside, or has accepted."""
        accepted = any(each.receiver == account and each.status == "ACCEPTED" for each in self.invitations)
        return self.status_at(now) == "ACTIVE" and (accepted or account in self.inside)


@dataclass
class RamState:
    """Everything.

    Args:
        shares: in the order in which they were made; deleted ones are still told of.
        within_organization: whether sharing with AWS Organizations is enabled: members then need no invitation.
    """

    shares: list[Share] = field(default_factory=list)
    within_organization: bool = False

    def is_shared(self, resource: str, account: str, now: float) -> bool:
        """Whether an account may use a resource of another."""
        return any(resource in share.resources and share.reaches(account, now) for share in self.shares)
