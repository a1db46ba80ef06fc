"""Resource shares of AWS RAM: those of a run, and how they end.

https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShares.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ddbtui.aws.account import Account
from ddbtui.aws.errors import suppress_codes
from ddbtui.engine.step import Resource
from ddbtui.methods.base import RUN_TAG

UNKNOWN = "UnknownResourceException"
_OVER = frozenset({"DELETING", "DELETED"})


def share_name(run_id: str, token: str) -> str:
    """Return the name of the share that one attempt of a run makes."""
    return f"ddbtui-{run_id}-{token[:8]}"


def share_resource(run_id: str) -> Resource:
    """Return what a run notes before it shares: all its shares go at the end."""
    return Resource("resource-share", "source", f"ddbtui-{run_id}", "remove", {"run_id": run_id})


def shares_of(account: Account, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the shares of a run that are not over, by name and tag."""
    for page in account.client("ram").get_paginator("get_resource_shares").paginate(resourceOwner="SELF"):
        for share in page["resourceShares"]:
            tags = {tag["key"]: tag["value"] for tag in share.get("tags", ())}
            ours = share["name"].startswith(f"ddbtui-{run_id}-") and tags.get(RUN_TAG) == run_id
            if ours and share["status"] not in _OVER:
                yield share


def remove_shares(account: Account, resource: Resource) -> None:
    """End all shares of the run; what was shared stays.

    https://docs.aws.amazon.com/ram/latest/APIReference/API_DeleteResourceShare.html
    """
    for share in list(shares_of(account, str(resource.data["run_id"]))):
        with suppress_codes(UNKNOWN):
            account.client("ram").delete_resource_share(resourceShareArn=share["resourceShareArn"])
