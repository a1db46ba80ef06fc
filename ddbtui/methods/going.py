"""What AWS takes a while to remove: the answer to its removal is no word that it is gone."""

from __future__ import annotations

from datetime import timedelta

from ddbtui.errors import UserError

PATIENCE = timedelta(minutes=15)
"""How long a clean-up waits for it. Terraform gives a recovery point ten minutes.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/backup_vault#timeouts
"""


class StillGoing(UserError):
    """AWS has begun to remove something and has not finished. The same removal, made again later, tells the end.

    Args:
        what: what still goes, e.g. `recovery point arn:... of vault ddbtui`.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"AWS still removes {what}", "Clean up again in some minutes.")
