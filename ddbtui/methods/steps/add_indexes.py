"""Add the global secondary indexes to a table that is loaded already.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import billing_mode
from ddbtui.aws.errors import code
from ddbtui.aws.table import Index
from ddbtui.engine.step import Done, Json, Progress, StepContext
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.room import no_room
from ddbtui.methods.steps.table_states import waiting
from ddbtui.methods.steps.target_table import index_parameters


class AddIndexesStep(TableStep):
    """Adds one index after the other, as AWS demands, and waits until each is filled.

    The table itself says which are there: whoever resumes goes on from that. An item whose key attributes have other
    types than the index wants is not in it, as in the source.
    """

    name = "add-indexes"
    title = "Add the global secondary indexes"

    def access(self) -> Sequence[Access]:
        """Describe and update."""
        add = "add the global secondary indexes, one by one"
        return [
            Access("target", "dynamodb:DescribeTable", self.target_arn, "see which indexes are there"),
            Access("target", "dynamodb:UpdateTable", self.target_arn, add, changes=True),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Begin with the first that is missing."""
        described = self._described()
        missing = self._missing(described)
        if missing and not waiting(described):
            self._add(missing[0], described)
        return {}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait for the one that AWS fills, then add the next."""
        described = self._described()
        missing, note = self._missing(described), waiting(described)
        names = [index.name for index in self.moving.table.global_indexes]
        if not note and not missing:
            return Done({"indexes": names})
        if not note:
            self._add(missing[0], described)
            note = f"index {missing[0].name}: asked for"
        return Progress(f"{note} ({len(names) - len(missing)} of {len(names)} begun)")

    def _missing(self, described: Mapping[str, Any]) -> list[Index]:
        there = {index["IndexName"] for index in described.get("GlobalSecondaryIndexes") or ()}
        return [index for index in self.moving.table.global_indexes if index.name not in there]

    def _add(self, index: Index, described: Mapping[str, Any]) -> None:
        on_demand = billing_mode(described) == "PAY_PER_REQUEST"
        parameters = index_parameters(self.moving.table, _with_units(index, described), on_demand)
        try:
            self._dynamodb().update_table(TableName=self.moving.target_name, **parameters)
        except Exception as error:
            if code(error) == "LimitExceededException":
                raise no_room("index", "DynamoDB", error) from error
            # botocore repeats a call whose answer got lost, and AWS refuses what it has begun already.
            if code(error) != "ResourceInUseException" and index in self._missing(self._described()):
                raise

    def _described(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._dynamodb().describe_table(TableName=self.moving.target_name)["Table"]
        return found

    def _dynamodb(self) -> Any:
        return self.move.target.client("dynamodb")


def _with_units(index: Index, described: Mapping[str, Any]) -> Index:
    """The index with capacity units; those of the table if the source's index has none, being on-demand."""
    if index.write_units is not None:
        return index
    units = described["ProvisionedThroughput"]
    given = {"read_units": units["ReadCapacityUnits"], "write_units": units["WriteCapacityUnits"]}
    return index.model_copy(update=given)
