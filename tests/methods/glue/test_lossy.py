"""The refusal of tables that a lossy way would change: each kind of damage by name, and what a plan can say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from ddbtui.aws.account import Account
from ddbtui.aws.move import Move, MovingTable
from ddbtui.dataplane.census import Census
from ddbtui.engine.step import GateClosed, StepFailed
from ddbtui.methods.glue.lossy import DAMAGE, CheckTypesStep, Lossy, damages
from ddbtui.methods.glue.options import CopyOptions, S3GlueOptions
from ddbtui.plan.model import Plan
from ddbtui.screens.widgets.options_form import fields_of
from tests.methods.glue.flat_jobs import FLAT
from tests.methods.lab import Journal
from tests.methods.tables import REGION, A, B, index, table

WAYS: tuple[Lossy, ...] = ("catalog", "connector")
LOSSY: dict[Lossy, dict[str, str]] = {
    "catalog": {"type": "s3-glue", "loader": "catalog"},
    "connector": {"type": "glue", "reader": "connector"},
}


def census_of(*items: dict[str, Any]) -> Census:
    made = Census()
    for item in items:
        made.add(item)
    return made


def told(way: Lossy, *items: dict[str, Any]) -> list[str]:
    return [str(one) for one in damages(way, census_of(*items))]


@pytest.mark.parametrize("way", WAYS)
def test_a_flat_table_is_not_damaged(way: Lossy) -> None:
    assert told(way, *FLAT) == []


@pytest.mark.parametrize(
    ("value", "catalog", "connector"),
    [
        pytest.param({"SS": ["a"]}, "becomes a list", "becomes a list", id="SS"),
        pytest.param({"NS": ["1"]}, "becomes a list of texts", "becomes a list of texts", id="NS"),
        pytest.param({"BS": [b"a"]}, "becomes a list of base64 texts", "becomes a list", id="BS"),
        pytest.param({"L": []}, "its elements become maps of type and text", "its elements become texts", id="L"),
        pytest.param({"M": {}}, "its members become maps of type and text", "its members become texts", id="M"),
        pytest.param({"B": b"a"}, "becomes its base64 text", None, id="B"),
        pytest.param({"NULL": True}, "becomes true", "is left out", id="NULL"),
    ],
)
def test_each_type_that_is_not_carried(value: dict[str, Any], catalog: str, connector: str | None) -> None:
    items = [{"a": value}] * 3
    (kind,) = value
    assert told("catalog", *items) == [f"a ({kind} in 3 items: {catalog})"]
    assert told("connector", *items) == ([f"a ({kind} in 3 items: {connector})"] if connector else [])


def test_numbers_of_more_digits_than_a_double_has() -> None:
    items = [{"n": {"N": "1.5"}}, {"n": {"N": "9007199254740993"}}, {"n": {"N": "0.1234567890123456789"}}]
    for way in WAYS:
        assert told(way, *items) == ["n (N in 2 items: may lose digits in a double)"]
        assert told(way, items[1]) == []  # a column of nothing but 64-bit integers is no double


def test_an_attribute_of_several_types() -> None:
    items = [{"a": {"S": "x"}}, {"a": {"S": "y"}}, {"a": {"N": "1"}}, {"a": {"SS": ["x"]}}, {"a": {"NULL": True}}]
    assert told("catalog", *items) == [
        "a (N in 1 item: is left out, since most have S)",
        "a (NULL in 1 item: is left out, since most have S)",
        "a (SS in 1 item: is left out, since most have S)",
    ]
    assert told("connector", *items) == [
        "a (N in 1 item: becomes a text)",
        "a (NULL in 1 item: is left out)",
        "a (SS in 1 item: is left out)",
    ]


def test_null_beside_one_type_is_no_choice_and_no_main_type() -> None:
    items = [{"a": {"NULL": True}}, {"a": {"NULL": True}}, {"a": {"N": "1"}}]
    assert told("catalog", *items) == ["a (NULL in 2 items: is left out, since most have N)"]
    assert told("connector", *items) == ["a (NULL in 2 items: is left out)"]


@pytest.mark.parametrize("way", WAYS)
def test_names_that_are_no_columns(way: Lossy) -> None:
    assert told(way, {"Name": {"S": "x"}, "name": {"S": "y"}, "a`b": {"S": "z"}}) == [
        "a`b (any type in 1 item: no mapping can write a name with `)",
        "Name / name (any type in 2 items: names that differ only in case become one column)",
    ]


def test_more_names_than_columns() -> None:
    found = census_of({f"name-{number}": {"S": ""} for number in range(1_001)})
    assert [str(one) for one in damages("catalog", found)] == [
        "(further names) (any type in 1 item: more names than a table has columns)"
    ]


def step_of(way: Lossy, moving: MovingTable | None = None, proof: str = "digest", **options: Any) -> CheckTypesStep:
    data = {
        "source": {"region": REGION, "account_id": A},
        "target": {"region": REGION, "account_id": B},
        "tables": [{"name": "orders"}],
        "proof": proof,
        "method": {**LOSSY[way], "bucket": "staging-bucket", **options},
    }
    plan = Plan.model_validate(data, context={"methods": {"s3-glue": S3GlueOptions, "glue": CopyOptions}})
    moving = moving or MovingTable(table(), "orders")
    move = Move(plan, Account("source", plan.source), Account("target", plan.target), (moving,))
    return CheckTypesStep(move, moving, way)


def journal_of(way: Lossy, *items: dict[str, Any]) -> Journal:
    journal = Journal()
    journal.results["orders", "check-export" if way == "catalog" else "read-source"] = {
        "census": census_of(*items).to_json()
    }
    return journal


KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
DAMAGED = [{**KEY, "tags": {"SS": ["x"]}, "address": {"M": {}}}, {**KEY, "tags": {"SS": ["y"]}}]


@pytest.mark.parametrize("way", WAYS)
def test_the_step_passes_a_flat_table(way: Lossy) -> None:
    journal = journal_of(way, KEY)
    assert journal.carry_out("orders", step_of(way)) == {"damaged": []}
    assert not journal.questions


def test_an_empty_table_is_nothing_for_a_crawler() -> None:
    with pytest.raises(StepFailed, match="orders is empty, and of an export without items") as caught:
        journal_of("catalog").carry_out("orders", step_of("catalog"))
    assert (caught.value.kind, "lossless" in caught.value.hint) == ("prerequisite", True)
    assert journal_of("connector").carry_out("orders", step_of("connector")) == {"damaged": []}


@pytest.mark.parametrize("way", WAYS)
def test_the_step_refuses_with_the_names(way: Lossy) -> None:
    with pytest.raises(StepFailed) as caught:
        journal_of(way, *DAMAGED).carry_out("orders", step_of(way, proof="counts"))
    assert caught.value.kind == "prerequisite"
    assert "address (M in 1 item: " in caught.value.message
    assert "tags (SS in 2 items: becomes a list)" in caught.value.message
    assert "accept_damage" in caught.value.hint
    assert "lossless" in caught.value.hint


@pytest.mark.parametrize("way", WAYS)
def test_accepted_damage_is_asked_by_name_and_reported(way: Lossy) -> None:
    journal, step = journal_of(way, *DAMAGED), step_of(way, proof="counts", accept_damage=True)
    with pytest.raises(GateClosed, match=r"address \(M in 1 item: .*tags \(SS in 2 items: ") as caught:
        journal.carry_out("orders", step)
    assert caught.value.gate == DAMAGE
    journal.consents.add(DAMAGE)
    result = journal.carry_out("orders", step)
    assert result["damaged"] == ["address", "tags"]
    assert result["intended"][1] == "tags (SS in 2 items: becomes a list): damaged, as the plan accepts"
    assert journal.log[-1][0] == "warn"


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"sk": {"N": "1.00000000000000000001"}}, id="key of the table"),
        pytest.param({"by": {"B": b"a"}}, id="key of an index"),
        pytest.param({"SK": {"S": "x"}}, id="a name like a key's"),
    ],
)
def test_a_key_is_never_given_up(spoilt: dict[str, Any]) -> None:
    by = index(keys=(replace_key("by"),))
    moving = MovingTable(table(global_indexes=(by,)), "orders")
    step = step_of("catalog", moving, proof="counts", accept_damage=True)
    with pytest.raises(StepFailed, match="not even its keys"):
        journal_of("catalog", {**KEY, **spoilt}).carry_out("orders", step)


def replace_key(name: str) -> Any:
    return index().keys[0].model_copy(update={"name": name})


def test_many_names_do_not_fill_the_screen() -> None:
    item = {f"a{number:03}": {"NULL": True} for number in range(50)}
    journal = journal_of("connector", item)
    with pytest.raises(StepFailed, match=r"a029 .*; and 20 more") as caught:
        journal.carry_out("orders", step_of("connector"))
    assert "a030" not in caught.value.message
    journal.consents.add(DAMAGE)
    done = journal.carry_out("orders", step_of("connector", proof="off", accept_damage=True))
    assert (len(done["damaged"]), len(done["intended"]), done["intended"][-1]) == (50, 31, "and 20 more")


@pytest.mark.parametrize(("model", "name"), [(S3GlueOptions, "loader"), (CopyOptions, "reader")])
def test_the_wizard_warns_where_the_way_is_chosen(model: type[BaseModel], name: str) -> None:
    (field,) = [one for one in fields_of(model) if one.path == (name,)]
    assert field.default == "lossless"
    assert "would change sets, lists, maps" in field.description
    assert len(field.description) <= 200, "the screen shows no more"
