"""Errors of AWS and botocore in plain words, each with what to do about it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Literal

from ddbtui.errors import Exit, UserError
from ddbtui.text import did_you_mean, shown

Verdict = Literal["retry", "ask", "stop"]

DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "403"}
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_SSO = frozenset({"UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "NoAuthTokenError"})
_LOGIN = frozenset({"LoginRefreshRequired", "LoginTokenLoadError", "LoginAuthorizationCodeError", "LoginError"})
_REFUSED = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "InvalidSignatureException",
        "AuthFailure",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "SlowDown",
        "PriorRequestNotComplete",
        "BandwidthLimitExceeded",
    }
)
_TRANSIENT = frozenset(
    {"InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "RequestTimeout", "500", "503"}
)
_NETWORK = frozenset(
    {
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "ProxyConnectionError",
        "HTTPClientError",
        "ResponseStreamingError",
        "IncompleteReadError",
        "SSLError",
    }
)
_REGION = frozenset({"UnknownRegionError", "InvalidRegionError", "NoRegionError", "EndpointResolutionError"})
_MISSING = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})
_ACTION = re.compile(r"perform: ?([\w-]+:\w+)")
_RESOURCE = re.compile(r"on resource: ?\"?([^\s\"]+)")
_LAKE = re.compile(r"Insufficient Lake Formation permission\(s\)(?:: Required ([\w ]+?) on (\S+))?")


def code(error: BaseException) -> str:
    """Return the error code that AWS gave, or the name of the exception's class."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        found = answer.get("Error", {}).get("Code")
        if found:
            return str(found)
    return type(error).__name__


def reason(error: BaseException) -> str:
    """Return code and message of an error in one line that is safe to show."""
    answer = getattr(error, "response", None)
    text = answer.get("Error", {}).get("Message") if isinstance(answer, dict) else str(error)
    return f"{code(error)}: {shown(text)}" if text else code(error)


def is_denied(error: BaseException) -> bool:
    """Whether AWS understood who asks and said no."""
    return code(error) in DENIED


def lake_formation_wants(error: BaseException) -> str:
    """Return what Lake Formation wants granted, e.g. `CREATE_DATABASE on Catalog`; empty if it did not refuse.

    It has a say beside IAM, whose policies then change nothing.
    https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-overview.html
    """
    found = _LAKE.search(str(error)) if is_denied(error) else None
    if found is None:
        return ""
    permission, resource = found.groups()
    return f"{permission.upper().replace(' ', '_')} on {shown(resource)}" if permission else "more on it"


class suppress_codes:  # noqa: N801 it is contextlib's suppress, by code
    """Leave a block as soon as AWS answers with one of these codes, and go on after it; what else is raised passes.

    For what is gone already when it is removed, there already when it is made, or never was when it is looked up.

    Args:
        codes: as AWS spells them, e.g. `NoSuchBucket`.
    """

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return error is not None and code(error) in self._codes


def verdict(error: BaseException) -> Verdict:
    """Say what the engine does about an error: repeat the call, ask a person for credentials, or stop the step."""
    name = code(error)
    if name in _EXPIRED | _SSO | _LOGIN:
        return "ask"
    if name in _THROTTLED | _TRANSIENT | _NETWORK or _status(error) >= 500:
        return "retry"
    return "stop"


def explain(error: BaseException, what: str, profile: str | None = None) -> UserError:
    """Turn an error of botocore or AWS into a sentence with what to do.

    Args:
        error: what was raised.
        what: what was tried and where, e.g. `source: read table orders`.
        profile: the profile that was used, named in the advice.

    Returns:
        The error to raise; a `UserError` comes back as it is.
    """
    if isinstance(error, UserError):
        return error
    name = code(error)
    for explainer in (_explain_login, _explain_access, _explain_place):
        found = explainer(error, name, what, profile)
        if found:
            return found
    return UserError(f"{what}: {reason(error)}")


