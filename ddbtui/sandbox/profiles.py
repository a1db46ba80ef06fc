"""The profiles by which AWS clients reach the simulated accounts. The keys are worthless anywhere else."""

from __future__ import annotations

import secrets
from pathlib import Path

SOURCE, TARGET, MANAGEMENT = "111111111111", "222222222222", "333333333333"
REGION = "eu-west-1"
ROLE = "DdbtuiTarget"
KEYS = {
    "source": (SOURCE, "AKIASANDBOXSOURCE001", "sandbox-source-secret-not-a-real-one-001"),
    "target": (TARGET, "AKIASANDBOXTARGET002", "sandbox-target-secret-not-a-real-one-002"),
    "management": (MANAGEMENT, "AKIASANDBOXMANAGE003", "sandbox-manage-secret-not-a-real-one-003"),
}


def write_profiles(folder: Path, endpoint: str) -> dict[str, str]:
    """Write config and credentials, readable by their owner only; return the environment that points at them."""
    folder.mkdir(parents=True, exist_ok=True)
    common = f"region = {REGION}\noutput = json\nendpoint_url = {endpoint}\n"
    lines = [f"[profile {name}]\n{common}" for name in KEYS]
    role_arn = f"arn:aws:iam::{TARGET}:role/{ROLE}"
    # A name of its own: the AWS CLI's cache would else hand out the session of an earlier sandbox.
    session = f"role_session_name = sandbox-{secrets.token_hex(4)}\n"
    lines.append(f"[profile target-role]\n{common}role_arn = {role_arn}\nsource_profile = source\n{session}")
    keys = [
        f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
        for name, (_, key, secret) in KEYS.items()
    ]
    config, credentials = folder / "config", folder / "credentials"
    for path, text in ((config, "\n".join(lines)), (credentials, "\n".join(keys))):
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    return {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_ENDPOINT_URL": endpoint,
    }
