"""AWS RAM: shares of logically air-gapped vaults, and invitations across accounts. Nothing of it is moto's.

https://docs.aws.amazon.com/ram/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.backup.state import AIR_GAPPED
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.jobs import page
from ddbtui.sandbox.ram.state import Invitation, Share
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

SECONDS = 0.3


def ram(world: World, call: Call, principal: Principal) -> Answer:
    """Answer a call to AWS RAM; the caller was found to be allowed."""
    operation = _OPERATIONS.get(call.operation)
    if operation is None:
        raise AwsError("UnknownOperationException", f"The sandbox does not know {call.method} {call.path}", 404)
    return operation(world, call, principal)


def _create(world: World, call: Call, principal: Principal) -> Answer:
    """Share, or tell of the share that this token made."""
    params = call.params
    wanted = {name: value for name, value in params.items() if name != "clientToken"}
    token = params.get("clientToken")
    for share in world.backup.ram.shares:
        if token and (share.owner, share.request.get("clientToken")) == (principal.account, token):
            if {name: value for name, value in share.request.items() if name != "clientToken"} != wanted:
                message = "The specified client token was used with other parameters."
                raise AwsError("IdempotentParameterMismatchException", message)
            return json_answer({"resourceShare": _told(world, share), "clientToken": token})
    inside = _inside(world, principal, params)
    for arn in params.get("resourceArns") or []:
        _check_resource(world, principal, arn)
    now = world.now()
    share = Share(principal.account, call.region, str(params["name"]), params, now, world.after(SECONDS), inside)
    for account in share.principals:
        if account not in inside:
            arn = share.arn.replace(":resource-share/", ":resource-share-invitation/").rsplit("/", 1)[0]
            share.invitations.append(Invitation(f"{arn}/{uuid4()}", account, now))
    world.backup.ram.shares.append(share)
    return json_answer({"resourceShare": _told(world, share), "clientToken": token or str(uuid4())})


def _inside(world: World, principal: Principal, params: dict[str, Any]) -> frozenset[str]:
    """The principals that need no invitation; external ones must be allowed."""
    ours = world.organization_of(principal.account)
    members = {each for each in params.get("principals") or [] if ours and world.organization_of(each) == ours}
    external = [each for each in params.get("principals") or [] if each not in members]
    if external and not params.get("allowExternalPrincipals", True):
        message = f"The principal {external[0]} is not in your organization and external principals are not allowed."
        raise AwsError("OperationNotPermittedException", message)
    return frozenset(members if world.backup.ram.within_organization else ())


def _check_resource(world: World, principal: Principal, arn: str) -> None:
    vault = world.backup.vault_of(arn)
    if vault is None or vault.account != principal.account:
        raise AwsError("UnknownResourceException", f"The resource {arn} could not be found.")
    if vault.kind != AIR_GAPPED:
        raise AwsError("OperationNotPermittedException", f"The resource {arn} cannot be shared.")
    reason = dependent(world, principal, Use("backup:PutBackupVaultSharingPolicy", arn), "ram")
    if reason:
        raise AwsError("OperationNotPermittedException", reason)


def _told(world: World, share: Share) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.request.get("allowExternalPrincipals", True),
        "status": share.status_at(world.now()),
        "tags": share.request.get("tags") or [],
        "creationTime": share.created,
        "lastUpdatedTime": share.created,
        "featureSet": "STANDARD",
    }


def _list_shares(world: World, call: Call, principal: Principal) -> Answer:
    """List the caller's own shares, or those of others that it has accepted."""
    params, now = call.params, world.now()
    own = params["resourceOwner"] == "SELF"
    arns = params.get("resourceShareArns")
    filters = {"name": "name", "resourceShareStatus": "status"}
    rows = []
    for share in world.backup.ram.shares:
        mine = share.owner == principal.account if own else share.reaches(principal.account, now)
        if mine and share.region == call.region and (arns is None or share.arn in arns):
            rows.append(_told(world, share))
    rows = [
        row for row in rows if all(params.get(name, row[member]) == row[member] for name, member in filters.items())
    ]
    if arns and not rows:
        raise AwsError("UnknownResourceException", f"ResourceShare {arns[0]} could not be found.")
    return _paged("resourceShares", rows, call)


