from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ddbtui.aws.profiles import profiles
from ddbtui.errors import Exit, UserError

pytestmark = pytest.mark.usefixtures("aws_home")


def test_every_kind_is_told_from_the_config() -> None:
    found = {profile.name: profile for profile in profiles()}
    kinds = {name: profile.kind for name, profile in found.items()}
    assert kinds == {
        "default": "other",
        "prod-old": "other",
        "keys": "keys",
        "sso": "sso",
        "old-sso": "sso",
        "role": "role",
        "program": "process",
    }
    assert found["sso"].account_id == "111111111111"
    assert found["sso"].detail == "SSO acme, role Admin"
    assert found["role"].account_id == "222222222222"
    assert found["role"].role_arn == "arn:aws:iam::222222222222:role/path/Mover"
    assert found["role"].detail == "role Mover through keys, asks for an MFA code"
    assert found["keys"].region == "eu-central-1"
    assert [profile.name for profile in profiles()] == sorted(found)


def test_keys_of_the_credentials_file_count_and_no_secret_is_kept(aws_home: Path) -> None:
    (aws_home / ".aws" / "credentials").write_text(
        "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = canary\naws_session_token = canary\n"
    )
    found = {profile.name: profile for profile in profiles()}
    assert (found["other"].kind, found["other"].detail) == ("keys", "temporary keys")
    assert "canary" not in repr(profiles())
    assert "AKIA" not in repr(profiles())


def test_no_config_means_no_profiles(aws_home: Path) -> None:
    (aws_home / ".aws" / "config").unlink()
    assert profiles() == []


def test_what_cannot_be_parsed_is_named(write_config: Callable[[str], None]) -> None:
    write_config("[profile x\nregion")
    with pytest.raises(UserError, match=r"config") as caught:
        profiles()
    assert caught.value.code is Exit.USAGE


def test_control_characters_of_the_config_are_made_visible(write_config: Callable[[str], None]) -> None:
    write_config("[profile x]\nsso_start_url = https://a\x1b[2J\nsso_account_id = 1\n")
    assert "\x1b" not in profiles()[0].detail
