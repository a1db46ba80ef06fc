"""AWS Backup Vault Lock: how long backups must and may stay in a vault.

https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
"""

from __future__ import annotations

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.state import DAY, ORDINARY
from ddbtui.sandbox.backup.vaults import invalid, vault_named
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_LONGEST = 36_500
_GRACE_DAYS = 3


def put_lock(world: World, call: Call, principal: Principal) -> Answer:
    """Lock a vault; with `ChangeableForDays` for good once those are over."""
    vault = vault_named(world, call, principal)
    least, most = int(call.params.get("MinRetentionDays") or 1), int(call.params.get("MaxRetentionDays") or _LONGEST)
    grace = call.params.get("ChangeableForDays")
    if not 1 <= least <= most <= _LONGEST:
        raise invalid(f"Retention of {least} to {most} days: 1 to {_LONGEST} are possible, the least first")
    if grace is not None and int(grace) < _GRACE_DAYS:
        raise invalid(f"ChangeableForDays must be at least {_GRACE_DAYS}")
    if vault.kind != ORDINARY or vault.is_locked_for_good(world.now()):
        raise AwsError("InvalidRequestException", f"The lock of {vault.name} cannot be changed")
    vault.days = (least, most)
    vault.lock_date = None if grace is None else world.now() + int(grace) * DAY
    return json_answer({})


def delete_lock(world: World, call: Call, principal: Principal) -> Answer:
    """Take a lock away that is not for good."""
    vault = vault_named(world, call, principal)
    if vault.kind != ORDINARY or vault.is_locked_for_good(world.now()):
        raise AwsError("InvalidRequestException", f"The lock of {vault.name} cannot be removed")
    vault.days = vault.lock_date = None
    return json_answer({})
