"""Backup vaults and their access policies.

https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from ddbtui.sandbox import principals
from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.authorize import dependent
from ddbtui.sandbox.backup_keys import vault_key
from ddbtui.sandbox.backup_state import DEFAULT, Vault
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.jobs import page
from ddbtui.sandbox.policy import listed
from ddbtui.sandbox.principals import Principal
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import ACCOUNTS, World

COPY_INTO = "backup:CopyIntoBackupVault"
_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")


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


def create_vault(world: World, call: Call, principal: Principal) -> Answer:
    """Create a vault; a name can be given once only."""
    params, name = call.params, str(call.params["BackupVaultName"])
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid vault name {name}: 2 to 50 letters, digits, - and _")
    place = (principal.account, call.region, name)
    held = world.backup.vaults.get(place)
    if held:
        extra = {"CreatorRequestId": held.request or "", "Arn": held.arn}
        raise AwsError("AlreadyExistsException", "Backup vault with the same name already exists", 400, **extra)
    reason = dependent(world, principal, Use("backup-storage:MountCapsule", "*"), "backup")
    if reason:
        raise AwsError("AccessDeniedException", reason, 403)
    key = vault_key(world, principal, params.get("EncryptionKeyArn"), call.region)
    vault = Vault(*place, key, world.now(), params.get("CreatorRequestId"))
    world.backup.vaults[place] = vault
    world.backup.tags[vault.arn] = dict(params.get("BackupVaultTags") or {})
    answer = {"BackupVaultName": name, "BackupVaultArn": vault.arn, "CreationDate": vault.created}
    return json_answer(answer)


def _describe(vault: Vault) -> dict[str, Any]:
    data = {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "EncryptionKeyArn": vault.key,
        "CreationDate": vault.created,
        "CreatorRequestId": vault.request,
        "NumberOfRecoveryPoints": len(vault.points),
        "Locked": False,
    }
    return {name: value for name, value in data.items() if value is not None}


def describe_vault(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a vault."""
    return json_answer(_describe(vault_named(world, call, principal)))


def list_vaults(world: World, call: Call, principal: Principal) -> Answer:
    """List the caller's vaults, a page at a time."""
    rows = [_describe(vault) for vault in world.backup.own_vaults(principal.account, call.region)]
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
