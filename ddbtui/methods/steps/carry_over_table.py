"""The settings that are part of the table itself.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import StepFailed
from ddbtui.methods.steps.carry_over import Setting
from ddbtui.methods.steps.rewriting import same_policy, target_policy
from ddbtui.text import shown


def _client(move: Move) -> Any:
    return move.target.client("dynamodb")


def _described(move: Move, moving: MovingTable) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _client(move).describe_table(TableName=moving.target_name)["Table"]
    return found


def _reads(move: Move, moving: MovingTable, action: str, why: str) -> Access:
    return Access("target", f"dynamodb:{action}", move.target_arn(moving), why)


def _writes(move: Move, moving: MovingTable, action: str, why: str) -> Access:
    return Access("target", f"dynamodb:{action}", move.target_arn(moving), why, changes=True)


class PointInTimeRecovery(Setting):
    """Continuous backups, with the days that they reach back."""

    name = "pitr"
    title = "point-in-time recovery"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on."""
        return moving.table.pitr

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Describe and update."""
        return [
            _reads(move, moving, "DescribeContinuousBackups", "see point-in-time recovery"),
            _writes(move, moving, "UpdateContinuousBackups", "switch on point-in-time recovery"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On, for as many days."""
        answer = _client(move).describe_continuous_backups(TableName=moving.target_name)
        found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        days = moving.table.pitr_days
        same_days = days is None or found.get("RecoveryPeriodInDays", days) == days
        return found.get("PointInTimeRecoveryStatus") == "ENABLED" and same_days

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Switch it on."""
        wanted: dict[str, Any] = {"PointInTimeRecoveryEnabled": True}
        if moving.table.pitr_days is not None:
            wanted["RecoveryPeriodInDays"] = moving.table.pitr_days
        _client(move).update_continuous_backups(TableName=moving.target_name, PointInTimeRecoverySpecification=wanted)


class _TableUpdate(Setting):
    """A setting that is one parameter of UpdateTable."""

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Update."""
        return [_writes(move, moving, "UpdateTable", f"set {self.title}")]

    @abstractmethod
    def parameters(self, table: Table) -> dict[str, Any]:
        """What UpdateTable takes."""

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Update the table."""
        _client(move).update_table(TableName=moving.target_name, **self.parameters(moving.table))


class TableClass(_TableUpdate):
    """Imports and restores always give STANDARD."""

    name = "table-class"
    title = "the table class"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is not the one that new tables have."""
        return moving.table.table_class != "STANDARD"

    def parameters(self, table: Table) -> dict[str, Any]:
        """The class."""
        return {"TableClass": table.table_class}

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """Of the same class."""
        found = _described(move, moving).get("TableClassSummary") or {}
        return bool(found.get("TableClass", "STANDARD") == moving.table.table_class)


class DeletionProtection(_TableUpdate):
    """Keeps the table from being deleted."""

    name = "deletion-protection"
    title = "deletion protection"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on."""
        return moving.table.deletion_protection

    def parameters(self, table: Table) -> dict[str, Any]:
        """On."""
        return {"DeletionProtectionEnabled": True}

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On."""
        return bool(_described(move, moving).get("DeletionProtectionEnabled"))


class Stream(_TableUpdate):
    """The stream setting; what was in the stream stays where it was."""

    name = "stream"
    title = "the stream"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on."""
        return moving.table.stream_view is not None

    def parameters(self, table: Table) -> dict[str, Any]:
        """On, with the same view."""
        return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": table.stream_view}}

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On, with the same view."""
        found = _described(move, moving).get("StreamSpecification") or {}
        if found.get("StreamEnabled") and found.get("StreamViewType") != moving.table.stream_view:
            raise StepFailed(
                f"the new table has a stream of {shown(found.get('StreamViewType'))}, the source one of "
                f"{moving.table.stream_view}",
                "Switch the stream of the new table off, then `ddbtui resume`.",
            )
        return bool(found.get("StreamEnabled"))


class Tags(Setting):
    """All tags but those of AWS's own (`aws:`), which nobody can set."""

    name = "tags"
    title = "the tags"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If there are any."""
        return bool(moving.table.tags)

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """List and tag."""
        return [
            _reads(move, moving, "ListTagsOfResource", "see the tags"),
            _writes(move, moving, "TagResource", "set the tags"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """Every tag has its value; further ones do no harm."""
        pages = _client(move).get_paginator("list_tags_of_resource").paginate(ResourceArn=move.target_arn(moving))
        found = {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", ())}
        return moving.table.tags.items() <= found.items()

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Set all."""
        tags = [{"Key": key, "Value": value} for key, value in sorted(moving.table.tags.items())]
        _client(move).tag_resource(ResourceArn=move.target_arn(moving), Tags=tags)


class ResourcePolicy(Setting):
    """The table's resource policy, with the account and the ARN of the target in the place of the source's."""

    name = "resource-policy"
    title = "the resource policy"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If there is one."""
        return moving.table.resource_policy is not None

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Get and put."""
        return [
            _reads(move, moving, "GetResourcePolicy", "see the resource policy"),
            _writes(move, moving, "PutResourcePolicy", "put the resource policy, rewritten for the target account"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """Says the same."""
        found = self._found(move, moving)
        if found is not None and not same_policy(found, target_policy(move, moving)):
            raise StepFailed(
                "the new table has another resource policy already",
                "Remove it or merge them yourself, then `ddbtui resume`; or leave resource-policy out of carry_over.",
            )
        return found is not None

    def _found(self, move: Move, moving: MovingTable) -> str | None:
        with suppress_codes("PolicyNotFoundException"):
            return str(_client(move).get_resource_policy(ResourceArn=move.target_arn(moving))["Policy"])
        return None

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Put it where none is."""
        _client(move).put_resource_policy(
            ResourceArn=move.target_arn(moving), Policy=target_policy(move, moving), ExpectedRevisionId="NO_POLICY"
        )


class TimeToLive(Setting):
    """Comes last: from then on DynamoDB deletes what has expired, and the tables differ."""

    name = "ttl"
    title = "time to live"

    def applies(self, move: Move, moving: MovingTable) -> bool:
        """If it is on."""
        return moving.table.ttl_attribute is not None and moving.table.ttl_status in ("ENABLED", "ENABLING")

    def actions(self, move: Move, moving: MovingTable) -> Sequence[Access]:
        """Describe and update."""
        return [
            _reads(move, moving, "DescribeTimeToLive", "see time to live"),
            _writes(move, moving, "UpdateTimeToLive", "switch on time to live"),
        ]

    def holds(self, move: Move, moving: MovingTable) -> bool:
        """On or being switched on, which may take an hour, for the same attribute."""
        found = _client(move).describe_time_to_live(TableName=moving.target_name)["TimeToLiveDescription"]
        on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return on and found.get("AttributeName") == moving.table.ttl_attribute

    def apply(self, move: Move, moving: MovingTable) -> None:
        """Switch it on."""
        _client(move).update_time_to_live(
            TableName=moving.target_name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": moving.table.ttl_attribute},
        )
