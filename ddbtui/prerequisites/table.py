"""What must hold for each table: state, point-in-time recovery, a free name.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import recovery
from ddbtui.aws.errors import code, explain, is_denied
from ddbtui.aws.inventory import find_table, inventory_access, read_table, table_arn
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.engine.step import Resource
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.text import plural, shown


class TablePrerequisite(Prerequisite):
    """A prerequisite about one table."""

    def __init__(self, move: Move, moving: MovingTable) -> None:
        super().__init__(move, moving)
        self.table: Table = moving.table
        self.target_name = moving.target_name

    @property
    def rival(self) -> str:
        """What is wrong if another table of the plan is to have the same new name, or nothing."""
        rivals = [m.name for m in self.move.tables if m.target_name == self.target_name and m.name != self.table.name]
        return f"{rivals[0]} is to be called '{self.target_name}' too." if rivals else ""


class TableActive(TablePrerequisite):
    """The source table is ACTIVE, and its customer managed key, if it has one, is enabled."""

    id = "table-active"
    title = "The source table is active and readable"

    @answering
    def check(self) -> Finding:
        """Describe table and key."""
        found = find_table(self.move.source, self.table.name)
        if found is None:
            evidence = "AWS knows no table of that name (ResourceNotFoundException)."
            return self.finding("fail", evidence, "Take it out of the plan.")
        status = str(found["TableStatus"])
        if status == "INACCESSIBLE_ENCRYPTION_CREDENTIALS":
            advice = "Enable the table's KMS key, or restore DynamoDB's grants on it."
            return self.finding(
                "fail", f"Status {status}: DynamoDB can't use key {self.table.encryption.key_arn}.", advice
            )
        if status != "ACTIVE":
            return self.finding("fail", f"The table's status is {shown(status, 60)}.", "Wait until it is ACTIVE.")
        return self._key() or self.finding("pass", "The table is ACTIVE.")

    def _key(self) -> Finding | None:
        arn = self._key_arn
        if not arn:
            return None
        try:
            state = str(self.move.source.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
        except Exception as error:
            if not is_denied(error):
                raise
            told = explain(error, "key of the table")
            return self.finding("warn", f"The table is ACTIVE. {told.message} ({code(error)}).", told.hint)
        if state == "Enabled":
            return self.finding("pass", f"The table is ACTIVE, its key {arn} is Enabled.")
        return self.finding("fail", f"The table's key {arn} is {state}.", "Enable the key.")

    @property
    def _key_arn(self) -> str | None:
        encryption = self.table.encryption
        return encryption.key_arn if encryption.kind == "customer" else None

    def access(self) -> Sequence[Access]:
        """The table, and the key if it is the customer's."""
        found = [Access("source", "dynamodb:DescribeTable", self.table.arn, "see the table's state")]
        if self._key_arn:
            found.append(Access("source", "kms:DescribeKey", self._key_arn, "see whether the table's key is enabled"))
        return found


class TableSettings(TablePrerequisite):
    """All settings of the table could be read; those that could not will not be carried over."""

    id = "table-settings"
    title = "All settings of the source table are known"

    @answering
    def check(self) -> Finding:
        """Read again only what was not known: a thousand tables were read a moment ago."""
        unknown = self.table.unknown and read_table(self.move.source, self.table.name).unknown
        if not unknown:
            return self.finding("pass", "Every setting was read.")
        evidence = f"AWS did not let these be read: {', '.join(unknown)}."
        advice = (
            "Allow the calls (`ddbtui permissions PLAN`), then choose the table anew; else these are not carried over."
        )
        return self.finding("warn", evidence, advice)

    def access(self) -> Sequence[Access]:
        """What the inventory needs, if it has to be read again."""
        return inventory_access(self.move.source, "source", [self.table], lists=False) if self.table.unknown else ()


class PointInTimeRecovery(TablePrerequisite):
    """Point-in-time recovery is on, as exports need it; switched off again at the end if ddbtui switched it on."""

    id = "pitr"
    title = "Point-in-time recovery is on"

    @answering
    def check(self) -> Finding:
        """Read the recovery window."""
        found = self._recovery()
        if not found["pitr"]:
            return self.finding(
                "fail",
                "Point-in-time recovery is DISABLED; an export needs it.",
                "Switch it on. AWS bills it by the table's size as long as it is on.",
                self._remedy(),
            )
        if not found["pitr_latest"]:
            return self.finding(
                "fail", "Point-in-time recovery is on, but has no restorable time yet.", "Wait a little."
            )
        window = f"{_time(found['pitr_earliest'])} to {_time(found['pitr_latest'])}"
        return self.finding("pass", f"Point-in-time recovery is ENABLED, restorable from {window}.")

    def _recovery(self) -> Mapping[str, Any]:
        client = self.move.source.client("dynamodb")
        return recovery(client.describe_continuous_backups(TableName=self.table.name))

    def _remedy(self) -> Remedy:
        change = Change(
            "source",
            self.move.source.account_id,
            "dynamodb:UpdateContinuousBackups",
            self.table.arn,
            "point-in-time recovery: off",
            "point-in-time recovery: on (off again when the run cleans up)",
        )
        return Remedy("Switch on point-in-time recovery", (change,), (self._resource,))

    @property
    def _resource(self) -> Resource:
        return Resource("pitr", "source", self.table.arn, "remove", {"table": self.table.name})

    @explaining
    def apply(self, record: Record) -> None:
        """Switch it on, unless it is on: what someone else switched on is not ours to switch off."""
        if self._recovery()["pitr"]:
            return
        record(self._resource)
        try:
            self.move.source.client("dynamodb").update_continuous_backups(
                TableName=self.table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
        except Exception as error:
            if is_denied(error):  # who switches it on later wants to keep it
                record(replace(self._resource, fate="keep"))
            raise

    def access(self) -> Sequence[Access]:
        """One read."""
        return [Access("source", "dynamodb:DescribeContinuousBackups", self.table.arn, "see point-in-time recovery")]

    def remedy_access(self) -> Sequence[Access]:
        """One write, unless it was on when the inventory was read."""
        if self.table.pitr:
            return ()
        why = "switch on point-in-time recovery"
        return [Access("source", "dynamodb:UpdateContinuousBackups", self.table.arn, why, changes=True)]


class TargetNameFree(TablePrerequisite):
    """No table of the new name is in the target account, and no other table of the plan wants it."""

    id = "target-name"
    title = "The table's name is free in the target account"

    @answering
    def check(self) -> Finding:
        """Ask for a table of that name, hoping that there is none."""
        advice = "Set another target_name for this table in the plan."
        if self.rival:
            return self.finding("fail", self.rival, advice)
        where = f"account {self.move.target.account_id} in {self.move.target.region}"
        found = find_table(self.move.target, self.target_name)
        if found is None:
            return self.finding("pass", f"'{self.target_name}' is free in {where}.")
        age = f", made {_time(found['CreationDateTime'])}" if found.get("CreationDateTime") else ""
        holds = f"{found['TableStatus']}, {plural(int(found.get('ItemCount', 0)), 'item')}{age}"
        return self.finding("fail", f"'{self.target_name}' exists in {where} ({holds}).", advice)

    def access(self) -> Sequence[Access]:
        """One read."""
        arn = table_arn(self.move.target, self.target_name)
        return [Access("target", "dynamodb:DescribeTable", arn, "see whether the name is free")]


def _time(at: Any) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "an unknown time"
