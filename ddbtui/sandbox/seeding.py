"""Wiping the simulated world and filling it again."""

from __future__ import annotations

from collections.abc import Callable

from ddbtui.sandbox import backends
from ddbtui.sandbox.backup import seed as backup_seed
from ddbtui.sandbox.faults import Faults
from ddbtui.sandbox.glue import roles
from ddbtui.sandbox.glue.run import discard_all
from ddbtui.sandbox.glue.state import GlueState
from ddbtui.sandbox.iam.identities import create_identities
from ddbtui.sandbox.lake.state import LakeState
from ddbtui.sandbox.organizations_service import put_together
from ddbtui.sandbox.recorder import Recorder
from ddbtui.sandbox.seeds import demo as seed_demo
from ddbtui.sandbox.seeds import large as seed_large
from ddbtui.sandbox.seeds import small as seed_small
from ddbtui.sandbox.world import World

_SEEDS: dict[str, Callable[[], None]] = {
    "demo": seed_demo.seed,
    "large": seed_large.seed,
    "small": seed_small.seed,
    "none": lambda: None,
}


def reset(world: World, seed: str | None = None, speed: float | None = None) -> None:
    """Wipe everything, faults included, and seed again; the access keys stay the same."""
    with world.lock:
        world.seed = seed or world.seed
        world.speed = world.speed if speed is None else speed
        world.propagation = world.ahead = 0.0
        world.faults, world.recorder = Faults(), Recorder()
        discard_all(world)
        world.glue, world.lake = GlueState(), LakeState()
        world.jobs.clear()
        world.policies.clear()
        world.deleting.clear()
        world.quotas.clear()
        backends.wipe()
        put_together(world, same=True)
        create_identities()
        backup_seed.seed(world)
        roles.add_managed_policy()
        _SEEDS[world.seed]()
        world.recorder = Recorder()
