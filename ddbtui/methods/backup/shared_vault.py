"""A logically air-gapped vault of the source, and its share with the target: no common organization is needed.

What lies in such a vault can be deleted by nobody until its days are over, so a person must consent before.
https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, is_denied, reason, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.engine.step import Done, Json, Progress, Resource, StepContext, StepFailed
from ddbtui.methods import prices
from ddbtui.methods.backup.options import LEAST_LOCKED_DAYS, Vaults
from ddbtui.methods.backup.sharing import UNKNOWN, remove_shares, share_name, share_resource, shares_of
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.steps.declared import DeclaredStep
from ddbtui.prerequisites.vault import find_vault
from ddbtui.text import plural, shown

GATE = "compliance-locked-vault"
_SPREAD = timedelta(minutes=30)
"""How long an accepted share may take until AWS Backup knows of it."""


class LockedVaultStep(DeclaredStep):
    """Makes the vault, with consent, unless it is there. It is locked in compliance mode from birth."""

    name = "locked-vault"
    title = "Make the vault that is shared"
    gates = (GATE,)
    poll_seconds = 5

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self._vaults = Vaults(move)
        self._name = self._vaults.options.shared_vault

    def access(self) -> Sequence[Access]:
        """Look, make, mark."""
        arn, why = self._vaults.shared_arn, "make the vault that is shared"
        return [
            Access("source", "backup:ListBackupVaults", "*", "see whether the vault exists"),
            Access("source", "backup:CreateLogicallyAirGappedBackupVault", arn, why, changes=True),
            Access("source", "backup:TagResource", arn, "mark the vault as this run's"),
            Access("source", "backup-storage:MountCapsule", "*", why),
        ]

    def start(self, ctx: StepContext) -> Json:
        """Make it with consent; one that is there is taken with consent, too: what is put into it is locked as well."""
        there = find_vault(self.move.source, self._name)
        ctx.consent(GATE, self._question())
        if there is None:
            self._make(ctx)
        return {"arn": self._vaults.shared_arn}

    def _question(self) -> str:
        days, source = self._vaults.options.retention_days, self.move.source
        tables = [moving.table for moving in self.move.tables]
        storage = prices.by_size("", tables, locked_price(days))
        return (
            f"Back {plural(len(tables), 'table')} ({storage.quantity}) up into the logically air-gapped vault "
            f"'{self._name}' of account {source.account_id} in {source.region}, and make it if it is not there? Such a "
            f"vault is locked in compliance mode from birth: for {days} days nobody can delete the backups in it, not "
            f"even the account's owner or AWS. They are billed that long (about ${storage.dollars:,.2f}), and the "
            f"vault can't be deleted before they are gone. AWS RAM shares it with account "
            f"{self.move.target.account_id} until the end of the run."
        )

    def _make(self, ctx: StepContext) -> None:
        creator = f"ddbtui-{ctx.run_id}"
        resource = self._resource(creator)
        ctx.record(resource)
        try:
            self.move.source.client("backup").create_logically_air_gapped_backup_vault(
                BackupVaultName=self._name,
                MinRetentionDays=LEAST_LOCKED_DAYS,
                MaxRetentionDays=self._vaults.options.retention_days,
                CreatorRequestId=creator,
                BackupVaultTags={RUN_TAG: ctx.run_id},
            )
        except Exception as error:
            if code(error) != "AlreadyExistsException":
                raise
            found = find_vault(self.move.source, self._name) or {}
            if found.get("CreatorRequestId") != creator:  # somebody made it just now: it is theirs
                ctx.removed(resource)

    def _resource(self, creator: str) -> Resource:
        days = plural(self._vaults.options.retention_days, "day")
        stays = f"locked as long as a backup is in it, {days} from its making; `ddbtui clean-up` removes it afterwards"
        data = {"vault": self._name, "creator": creator, "stays": stays}
        return Resource("air-gapped-vault", "source", self._vaults.shared_arn, "remove", data)

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait until it is AVAILABLE."""
        found = find_vault(self.move.source, self._name)
        if found is None:
            raise StepFailed(f"vault '{self._name}' is not there", "Somebody may have deleted it. Resume to make it.")
        state = str(found.get("VaultState", "AVAILABLE"))
        if state == "CREATING":
            return Progress(state)
        if state != "AVAILABLE":
            hint = "Delete it in AWS Backup, then `ddbtui resume` makes a new one."
            raise StepFailed(f"vault '{self._name}' is {shown(state, 60)}", hint)
        return Done(handle)


def locked_price(days: int) -> float:
    """Return the US dollars that a GiB costs until its days in the locked vault are over."""
    return prices.BACKUP_GIB_MONTH * days / 30


