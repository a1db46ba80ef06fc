"""Who calls: from an access key to the user or role behind it, and to what its policies say.

Uses moto's private `IAMBackend.access_keys`, `users`, `roles` and `managed_policies`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from ddbtui.sandbox.answers import AwsError

PARTITION = "aws"


@dataclass(frozen=True)
class Principal:
    """A caller.

    Args:
        account: 12 digits.
        arn: as GetCallerIdentity tells it.
        iam_arn: the user or the role, as policies name it.
        kind: `user`, `role` or `anonymous`.
        name: of the user or role.
    """

    account: str
    arn: str
    iam_arn: str
    kind: str
    name: str

    @property
    def arns(self) -> tuple[str, str]:
        """All ARNs under which a policy can name it."""
        return self.arn, self.iam_arn


ANONYMOUS = Principal("anonymous", "anonymous", "anonymous", "anonymous", "")


def iam(account: str) -> Any:
    """The simulated IAM of an account."""
    return iam_backends[account][PARTITION]


def principal_of(access_key: str, token: str | None, service: str) -> Principal:
    """Find the caller behind an access key.

    Raises:
        AwsError: the key belongs to nobody.
    """
    if not access_key:
        return ANONYMOUS
    for account in list(iam_backends):
        key = iam(account).access_keys.get(access_key)
        if key is None:
            continue
        if getattr(key, "role_arn", None):
            return _session(account, access_key, token, service)
        if token:
            raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid", 403)
        user = iam(account).users[key.user_name]
        return Principal(account, user.arn, user.arn, "user", user.name)
    raise _unknown_key(service)


def _session(account: str, access_key: str, token: str | None, service: str) -> Principal:
    session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key)
    if session is None or session.session_token != token:
        raise _unknown_key(service)
    name = session.role_arn.rsplit("/", 1)[1]
    arn = f"arn:{PARTITION}:sts::{account}:assumed-role/{name}/{session.session_name}"
    return Principal(account, arn, session.role_arn, "role", name)


def _unknown_key(service: str) -> AwsError:
    if service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    code = "InvalidClientTokenId" if service in ("sts", "iam") else "UnrecognizedClientException"
    return AwsError(code, "The security token included in the request is invalid.", 403 if "Id" in code else 400)


def identity_policies(principal: Principal) -> list[dict[str, Any]]:
    """Inline and attached policies of a user (with its groups) or role."""
    backend = iam(principal.account)
    if principal.kind == "role":
        holders = [role for role in backend.roles.values() if role.name == principal.name]
    else:
        holders = [backend.users[principal.name]] if principal.name in backend.users else []
        holders += [group for group in backend.groups.values() if any(u.name == principal.name for u in group.users)]
    texts = [text for holder in holders for text in holder.policies.values()]
    managed = [policy for holder in holders for policy in holder.managed_policies.values()]
    texts += [version.document for policy in managed for version in policy.versions if version.is_default]
    return [_document(text) for text in texts]


def _document(text: Any) -> dict[str, Any]:
    document = json.loads(unquote(text) if text.startswith("%") else text) if isinstance(text, str) else text
    return dict(document)


def find_role(role_arn: str) -> Any:
    """Return moto's role object, or None."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    if account not in iam_backends:
        return None
    return next((role for role in iam(account).roles.values() if role.name == name and role.arn == role_arn), None)


def role_path(account: str, name: str) -> str:
    """The path of a role, e.g. `/service-role/`; empty if there is no role of that name."""
    found = (role.path for role in iam(account).roles.values() if role.name == name)
    return str(next(found, ""))


def principal_exists(arn: str, accounts: set[str]) -> bool:
    """Whether a policy may name this principal: S3 and KMS refuse documents that name unknown ones."""
    if arn == "*" or arn in accounts:
        return True
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] not in accounts:
        return False
    kind, _, name = parts[5].partition("/")
    if kind == "root":
        return True
    if kind == "user":
        return any(user.arn == arn for user in iam(parts[4]).users.values())
    if kind == "assumed-role":
        return any(role.name == name.split("/")[0] for role in iam(parts[4]).roles.values())
    return kind == "role" and any(role.arn == arn for role in iam(parts[4]).roles.values())
