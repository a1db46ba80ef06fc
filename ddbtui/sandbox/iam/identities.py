"""The users and roles that the accounts start with. Uses moto's private `IAMBackend.access_keys`."""

from __future__ import annotations

import json

from ddbtui.sandbox.iam.principals import iam
from ddbtui.sandbox.profiles import KEYS, REGION, ROLE, SOURCE, TARGET

_ADMIN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def create_identities() -> None:
    """An admin user with known keys in each account, and a role in the target that the source may assume."""
    for name, (account, key_id, secret) in KEYS.items():
        backend = iam(account)
        user = backend.create_user(REGION, f"{name}-admin")
        backend.put_user_policy(user.name, "AdministratorAccess", _ADMIN)
        key = user.create_access_key(prefix="AKIA")
        key.access_key_id, key.secret_access_key = key_id, secret
        backend.access_keys[key_id] = key
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam(TARGET).create_role(ROLE, document, "/", None, "Reached from the source account", [], "3600")
    iam(TARGET).put_role_policy(ROLE, "AdministratorAccess", _ADMIN)
