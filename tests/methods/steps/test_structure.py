"""The comparison of definitions: silent about what is equal, plain about what was meant, strict about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.aws.move import Move
from ddbtui.aws.table import Encryption, KeyPart, Table
from ddbtui.methods.steps.rewriting import rewritten, same_policy, target_policy, target_resource_id
from ddbtui.methods.steps.structure import compare
from tests.methods.tables import KEY, REGION, A, B, everything, index, move, plan, table


def copy_of(made: Move, **changed: Any) -> Table:
    """The inventory of a perfect copy."""
    (moving,) = made.tables
    source = moving.table
    scaling = tuple(
        one.model_copy(update={"resource_id": target_resource_id(one.resource_id, moving)}) for one in source.scaling
    )
    update = {
        "name": moving.target_name,
        "arn": made.target_arn(moving),
        "table_id": "another",
        "scaling": scaling,
        "resource_policy": target_policy(made, moving) if source.resource_policy else None,
    }
    return source.model_copy(update=update | changed)


def wrong(made: Move, target: Table) -> set[str]:
    return {field.name for field in compare(made, made.tables[0], target) if not field.equal and not field.intended}


def intended(made: Move, target: Table) -> set[str]:
    return {field.name for field in compare(made, made.tables[0], target) if not field.equal and field.intended}


@pytest.mark.parametrize("name", ["orders", "copy"])
def test_a_perfect_copy_is_equal(name: str) -> None:
    made = move(everything(), target_name=name)
    assert (wrong(made, copy_of(made)), intended(made, copy_of(made))) == (set(), set())


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"keys": (KeyPart(name="pk", role="HASH"),)}, "keys"),
        ({"attributes": {"pk": "B", "sk": "N"}}, "keys"),
        ({"global_indexes": ()}, "global indexes"),
        ({"global_indexes": (index(projection="KEYS_ONLY", read_units=3, write_units=4),)}, "global indexes"),
        ({"global_indexes": (index(read_units=9, write_units=4),)}, "capacity of index by-sk"),
        ({"local_indexes": (index(),)}, "local indexes"),
        ({"billing": "PAY_PER_REQUEST"}, "billing"),
        ({"encryption": Encryption(kind="customer", key_arn=KEY)}, "encryption"),
        ({"pitr": False, "pitr_days": None}, "pitr"),
        ({"pitr_days": 35}, "pitr"),
        ({"table_class": "STANDARD"}, "table-class"),
        ({"deletion_protection": False}, "deletion-protection"),
        ({"stream_view": None}, "stream"),
        ({"tags": {"team": "shop"}}, "tags"),
        ({"contributor_insights": {"": "ACCESSED_AND_THROTTLED_KEYS"}}, "contributor-insights"),
        ({"contributor_insights": dict.fromkeys(("", "by-sk"), "THROTTLED_KEYS")}, "contributor-insights"),
        ({"scaling": ()}, "scaling"),
        ({"resource_policy": None}, "resource-policy"),
        ({"ttl_status": "DISABLED"}, "ttl"),
        ({"ttl_attribute": "other"}, "ttl"),
    ],
)
def test_each_difference_is_found(changed: dict[str, Any], name: str) -> None:
    made = move(everything())
    assert wrong(made, copy_of(made, **changed)) == {name}


def test_what_the_plan_leaves_out_is_meant_to_differ() -> None:
    made = move(everything(), carry_over=["pitr"])
    bare = copy_of(made, tags={}, ttl_attribute=None, ttl_status="DISABLED", deletion_protection=False)
    assert (wrong(made, bare), intended(made, bare)) == (set(), {"tags", "ttl", "deletion-protection"})


@pytest.mark.parametrize(
    "update",
    [{"actions": ()}, {"suspended": ()}, {"policies": ()}],
)
def test_each_difference_of_the_scaling_is_found(update: dict[str, Any]) -> None:
    made = move(everything())
    (scaling,) = copy_of(made).scaling
    assert wrong(made, copy_of(made, scaling=(scaling.model_copy(update=update),))) == {"scaling"}


def test_bounds_differ_only_if_the_schedule_may_change_them() -> None:
    made = move(everything())
    (scaling,) = copy_of(made).scaling
    assert wrong(made, copy_of(made, scaling=(scaling.model_copy(update={"minimum": 20}),))) == set()
    plain = scaling.model_copy(update={"actions": ()})
    made = move(everything().model_copy(update={"scaling": (plain,)}))
    assert wrong(made, copy_of(made)) == set()
    assert wrong(made, copy_of(made, scaling=(plain.model_copy(update={"minimum": 20}),))) == {"scaling"}


def test_capacity_that_scales_may_differ() -> None:
    made = move(everything())
    assert intended(made, copy_of(made, write_units=50)) == {"capacity"}


def test_on_demand_by_wish_is_meant() -> None:
    made = move(everything(), target_table={"billing": "on-demand"})
    target = copy_of(made, billing="PAY_PER_REQUEST", read_units=None, write_units=None, scaling=())
    assert (wrong(made, target), intended(made, target)) == (set(), {"billing", "scaling"})
    assert wrong(made, copy_of(made)) == {"billing"}


def test_encryption_follows_the_plan_not_the_source() -> None:
    source = table(encryption=Encryption(kind="customer", key_arn="arn:aws:kms:eu-west-1:111111111111:key/a"))
    made = move(source, target_table={"encryption": KEY})
    assert wrong(made, copy_of(made, encryption=Encryption(kind="customer", key_arn=KEY))) == set()
    assert wrong(made, copy_of(made)) == {"encryption"}


def test_what_may_not_be_read_does_not_fail() -> None:
    made = move(everything())
    assert intended(made, copy_of(made, tags={}, unknown=("tags",))) == {"tags"}


def test_streams_and_replicas_stay_behind() -> None:
    made = move(table(kinesis_streams=("arn",), replicas=("us-east-1",)))
    assert intended(made, copy_of(made, kinesis_streams=(), replicas=())) == {"kinesis", "replicas"}


def test_accounts_and_arns_are_rewritten_where_they_stand_whole() -> None:
    made = move(table(), target_name="copy")
    arn = f"arn:aws:dynamodb:{REGION}:{A}:table/orders"
    text = f"{arn} {arn}-2 {arn}/index/x {A} 9{A}"
    wanted = (
        f"arn:aws:dynamodb:{REGION}:{B}:table/copy arn:aws:dynamodb:{REGION}:{B}:table/orders-2 "
        f"arn:aws:dynamodb:{REGION}:{B}:table/copy/index/x {B} 9{A}"
    )
    assert rewritten(text, made, made.tables[0]) == wanted


def test_policies_are_compared_by_what_they_say() -> None:
    one = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["b","a"],"Resource":"*"}]}'
    other = one.replace('["b","a"]', '["a", "b"]').replace('[{"Effect', '{"Effect').replace("}]}", "}}")
    assert same_policy(one, other)
    assert not same_policy(one, other.replace("Allow", "Deny"))
    assert same_policy("none", "none")
    assert not same_policy("none", one)


def test_scaling_ids_follow_the_name() -> None:
    (moving,) = move(table(), target_name="copy").tables
    assert target_resource_id("table/orders/index/by-sk", moving) == "table/copy/index/by-sk"
    assert target_resource_id("table/orders", moving) == "table/copy"


def test_plans_are_valid() -> None:
    assert plan().method.type == "s3-import"
