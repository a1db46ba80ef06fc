"""The comparison of both inventories, field by field: what should be equal is, and what differs was meant to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.definition import shape_of
from ddbtui.aws.inventory import inventory_access, read_table
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.scaling import to_come
from ddbtui.aws.table import Index, Scaling, Table
from ddbtui.engine.step import Json, StepContext, StepFailed
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.rewriting import same_policy, target_policy, target_resource_id
from ddbtui.methods.steps.target_table import billing
from ddbtui.text import shown

GLOBAL_INDEXES, LOCAL_INDEXES = "global indexes", "local indexes"
MAXIMUMS = "on-demand maximums"
NOT_CARRIED = "not carried over, as the plan says"


@dataclass(frozen=True)
class Field:
    """One line of the comparison.

    Args:
        name: what people read.
        wanted: what the target should have, as text.
        found: what it has.
        intended: why a difference is meant to be; empty if it is not.
    """

    name: str
    wanted: str
    found: str
    intended: str = ""

    @property
    def equal(self) -> bool:
        """Whether both are the same."""
        return self.wanted == self.found

    def __str__(self) -> str:
        told = f"{self.name}: {shown(self.wanted, 120)} → {shown(self.found, 120)}"
        return f"{told} ({self.intended})" if self.intended else told


def compare(move: Move, moving: MovingTable, target: Table, lost: Mapping[str, str] | None = None) -> list[Field]:
    """Compare what the target should be with what it is.

    Args:
        move: the move; its plan says what was meant to differ.
        moving: the source.
        target: the inventory of the target, read now.
        lost: fields that the method does not keep, with why.
    """
    found = [*_definition(moving.table, target), *_capacity(move, moving.table, target), _encryption(move, target)]
    found += [*_settings(move, moving, target), *_left_behind(moving.table, target)]
    unknown = {*moving.table.unknown, *target.unknown}
    return [_unless_known(field, unknown, lost or {}) for field in found]


def _unless_known(field: Field, unknown: set[str], lost: Mapping[str, str]) -> Field:
    if field.equal or (field.name not in unknown and field.name not in lost):
        return field
    why = "could not be read for want of permission" if field.name in unknown else lost[field.name]
    return Field(field.name, field.wanted, field.found, why)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _definition(source: Table, target: Table) -> Iterator[Field]:
    wanted, found = shape_of(source), shape_of(target)
    yield Field("keys", _text(wanted.keys), _text(found.keys))
    yield Field(GLOBAL_INDEXES, _text(wanted.global_indexes), _text(found.global_indexes))
    yield Field(LOCAL_INDEXES, _text(wanted.local_indexes), _text(found.local_indexes))


def _capacity(move: Move, source: Table, target: Table) -> Iterator[Field]:
    mode = billing(move, source)
    if mode != source.billing and target.billing == mode:
        yield Field("billing", source.billing, target.billing, "on-demand, as the plan says")
        return
    yield Field("billing", mode, target.billing)
    if target.billing != mode:
        return
    of_source, of_target = ({"": table} | {i.name: i for i in table.global_indexes} for table in (source, target))
    for name in sorted(of_source.keys() & of_target.keys()):
        scaled = "auto scaling sets it" if _is_scaled(source, name) else ""
        yield Field(capacity_field(name), _text(_units(of_source[name])), _text(_units(of_target[name])), scaled)
    both = sorted(of_source.keys() & of_target.keys())
    most = [_text({name: _maximums(one[name]) for name in both}) for one in (of_source, of_target)]
    yield Field(MAXIMUMS, *most)


def capacity_field(index: str) -> str:
    """Return the name of the field about the provisioned capacity of an index, or of the table itself ("")."""
    return f"capacity of index {index}" if index else "capacity"


def _is_scaled(table: Table, index: str) -> bool:
    resource = f"table/{table.name}" + (f"/index/{index}" if index else "")
    return any(scaling.resource_id == resource for scaling in table.scaling)


def _units(of: Table | Index) -> tuple[int | None, ...]:
    return of.read_units, of.write_units


def _maximums(of: Table | Index) -> tuple[int | None, ...]:
    return of.max_read_units, of.max_write_units


def _encryption(move: Move, target: Table) -> Field:
    """What counts is the plan: a key of the source account is never meant to be used by the target."""
    wanted = move.plan.target_table.encryption
    held = target.encryption
    return Field("encryption", wanted, str(held.key_arn) if held.kind == "customer" else held.kind)


def _settings(move: Move, moving: MovingTable, target: Table) -> Iterator[Field]:
    source = moving.table
    for name, wanted, found in (
        ("pitr", [source.pitr, source.pitr_days], [target.pitr, target.pitr_days]),
        ("table-class", source.table_class, target.table_class),
        ("deletion-protection", source.deletion_protection, target.deletion_protection),
        ("stream", source.stream_view, target.stream_view),
        ("tags", source.tags, target.tags),
        ("contributor-insights", _insights(source, target), _insights(target, target)),
        ("scaling", _scaling(source, moving, target.read_at), _scaling(target, None, target.read_at)),
        ("resource-policy", *_policies(move, moving, target)),
        ("ttl", _ttl(source), _ttl(target)),
    ):
        yield Field(name, _text(wanted), _text(found), _why(move, name))


def _why(move: Move, name: str) -> str:
    if name not in move.plan.carried:
        return NOT_CARRIED
    return "the new table is on-demand" if name == "scaling" and move.plan.target_table.billing == "on-demand" else ""


def _insights(of: Table, target: Table) -> dict[str, str]:
    """What is watched and how, as far as the target has it: an index that is missing is told as such."""
    there = {"", *(index.name for index in target.global_indexes)}
    return {name: mode for name, mode in of.contributor_insights.items() if name in there}


def _ttl(table: Table) -> str:
    return table.ttl_attribute or "" if table.ttl_status in ("ENABLED", "ENABLING") else "off"


def _scaling(table: Table, moving: MovingTable | None, now: datetime) -> list[Any]:
    def one(scaling: Scaling) -> list[Any]:
        actions = [action.model_dump(exclude_defaults=True) for action in to_come(scaling.actions, now)]
        bounds = "by its schedule" if scaling.actions else [scaling.minimum, scaling.maximum]
        policies = sorted((p.name, p.policy_type, json.loads(p.configuration)) for p in scaling.policies)
        where = target_resource_id(scaling.resource_id, moving) if moving else scaling.resource_id
        return [where, scaling.dimension, bounds, policies, actions, scaling.suspended]

    return sorted((one(scaling) for scaling in table.scaling), key=lambda row: row[:2])


def _policies(move: Move, moving: MovingTable, target: Table) -> tuple[str, str]:
    """Both policies as text; the same text if they say the same."""
    wanted = target_policy(move, moving) if moving.table.resource_policy else "none"
    found = target.resource_policy or "none"
    return wanted, wanted if same_policy(wanted, found) else found


def _left_behind(source: Table, target: Table) -> Iterator[Field]:
    streams = "a Kinesis stream belongs to its account: enable one of the target's"
    yield Field("kinesis", _text(source.kinesis_streams), _text(target.kinesis_streams), streams)
    yield Field("replicas", _text(source.replicas), _text(target.replicas), "add replicas after the move")


class StructureStep(TableStep):
    """Reads the new table's inventory and compares."""

    name = "structure"
    title = "Compare the definitions"

    def __init__(self, move: Move, moving: MovingTable, lost: Mapping[str, str] | None = None) -> None:
        super().__init__(move, moving)
        self._lost = lost

    def access(self) -> Sequence[Access]:
        """The inventory of the new table."""
        return inventory_access(self.move.target, "target", [self._expected()], lists=False)

    def _expected(self) -> Table:
        """The target as it should be, as far as it decides which calls its inventory takes."""
        wanted = self.move.plan.target_table
        key = wanted.key_arn
        encryption = self.moving.table.encryption.model_copy(
            update={"kind": "customer" if key else wanted.encryption, "key_arn": key or self._managed_key()}
        )
        update = {"name": self.moving.target_name, "billing": billing(self.move, self.moving.table)}
        return self.moving.table.model_copy(update={**update, "encryption": encryption})

    def _managed_key(self) -> str | None:
        target = self.move.target
        if self.move.plan.target_table.encryption != "aws-managed":
            return None
        return f"arn:{target.partition}:kms:{target.region}:{target.account_id}:key/*"

    def start(self, ctx: StepContext) -> Json:
        """Compare; what was meant to differ is listed, anything else fails."""
        target = read_table(self.move.target, self.moving.target_name)
        fields = compare(self.move, self.moving, target, self._lost)
        wrong = [field for field in fields if not field.equal and not field.intended]
        if wrong:
            raise StepFailed(
                f"the new table is not defined as it should be: {'; '.join(str(field) for field in wrong)}",
                "Somebody may have changed it meanwhile. Correct it, then `ddbtui resume` compares again.",
                "different",
            )
        return {
            "equal": [field.name for field in fields if field.equal],
            "intended": [str(field) for field in fields if not field.equal],
        }