def _explain_login(error: BaseException, name: str, what: str, profile: str | None) -> UserError | None:
    option = f" --profile {shown(profile, 60)}" if profile else ""
    if name in _SSO:
        return UserError(
            f"{what}: the SSO login has expired or was never made", f"Run `aws sso login{option}` and try again."
        )
    if name in _LOGIN:
        return UserError(f"{what}: the console login has expired", f"Run `aws login{option}` and try again.")
    if name in _EXPIRED:
        return UserError(f"{what}: the credentials have expired ({name})", _renew(option))
    if name in _REFUSED:
        return UserError(
            f"{what}: AWS does not accept the credentials ({name})",
            "Check the access key and secret of this profile; keys that were deleted or mistyped look like this, "
            "and so does a region that is not enabled in the account.",
        )
    if name in _MISSING:
        return UserError(f"{what}: no credentials found ({shown(error)})", _obtain(option), Exit.USAGE)
    return None


def _renew(option: str) -> str:
    return f"Renew them (for SSO: `aws sso login{option}`) and try again."


def _obtain(option: str) -> str:
    return (
        f"Choose a profile that has credentials, or make them with `aws configure{option}` or `aws sso login{option}`."
    )


def _explain_access(error: BaseException, name: str, what: str, profile: str | None) -> UserError | None:
    if name == "ProfileNotFound":
        wanted = profile or _quoted(str(error))
        return UserError(
            f"{what}: the AWS config has no profile '{shown(wanted, 60)}'{did_you_mean(wanted, _known_profiles())}",
            "List them with `aws configure list-profiles`.",
            Exit.USAGE,
        )
    if name in DENIED:
        action, resource = _ACTION.search(str(error)), _RESOURCE.search(str(error))
        on = f" on {shown(resource[1])}" if resource else ""
        denied = f"{action[1]}{on} is not allowed" if action else f"access is denied ({reason(error)})"
        cause = f" ({shown(_why(str(error)))})" if action and _why(str(error)) else ""
        hint = "`ddbtui permissions PLAN` prints the policy that this account needs."
        wanted = lake_formation_wants(error)
        if wanted:
            hint = f"Let an administrator of the data lake grant {wanted} in Lake Formation; IAM alone does not decide."
        return UserError(f"{what}: {denied}{cause}", hint)
    if name in ("ConfigParseError", "InvalidConfigError", "InfiniteLoopConfigError"):
        return UserError(f"{what}: the AWS config can't be used: {shown(error)}", "Correct ~/.aws/config.", Exit.USAGE)
    return None


def _explain_place(error: BaseException, name: str, what: str, profile: str | None) -> UserError | None:
    if name in _NETWORK:
        return UserError(f"{what}: AWS can't be reached: {shown(error)}", "Check network, proxy and endpoint settings.")
    if name in _REGION:
        return UserError(f"{what}: {shown(error)}", "Check the region, e.g. eu-west-1.", Exit.USAGE)
    if name in _THROTTLED:
        return UserError(f"{what}: AWS asks to slow down ({name})", "Wait a little and try again.")
    if name in _TRANSIENT or _status(error) >= 500:
        return UserError(f"{what}: AWS failed ({reason(error)})", "Try again; see https://health.aws.amazon.com.")
    return None


def _why(message: str) -> str:
    """The part of an access-denied message that names the policy type, e.g. `no identity-based policy allows ...`."""
    _, found, rest = message.partition(" because ")
    return rest.rstrip(".") if found else ""


def _status(error: BaseException) -> int:
    answer: Any = getattr(error, "response", None)
    meta = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
    return int(meta.get("HTTPStatusCode", 0))


def _quoted(message: str) -> str:
    found = re.search(r"\(([^)]*)\)", message)
    return found[1] if found else message


def _known_profiles() -> list[str]:
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        return list(botocore.session.Session().available_profiles)
    except BotoCoreError:
        return []
