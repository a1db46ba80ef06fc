"""Settings that no method moves, applied to the new table one at a time.

Each is declared once: what it needs, whether it holds, how it is made to hold. DynamoDB makes one kind of change at a
time and answers the next with an error until the table is ACTIVE again, so every step waits for that.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, verdict
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Done, Json, Progress, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.text import shown

_PATIENCE = timedelta(minutes=30)
_BUSY = frozenset(
    {
        "ResourceInUseException",
        "LimitExceededException",
        "ContinuousBackupsUnavailableException",
        "ConcurrentUpdateException",
        "FailedResourceAccessException",  # Application Auto Scaling can't use its role in the moment after making it
    }
)


class Setting(ABC):
    """One setting. Stateless; `move` and `moving` say whose."""

    name: str
    title: str

    @abstractmethod
    def applies(self, move: Move, moving: MovingTable) -> bool:
        """Whether the source has anything to carry over."""

    @abstractmethod
    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """What `holds` and `apply` need, beside describing the table."""

    @abstractmethod
    def holds(self, move: Move, moving: MovingTable) -> bool:
        """Whether the target has it. Raises StepFailed if it never will."""

    @abstractmethod
    def apply(self, move: Move, moving: MovingTable) -> None:
        """Make it hold; called only while it does not."""

    def parts(self, move: Move, moving: MovingTable) -> tuple[Sequence[str], Sequence[str]]:
        """Return which parts of it the target has a place for, and which not, in words for the report.

        `holds` and `apply` are about the former.
        """
        return (self.title,), ()


def linked_role(move: Move, role: str, service: str) -> Access:
    """Return the access by which AWS makes its own role for whoever uses a service first in an account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html

    Args:
        move: the move; the role is the target's.
        role: principal and name, e.g. `x.amazonaws.com/AWSServiceRoleForX`.
        service: who makes it, in words.
    """
    arn = f"arn:{move.target.partition}:iam::{move.target.account_id}:role/aws-service-role/{role}"
    return Access("target", "iam:CreateServiceLinkedRole", arn, f"made by {service}, once an account")


class CarryOverStep(TableStep):
    """Applies one setting, and waits until it holds and the table is ACTIVE."""

    poll_seconds = 5

    def __init__(self, setting: Setting, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self.setting = setting
        self.name = f"carry-over-{setting.name}"
        self.title = f"Carry over {setting.title}"

    def access(self) -> Sequence[Access]:
        """The setting's own, and describing the table."""
        described = Access("target", "dynamodb:DescribeTable", self.target_arn, "wait until the table is ACTIVE")
        return [described, *self.setting.actions(self.move, self.moving)]

    def start(self, ctx: StepContext) -> Json:
        """Apply it unless it holds."""
        return self._apply(ctx)

    def _apply(self, ctx: StepContext) -> Json:
        at = {"at": ctx.now().isoformat()}
        if self.setting.holds(self.move, self.moving):
            return at
        try:
            self.setting.apply(self.move, self.moving)
        except Exception as error:
            if code(error) in _BUSY:
                return {**at, "busy": code(error)}
            # botocore repeats a call whose answer got lost, and AWS refuses what is so already.
            if verdict(error) != "stop" or not self.setting.holds(self.move, self.moving):
                raise
        return at

    def _carried(self, ctx: StepContext) -> Json:
        """Tell what was set, and what there is no place for."""
        carried, lost = self.setting.parts(self.move, self.moving)
        told = [f"{part}: not carried over, since {self.moving.target_name} has no such index" for part in lost]
        for line in told:
            ctx.log(line, "warn")
        return {**({"setting": self.setting.name} if carried else {}), **({"intended": told} if told else {})}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """See whether it has taken effect; what met a busy table is tried again."""
        name = self.moving.target_name
        status = self.move.target.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
        if status == "ACTIVE" and self.setting.holds(self.move, self.moving):
            return Done(self._carried(ctx))
        if ctx.now() - datetime.fromisoformat(handle["at"]) > _PATIENCE:
            raise StepFailed(
                f"{self.setting.title} did not take effect in 30 minutes; the table is {shown(status, 60)}"
                + _met(handle),
                "See the table in the console. `ddbtui resume` sets it again and waits once more.",
            )
        if status not in ("ACTIVE", "UPDATING", "CREATING"):
            raise StepFailed(f"unknown state {shown(status, 60)} of table {name}")
        if status == "ACTIVE" and handle.get("busy"):
            self._apply(ctx)
        return Progress(note=handle.get("busy") or status)


def _met(handle: Json) -> str:
    return f", and AWS answered {handle['busy']}" if handle.get("busy") else ""
