"""What a reset wipes is gone for good: a sandbox that is reset a thousand times does not grow."""

from __future__ import annotations

import gc

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from ddbtui.sandbox import seeding
from ddbtui.sandbox.world import World


def held(kind: type) -> int:
    gc.collect()
    return sum(type(one) is kind for one in gc.get_objects())


def test_a_reset_lets_go_of_every_table_and_item() -> None:
    world = World()
    seeding.reset(world, "small", 0)
    assert (held(Table), held(Item)) == (3, 50)
    seeding.reset(world, "none", 0)
    assert (held(Table), held(Item)) == (0, 0)
