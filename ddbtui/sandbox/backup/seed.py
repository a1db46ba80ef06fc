"""How AWS Backup stands at the start: nothing is switched on; the demo's accounts have used it once."""

from __future__ import annotations

from ddbtui.sandbox.backup.keys import default_key
from ddbtui.sandbox.backup.roles import add_managed_policies, make_roles
from ddbtui.sandbox.backup.state import DEFAULT, BackupState, Vault
from ddbtui.sandbox.profiles import REGION, SOURCE, TARGET
from ddbtui.sandbox.world import World


def seed(world: World) -> None:
    """Wipe AWS Backup; make the default vaults and, for the demo, the roles that the console makes."""
    world.backup = BackupState()
    add_managed_policies()
    for account in (SOURCE, TARGET):
        vault = Vault(account, REGION, DEFAULT, default_key(account, REGION), world.now())
        world.backup.vaults[account, REGION, DEFAULT] = vault
        world.backup.tags[vault.arn] = {}
        if world.seed == "demo":
            make_roles(account)
