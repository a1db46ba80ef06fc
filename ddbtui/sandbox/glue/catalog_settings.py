"""How the Data Catalog is encrypted: kept and told, but nothing asks for the key.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-security.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue.databases import check_catalog
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_OFF: dict[str, Any] = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}


def get_encryption(world: World, call: Call, principal: Principal) -> Answer:
    """Tell the settings."""
    check_catalog(call, principal)
    settings = world.glue.encryption.get((principal.account, call.region), _OFF)
    return json_answer({"DataCatalogEncryptionSettings": settings})


def put_encryption(world: World, call: Call, principal: Principal) -> Answer:
    """Replace the settings; what is left out is switched off."""
    check_catalog(call, principal)
    given = call.params["DataCatalogEncryptionSettings"]
    world.glue.encryption[principal.account, call.region] = {**_OFF, **given}
    return json_answer({})
