"""Backup vaults and their access policies.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.keys import vault_key
from ddbtui.sandbox.backup.state import DEFAULT, ORDINARY, Vault
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam import principals
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.policy import listed
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import page
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import ACCOUNTS, World

COPY_INTO = "backup:CopyIntoBackupVault"
_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")
_KEY_TYPES = ("AWS_OWNED_KMS_KEY", "CUSTOMER_MANAGED_KMS_KEY")


def invalid(message: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("InvalidParameterValueException", message)


def vault_named(world: World, call: Call, principal: Principal, member: str = "BackupVaultName") -> Vault:
    """The caller's vault. Of one that is not there AWS says the same as of one that is out of bounds.

    Raises:
        AwsError: there is none.
    """
    name = str(call.params.get(member, "")).rsplit(":backup-vault:", 1)[-1]
    vault = world.backup.vaults.get((principal.account, call.region, name))
    if vault is None:
        raise AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return vault


def vault_seen(world: World, call: Call, principal: Principal) -> Vault:
    """The caller's vault, or with the owner's account id one that AWS RAM shares with the caller.

    Raises:
        AwsError: there is none.
    """
    owner = call.params.get("backupVaultAccountId", principal.account)
    if owner == principal.account:
        return vault_named(world, call, principal)
    vault = world.backup.vaults.get((owner, call.region, str(call.params["BackupVaultName"])))
    if vault is None or not world.backup.ram.is_shared(vault.arn, principal.account, world.now()):
        raise AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return vault


def create_vault(world: World, call: Call, principal: Principal) -> Answer:
    """Create a vault; a name can be given once only."""
    check_new(world, call, principal)
    key = vault_key(world, principal, call.params.get("EncryptionKeyArn"), call.region)
    return keep_new(world, call, Vault(*place_of(call, principal), key, world.now()))


def place_of(call: Call, principal: Principal) -> tuple[str, str, str]:
    """Account, region and name of the vault that a call would make."""
    return principal.account, call.region, str(call.params["BackupVaultName"])


def check_new(world: World, call: Call, principal: Principal) -> None:
    """Raise unless a vault of that name can be made by the caller."""
    place = place_of(call, principal)
    if not _NAME.fullmatch(place[2]):
        raise invalid(f"Invalid vault name {place[2]}: 2 to 50 letters, digits, - and _")
    held = world.backup.vaults.get(place)
    if held:
        extra = {"CreatorRequestId": held.request or "", "Arn": held.arn}
        raise AwsError("AlreadyExistsException", "Backup vault with the same name already exists", 400, **extra)
    reason = dependent(world, principal, Use("backup-storage:MountCapsule", "*"), "backup")
    if reason:
        raise AwsError("AccessDeniedException", reason, 403)


def keep_new(world: World, call: Call, vault: Vault) -> Answer:
    """Keep a vault with its tags, and tell of it."""
    vault.request = call.params.get("CreatorRequestId")
    world.backup.vaults[vault.account, vault.region, vault.name] = vault
    world.backup.tags[vault.arn] = dict(call.params.get("BackupVaultTags") or {})
    told = {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "CreationDate": vault.created}
    return json_answer(told if vault.kind == ORDINARY else {**told, "VaultState": "CREATING"})


def _describe(world: World, vault: Vault) -> dict[str, Any]:
    least, most = vault.days or (None, None)
    data = {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "VaultType": vault.kind,
        "VaultState": "AVAILABLE" if world.now() >= vault.due else "CREATING",
        "EncryptionKeyArn": vault.key or None,
        "EncryptionKeyType": None if vault.kind == ORDINARY else _KEY_TYPES[bool(vault.key)],
        "CreationDate": vault.created,
        "CreatorRequestId": vault.request,
        "NumberOfRecoveryPoints": len(vault.points),
        "Locked": vault.days is not None,
        "MinRetentionDays": least,
        "MaxRetentionDays": most,
        "LockDate": vault.lock_date,
    }
    return {name: value for name, value in data.items() if value is not None}


def describe_vault(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a vault."""
    return json_answer(_describe(world, vault_seen(world, call, principal)))


def list_vaults(world: World, call: Call, principal: Principal) -> Answer:
    """List the caller's vaults, or those that are shared with it, a page at a time."""
    found = world.backup.own_vaults(principal.account, call.region)
    if call.params.get("shared") == "true":
        everyones = [vault for vault in world.backup.vaults.values() if vault.region == call.region]
        found = [v for v in everyones if world.backup.ram.is_shared(v.arn, principal.account, world.now())]
    kind = call.params.get("vaultType")
    rows = [_describe(world, vault) for vault in found if kind in (None, vault.kind)]
    return paged("BackupVaultList", rows, call)


def paged(member: str, rows: list[dict[str, Any]], call: Call) -> Answer:
    """One page of a list of AWS Backup."""
    shown, token = page(rows, call.params.get("nextToken"), int(call.params.get("maxResults") or 100))
    return json_answer({member: shown, **({"NextToken": token} if token else {})})


def delete_vault(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a vault that is empty."""
    vault = vault_named(world, call, principal)
    if vault.points:
        message = "Backup vault cannot be deleted because it contains recovery points."
        raise AwsError("InvalidRequestException", message)
    if vault.name == DEFAULT:
        raise AwsError("InvalidRequestException", "The default backup vault cannot be deleted.")
    del world.backup.vaults[vault.account, vault.region, vault.name]
    world.policies.pop(vault.arn, None)
    world.backup.tags.pop(vault.arn, None)
    return json_answer({})


def put_policy(world: World, call: Call, principal: Principal) -> Answer:
    """Set the access policy; other accounts can be let copy into the vault, and nothing else."""
    vault = vault_named(world, call, principal)
    text = str(call.params.get("Policy") or "")
    try:
        for statement in listed(json.loads(text)["Statement"]):
            _check(statement, vault)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise invalid("The specified policy is not a valid policy document") from None
    world.policy_changed(vault.arn, text)
    return json_answer({})


def _check(statement: dict[str, Any], vault: Vault) -> None:
    named = statement["Principal"]
    names = [str(each) for each in listed(named.get("AWS", []) if isinstance(named, dict) else named)]
    actions = [str(each) for each in listed(statement["Action"])]
    if "Resource" not in statement or statement["Effect"] not in ("Allow", "Deny"):
        raise KeyError("Resource")
    if not all(principals.principal_exists(name, set(ACCOUNTS)) for name in names):
        raise invalid("Invalid principal in policy")
    others = [name for name in names if vault.account not in (name, *name.split(":")[4:5])]
    if statement["Effect"] == "Allow" and others and actions != [COPY_INTO]:
        message = "The specified policy cannot be added to the vault due to cross-account sharing restrictions. "
        raise invalid(message + "Amend the policy or the vault's settings, then retry request")


def get_policy(world: World, call: Call, principal: Principal) -> Answer:
    """Return the access policy, as soon as it was put."""
    vault = vault_named(world, call, principal)
    texts = world.policies.get(vault.arn)
    text = texts[-1][1] if texts else None
    if text is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault access policy not found for {vault.name}", 404)
    return json_answer({"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": text})


def delete_policy(world: World, call: Call, principal: Principal) -> Answer:
    """Remove the access policy."""
    vault = vault_named(world, call, principal)
    if world.policies.get(vault.arn):
        world.policy_changed(vault.arn, None)
    return json_answer({})