class ShareStep(DeclaredStep):
    """Shares the vault by AWS RAM, and accepts the invitation in the target's name. A retry invites anew.

    https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html
    """

    name = "share"
    title = "Share the vault with the target account"
    poll_seconds = 5

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self._vaults = Vaults(move)

    @property
    def _ours(self) -> Any:
        return self.move.source.client("ram")

    @property
    def _theirs(self) -> Any:
        return self.move.target.client("ram")

    def access(self) -> Sequence[Access]:
        """Share in the source; accept and look in the target."""
        source, vault = self.move.source, self._vaults.shared_arn
        start = f"arn:{source.partition}:ram:{source.region}:{source.account_id}"
        why, see = "share the vault with the target account", "see whether the vault is shared"
        return [
            Access("source", "ram:CreateResourceShare", "*", why, changes=True),
            Access("source", "ram:TagResource", f"{start}:resource-share/*", "mark the share as this run's"),
            # Done by AWS RAM in the caller's name.
            Access("source", "backup:PutBackupVaultSharingPolicy", vault, why),
            Access("source", "ram:GetResourceShares", "*", see),
            Access("source", "ram:GetResourceShareAssociations", "*", see),
            # No line of the dry run: it takes an invitation that nobody has accepted in time.
            Access("source", "ram:DeleteResourceShare", f"{start}:resource-share/*", "invite anew"),
            Access("source", "backup:DeleteBackupVaultSharingPolicy", vault, "invite anew"),
            Access("target", "ram:GetResourceShareInvitations", "*", "see the invitation"),
            # Its ARN has the account that invites. None comes within an organization that shares without.
            Access("target", "ram:AcceptResourceShareInvitation", f"{start}:resource-share-invitation/*", why, True),
            Access("target", "backup:DescribeBackupVault", vault, see),
        ]

    def find(self, ctx: StepContext) -> Json | None:
        """Take up the share that an interrupted start made."""
        name = share_name(ctx.run_id, ctx.token)
        found = (share for share in shares_of(self.move.source, ctx.run_id) if share["name"] == name)
        return next(({"arn": str(share["resourceShareArn"])} for share in found), None)

    def start(self, ctx: StepContext) -> Json:
        """Share it. What an attempt before this shared in vain goes first."""
        resource = share_resource(ctx.run_id)
        ctx.record(resource)
        if ctx.attempt > 1:
            remove_shares(self.move.source, resource)
        answer = self._ours.create_resource_share(
            name=share_name(ctx.run_id, ctx.token),
            resourceArns=[self._vaults.shared_arn],
            principals=[self.move.target.account_id],
            allowExternalPrincipals=True,
            tags=[{"key": RUN_TAG, "value": ctx.run_id}],
            clientToken=ctx.token,
        )
        return {"arn": str(answer["resourceShare"]["resourceShareArn"])}

    def poll(self, ctx: StepContext, handle: Json) -> Progress | Done:
        """Wait for the invitation, accept it, and wait until the target's AWS Backup sees the vault."""
        arn, late = str(handle["arn"]), ctx.now() - ctx.intent_at > _SPREAD
        state = self._state(arn)
        if state in ("PENDING", "") and not late:
            return Progress(f"the share is {state or 'not shown yet'}")
        if state != "ACTIVE":
            raise StepFailed(f"the share of the vault is {shown(state, 60) or 'not there'}", "Resume to share it anew.")
        self._check_association(arn)
        told = self._accept(ctx, arn)
        denied = self._refusal()
        if not denied:
            return Done({"arn": arn})
        if late:
            raise StepFailed(f"the target account can't see the shared vault: {denied}", "Resume to share it anew.")
        return Progress(f"{told}; the target account does not see the vault yet")

    def _state(self, arn: str) -> str:
        """The share's state; empty while AWS RAM does not know it yet."""
        with suppress_codes(UNKNOWN):
            found = self._ours.get_resource_shares(resourceOwner="SELF", resourceShareArns=[arn])["resourceShares"]
            return str(found[0]["status"]) if found else ""
        return ""

    def _check_association(self, arn: str) -> None:
        """A share can be ACTIVE without the vault."""
        found = self._ours.get_resource_share_associations(associationType="RESOURCE", resourceShareArns=[arn])
        for one in found["resourceShareAssociations"]:
            if one["status"] == "FAILED":
                raise StepFailed(f"AWS RAM can't share the vault: {shown(one.get('statusMessage', 'no reason given'))}")

    def _accept(self, ctx: StepContext, arn: str) -> str:
        """Accept the invitation if there is one, and tell how that stands."""
        invitation = self._invitation(arn)
        if invitation is None:
            return "there is no invitation (yet)"
        state = str(invitation["status"])
        if state == "PENDING":
            name = str(invitation["resourceShareInvitationArn"])
            self._theirs.accept_resource_share_invitation(resourceShareInvitationArn=name, clientToken=ctx.token)
            ctx.log(f"account {self.move.target.account_id} has accepted the shared vault")
        elif state != "ACCEPTED":
            raise StepFailed(
                f"the invitation to the shared vault is {shown(state, 60)}; it must be accepted within 12 hours",
                "`ddbtui resume` shares the vault anew, and accepts at once.",
            )
        return "the share is accepted"

    def _invitation(self, arn: str) -> dict[str, Any] | None:
        pages = self._theirs.get_paginator("get_resource_share_invitations").paginate(resourceShareArns=[arn])
        with suppress_codes(UNKNOWN):
            found = [one for page in pages for one in page["resourceShareInvitations"]]
            return dict(found[-1]) if found else None
        return None

    def _refusal(self) -> str:
        """Why the target's AWS Backup does not show the vault, or an empty text."""
        name, owner = self._vaults.options.shared_vault, self.move.source.account_id
        try:
            backup = self.move.target.client("backup")
            backup.describe_backup_vault(BackupVaultName=name, BackupVaultAccountId=owner)
        except Exception as error:
            # The guide tells of a denial, the API declares NotFound: which one AWS gives meanwhile is not documented.
            if not is_denied(error) and code(error) != "ResourceNotFoundException":
                raise
            return reason(error)
        return ""
