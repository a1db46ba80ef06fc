"""A table's customer managed key, which DynamoDB uses in the name of whoever reads or writes items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import AwsError
from ddbtui.sandbox.iam.authorize import dependent
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.kms_service import is_aws_managed
from ddbtui.sandbox.resources import find_key
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World


def use_table_key(world: World, principal: Principal, table: Any) -> None:
    """Decrypt the table's own key.

    Raises:
        AwsError: the key's policy or the caller's does not allow it.
    """
    arn = (table.sse_specification or {}).get("KMSMasterKeyId")
    key = find_key(arn) if arn else None
    if key is None or is_aws_managed(key):
        return
    extra = {"kms:ViaService": f"dynamodb.{key.region}.amazonaws.com"}
    reason = dependent(world, principal, Use("kms:Decrypt", key.arn), "dynamodb", extra)
    if reason:
        raise AwsError("AccessDeniedException", reason)
