"""The share of the logically air-gapped vault: AWS RAM shows it to the target account until the end of the run.

https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, is_denied, reason, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.engine.step import Done, Json, Progress, StepContext, StepFailed
from ddbtui.methods.backup.options import Vaults
from ddbtui.methods.base import RUN_TAG
from ddbtui.methods.removal.shares import UNKNOWN, remove_shares, share_name, share_resource, shares_of
from ddbtui.methods.steps.clean_up import CleanUpStep
from ddbtui.methods.steps.declared import DeclaredStep
from ddbtui.text import shown

_SPREAD = timedelta(minutes=30)
"""How long an accepted share may take until AWS Backup knows of it."""


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
        source, vault = self.move.source, self._vaults.air_gapped_arn
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
            resourceArns=[self._vaults.air_gapped_arn],
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
        name, owner = self._vaults.options.air_gapped_vault, self.move.source.account_id
        try:
            backup = self.move.target.client("backup")
            backup.describe_backup_vault(BackupVaultName=name, BackupVaultAccountId=owner)
        except Exception as error:
            # The guide tells of a denial, the API declares NotFound: which one AWS gives meanwhile is not documented.
            if not is_denied(error) and code(error) != "ResourceNotFoundException":
                raise
            return reason(error)
        return ""


class CleanUpSharingStep(CleanUpStep):
    """Ends the share; removes the vault that the run made if no backup came into it."""

    def access(self) -> Sequence[Access]:
        """End the share; see what is in the vault."""
        vaults, source = Vaults(self.move), self.move.source
        share = f"arn:{source.partition}:ram:{source.region}:{source.account_id}:resource-share/*"
        vault, why = vaults.air_gapped_arn, "end the share of the vault"
        return [
            Access("source", "ram:GetResourceShares", "*", "find the shares of this run"),
            Access("source", "ram:DeleteResourceShare", share, why, changes=True),
            # Done by AWS RAM in the caller's name.
            Access("source", "backup:DeleteBackupVaultSharingPolicy", vault, why),
            Access("source", "backup:ListBackupVaults", "*", "see whether the vault is there"),
            Access("source", "backup:ListRecoveryPointsByBackupVault", vault, "see whether the vault is empty"),
            # No line of the dry run: it takes a run that backed nothing up, or a clean-up after the days of the lock.
            Access("source", "backup:DeleteBackupVault", vault, "remove the vault once it is empty"),
        ]
