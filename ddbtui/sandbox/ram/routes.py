"""From the path of a request to the operation of AWS RAM, and which IAM actions it needs.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceaccessmanagerram.html
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from ddbtui.sandbox.uses import Use

_NAMES = (
    "CreateResourceShare",
    "GetResourceShares",
    "GetResourceShareAssociations",
    "GetResourceShareInvitations",
    "AcceptResourceShareInvitation",
    "RejectResourceShareInvitation",
    "DeleteResourceShare",
)
_BY_PATH = {name.lower(): name for name in _NAMES}
ANSWERED = frozenset({"ram:AcceptResourceShareInvitation", "ram:RejectResourceShareInvitation"})
"""The ARN of an invitation names its sender's account; its receiver answers it without a policy of the sender's."""


def read_ram(path: str, query: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the operation, or an empty text, and its parameters.

    Args:
        path: decoded.
        query: the query string, not decoded.
        body: JSON or nothing.
    """
    params = {**dict(parse_qsl(query, keep_blank_values=True)), **(json.loads(body) if body else {})}
    return _BY_PATH.get(path.strip("/"), ""), params


def ram_uses(operation: str, params: dict[str, Any], region: str, account: str) -> list[Use]:
    """The actions and resources of one request."""
    resource = params.get("resourceShareInvitationArn") or params.get("resourceShareArn") or "*"
    uses = [Use(f"ram:{operation}", str(resource))]
    if operation == "CreateResourceShare" and params.get("tags"):
        uses.append(Use("ram:TagResource", f"arn:aws:ram:{region}:{account}:resource-share/*"))
    return uses