def _list_associations(world: World, call: Call, principal: Principal) -> Answer:
    """List the resources, or the principals, of the caller's own shares."""
    params, rows = call.params, []
    for share in world.backup.ram.shares:
        if share.owner == principal.account and share.arn in params.get("resourceShareArns", [share.arn]):
            kind = params["associationType"]
            rows += [_association(world, share, kind, each) for each in _entities(share, kind)]
    return _paged("resourceShareAssociations", rows, call)


def _entities(share: Share, kind: str) -> list[str]:
    return share.resources if kind == "RESOURCE" else share.principals


def _association(world: World, share: Share, kind: str, entity: str) -> dict[str, Any]:
    ready = share.status_at(world.now()) == "ACTIVE" and (kind == "RESOURCE" or share.reaches(entity, world.now()))
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": entity,
        "associationType": kind,
        "status": "DISASSOCIATED" if share.deleted else "ASSOCIATED" if ready else "ASSOCIATING",
        "creationTime": share.created,
        "external": entity not in share.inside,
    }


def _list_invitations(world: World, call: Call, principal: Principal) -> Answer:
    """List the invitations that the caller's account has received."""
    params, rows = call.params, []
    for share, invitation in _received(world, call, principal):
        named = params.get("resourceShareInvitationArns")
        shares = params.get("resourceShareArns")
        if (named is None or invitation.arn in named) and (shares is None or share.arn in shares):
            rows.append(_invitation(world, share, invitation))
    return _paged("resourceShareInvitations", rows, call)


def _received(world: World, call: Call, principal: Principal) -> list[tuple[Share, Invitation]]:
    """Invitations come as soon as their share is ACTIVE."""
    return [
        (share, each)
        for share in world.backup.ram.shares
        for each in share.invitations
        if share.region == call.region
        and each.receiver == principal.account
        and share.status_at(world.now()) == "ACTIVE"
    ]


def _invitation(world: World, share: Share, invitation: Invitation) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": share.name,
        "resourceShareArn": share.arn,
        "senderAccountId": share.owner,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": invitation.sent,
        "status": invitation.status_at(world.now()),
    }


def _answer_invitation(status: str) -> Callable[[World, Call, Principal], Answer]:
    """The operation that accepts or rejects."""

    def operation(world: World, call: Call, principal: Principal) -> Answer:
        """Answer for the account that was invited."""
        arn = call.params["resourceShareInvitationArn"]
        found = [pair for pair in _received(world, call, principal) if pair[1].arn == arn]
        if not found:
            message = f"The invitation {arn} could not be found."
            raise AwsError("ResourceShareInvitationArnNotFoundException", message)
        share, invitation = found[0]
        now = invitation.status_at(world.now())
        if now != "PENDING":
            code = {"ACCEPTED": "AlreadyAccepted", "REJECTED": "AlreadyRejected", "EXPIRED": "Expired"}[now]
            raise AwsError(f"ResourceShareInvitation{code}Exception", f"The invitation {arn} is {now}.")
        invitation.status = status
        return json_answer({"resourceShareInvitation": _invitation(world, share, invitation)})

    return operation


def _delete(world: World, call: Call, principal: Principal) -> Answer:
    """End a share; the vault stays."""
    arn = call.params["resourceShareArn"]
    share = next((each for each in world.backup.ram.shares if (each.arn, each.owner) == (arn, principal.account)), None)
    if share is None or share.deleted:
        raise AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")
    for vault in share.resources:
        reason = dependent(world, principal, Use("backup:DeleteBackupVaultSharingPolicy", vault), "ram")
        if reason:
            raise AwsError("OperationNotPermittedException", reason)
    share.deleted = True
    return json_answer({"returnValue": True})


def _paged(member: str, rows: list[dict[str, Any]], call: Call) -> Answer:
    shown, token = page(rows, call.params.get("nextToken"), int(call.params.get("maxResults") or 100))
    return json_answer({member: shown, **({"nextToken": token} if token else {})})


_OPERATIONS: dict[str, Callable[[World, Call, Principal], Answer]] = {
    "CreateResourceShare": _create,
    "GetResourceShares": _list_shares,
    "GetResourceShareAssociations": _list_associations,
    "GetResourceShareInvitations": _list_invitations,
    "AcceptResourceShareInvitation": _answer_invitation("ACCEPTED"),
    "RejectResourceShareInvitation": _answer_invitation("REJECTED"),
    "DeleteResourceShare": _delete,
}
