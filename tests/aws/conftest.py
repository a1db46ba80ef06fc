from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.aws.live_fixtures import live, sandbox_of_session

__all__ = ["aws_home", "live", "sandbox_of_session", "write_config"]

CONFIG = """
[default]
region = eu-west-1

[profile prod-old]
region = eu-west-1

[profile keys]
region = eu-central-1
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = not-a-secret

[profile sso]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Admin

[profile old-sso]
sso_start_url = https://acme.example/start
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name = Admin

[sso-session acme]
sso_region = eu-west-1
sso_start_url = https://acme.example/start
sso_registration_scopes = sso:account:access

[profile role]
role_arn = arn:aws:iam::222222222222:role/path/Mover
source_profile = keys
mfa_serial = arn:aws:iam::111111111111:mfa/me

[profile program]
credential_process = /bin/false
"""


@pytest.fixture
def aws_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with an AWS config of its own and nothing of the machine's."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    folder = tmp_path / ".aws"
    folder.mkdir()
    config = folder / "config"
    config.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    return tmp_path


@pytest.fixture
def write_config(aws_home: Path) -> Callable[[str], None]:
    def write(text: str) -> None:
        (aws_home / ".aws" / "config").write_text(text)

    return write
