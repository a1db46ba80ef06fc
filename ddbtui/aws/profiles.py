"""The profiles of the AWS config, read without asking AWS.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ddbtui.errors import Exit, UserError
from ddbtui.text import shown

Kind = Literal["sso", "role", "keys", "process", "other"]


@dataclass(frozen=True)
class Profile:
    """One profile, as far as the config tells; holds no secret.

    Args:
        name: as the config spells it.
        kind: where its credentials come from.
        region: its default region, if it has one.
        account_id: the account it leads to, where the config says so.
        role_arn: the role that it assumes, if any.
        detail: a few words for people, e.g. `SSO acme, role Admin`.
    """

    name: str
    kind: Kind
    region: str | None
    account_id: str | None
    role_arn: str | None
    detail: str


def profiles() -> list[Profile]:
    """Return all profiles of the AWS config and credentials files, sorted by name.

    Raises:
        UserError: a file can't be parsed; the message names it.
    """
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        known: Mapping[str, Any] = botocore.session.Session().full_config.get("profiles", {})
    except BotoCoreError as error:
        raise UserError(f"the AWS config can't be read: {shown(error)}", "Correct the file.", Exit.USAGE) from error
    return sorted((_profile(name, settings) for name, settings in known.items()), key=lambda p: p.name)


def _profile(name: str, settings: Mapping[str, Any]) -> Profile:
    role_arn = _text(settings, "role_arn")
    kind, detail = _kind(settings)
    account_id = _text(settings, "sso_account_id") if kind == "sso" else None
    if role_arn and len(role_arn.split(":")) > 5:
        account_id = role_arn.split(":")[4]
    return Profile(
        name, kind, _text(settings, "region"), account_id or _text(settings, "aws_account_id"), role_arn, detail
    )


def _kind(settings: Mapping[str, Any]) -> tuple[Kind, str]:
    """Name the kind by botocore's own precedence: a role goes before keys and SSO, which then are its source."""
    role_arn = _text(settings, "role_arn")
    if role_arn:
        through = _text(settings, "source_profile") or _text(settings, "credential_source")
        through = through or ("web identity" if "web_identity_token_file" in settings else "")
        role = f"role {role_arn.rpartition('/')[2]}" + (f" through {through}" if through else "")
        return "role", shown(role + (", asks for an MFA code" if "mfa_serial" in settings else ""))
    if "sso_session" in settings or "sso_start_url" in settings:
        where = _text(settings, "sso_session") or _text(settings, "sso_start_url")
        role_name = _text(settings, "sso_role_name")
        return "sso", shown(f"SSO {where}" + (f", role {role_name}" if role_name else ""))
    if "aws_access_key_id" in settings:
        return "keys", "temporary keys" if "aws_session_token" in settings else "access key"
    if "credential_process" in settings:
        return "process", "a program gives the credentials"
    return "other", "console login" if "login_session" in settings else "no credentials of its own"


def _text(settings: Mapping[str, Any], key: str) -> str | None:
    value = settings.get(key)
    return value if isinstance(value, str) and value else None
