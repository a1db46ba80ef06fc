"""Logically air-gapped vaults: locked in compliance mode from birth, and shared by AWS RAM.

https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
"""

from __future__ import annotations

from ddbtui.sandbox.answers import Answer, AwsError
from ddbtui.sandbox.backup.keys import vault_key
from ddbtui.sandbox.backup.state import AIR_GAPPED, Vault
from ddbtui.sandbox.backup.vaults import check_new, invalid, keep_new, place_of
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

LEAST_DAYS = 7
SECONDS = 0.4
_WITHOUT = ("cn-", "us-gov-", "ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1")


def create_air_gapped(world: World, call: Call, principal: Principal) -> Answer:
    """Create a vault with a lock; without a key of the customer's it has one that AWS owns."""
    params = call.params
    least, most = int(params["MinRetentionDays"]), int(params["MaxRetentionDays"])
    if call.region.startswith((*_WITHOUT, "mx-central-1")):
        raise AwsError("InvalidRequestException", f"Logically air-gapped vaults are not supported in {call.region}")
    if least < LEAST_DAYS or most < least:
        raise invalid(f"Retention of {least} to {most} days: the least is {LEAST_DAYS} days")
    check_new(world, call, principal)
    wanted = params.get("EncryptionKeyArn")
    key = vault_key(world, principal, wanted, call.region) if wanted else ""
    vault = Vault(*place_of(call, principal), key, world.now(), kind=AIR_GAPPED, days=(least, most))
    vault.due = world.after(SECONDS)
    return keep_new(world, call, vault)


def direct_vault(world: World, call: Call, principal: Principal) -> Vault | None:
    """The air-gapped vault that a backup is to go into directly, or None.

    Raises:
        AwsError: it is none, or not one of the caller's in this region.
    """
    arn = call.params.get("LogicallyAirGappedBackupVaultArn")
    if not arn:
        return None
    vault = world.backup.vault_of(str(arn))
    if vault is None or (vault.account, vault.region) != (principal.account, call.region):
        raise AwsError("ResourceNotFoundException", f"Backup vault {arn} not found", 404)
    if vault.kind != AIR_GAPPED or world.now() < vault.due:
        raise AwsError("InvalidRequestException", f"Backup vault {arn} is no logically air-gapped vault, or not ready")
    return vault
