"""Create the target table as its source is, before anything loads it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import Shape, billing_mode, described_shape, shape_of
from ddbtui.aws.errors import code, reason
from ddbtui.aws.inventory import find_table
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.loading import indexes_with_load, loading_options
from ddbtui.methods.steps.room import no_room_for_table
from ddbtui.methods.steps.table_states import waiting
from ddbtui.methods.steps.target_table import billing, key_access, table_parameters
from ddbtui.text import shown

SET_AT_CREATION = ("table-class", "tags")
"""Settings that `CreateTable` takes and that are therefore not carried over later. A stream would fill with the load,
deletion protection would keep a half loaded table from being removed, and nobody is to use the table yet: these three
come after the load."""
MADE_AFTER = "made_after"
_CLOCKS = timedelta(minutes=5)
"""By how much the clocks of AWS and of this machine may differ: beyond that AWS refuses signatures."""
_PATIENCE = timedelta(minutes=10)


class CreateTableStep(TableStep):
    """Creates the table and waits until it and all its indexes are ACTIVE.

    `CreateTable` has no token. A table of that name is taken for the one that an interrupted start made if this run
    recorded its id, or if it was made after this run's intent and is defined as it should be; any other is left alone.
    """

    name = "create-table"
    title = "Create the new table"
    poll_seconds = 5

    def access(self) -> Sequence[Access]:
        """Create, with tags if there are any; follow; remove it when a given-up run is cleaned up."""
        arn, parameters = self.target_arn, self._parameters()
        found = [Access("target", "dynamodb:CreateTable", arn, "create the new table", changes=True)]
        if "Tags" in parameters:
            found.append(Access("target", "dynamodb:TagResource", arn, "create the new table with its tags"))
        found.append(Access("target", "dynamodb:DescribeTable", arn, "wait until the new table is ACTIVE"))
        # No line of the dry run: it takes a run that was given up and one more consent.
        found.append(Access("target", "dynamodb:DeleteTable", arn, "remove a partly loaded table, with consent"))
        return [*found, *key_access(self.move)]

    def find(self, ctx: StepContext) -> Json | None:
        """Find the table that this step has begun to make."""
        described = find_table(self.move.target, self.moving.target_name)
        return self._handle(ctx, described) if described and self._is_ours(ctx, described) else None

    def start(self, ctx: StepContext) -> Json:
        """Create it. What is there already is judged by `poll`, since a description may lag behind."""
        if self._recorded(ctx) is None:
            data = {MADE_AFTER: (ctx.intent_at - _CLOCKS).isoformat()}
            ctx.record(Resource("table", "target", self.target_arn, "ask", data))
        try:
            answer = self._dynamodb().create_table(**self._parameters())
        except Exception as error:
            if code(error) == "LimitExceededException":
                raise no_room_for_table("table", error) from error
            if code(error) != "ResourceInUseException":
                raise
            return {"table_id": "", "at": ctx.now().isoformat(), "refused": reason(error)}
        return self._handle(ctx, answer["TableDescription"])

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait until the table and its indexes are ACTIVE."""
        described = find_table(self.move.target, self.moving.target_name)
        if described is None:
            if ctx.now() - datetime.fromisoformat(handle["at"]) > _PATIENCE:
                raise StepFailed(f"table {self.moving.target_name} does not appear", "`ddbtui resume` tries again.")
            return Progress(note="not to be seen yet")
        if not handle["table_id"]:
            if not self._is_ours(ctx, described):
                raise self._taken(str(handle["refused"]))
            handle = self._handle(ctx, described)
        if described.get("TableId") != handle["table_id"]:
            raise self._taken("it has another id than the one that this run made")
        note = waiting(described)
        if note:
            return Progress(note=note)
        return Done({"table_id": handle["table_id"]})

    def _handle(self, ctx: StepContext, described: Mapping[str, Any]) -> Json:
        """Record whose table it is, and return the handle."""
        table_id = str(described.get("TableId", ""))
        ctx.record(Resource("table", "target", self.target_arn, "ask", {"table_id": table_id}))
        return {"table_id": table_id, "at": ctx.now().isoformat()}

    def _recorded(self, ctx: StepContext) -> Resource | None:
        recorded = (one for one in ctx.resources() if one.kind == "table" and one.name == self.target_arn)
        return next(recorded, None)

    def _is_ours(self, ctx: StepContext, described: Mapping[str, Any]) -> bool:
        """Whether this run made it, in this attempt or an earlier one."""
        recorded = self._recorded(ctx)
        if recorded is None:
            return False
        if recorded.data.get("table_id"):
            return bool(described.get("TableId") == recorded.data["table_id"])
        after = datetime.fromisoformat(recorded.data[MADE_AFTER])
        return bool(described["CreationDateTime"] >= after) and self._is_as_wanted(described)

    def _is_as_wanted(self, described: Mapping[str, Any]) -> bool:
        wanted = shape_of(self.moving.table)
        if not indexes_with_load(self.move):
            wanted = Shape(wanted.keys, {}, wanted.local_indexes)
        return described_shape(described) == wanted and billing_mode(described) == billing(self.move, self.moving.table)

    def _parameters(self) -> dict[str, Any]:
        warm = loading_options(self.move).warm_write_units
        return table_parameters(self.move, self.moving, indexes_with_load(self.move), warm)

    def _taken(self, why: str) -> StepFailed:
        return StepFailed(
            f"table {self.moving.target_name} exists already in account {self.move.target.account_id}: {shown(why)}",
            "Set another target_name, or move the table out of the way; ddbtui touches no table of others.",
        )

    def _dynamodb(self) -> Any:
        return self.move.target.client("dynamodb")


def keep_table(ctx: StepContext) -> None:
    """Note that the table which this chain made is the user's from now on: its items have arrived."""
    for one in ctx.resources():
        if one.kind == "table" and one.side == "target":
            ctx.record(replace(one, fate="keep"))
