"""One opened account: credentials that were shown to belong to it, and its clients.

Follows botocore's provider chain (environment, profiles with SSO, source_profile and mfa_serial, instance roles), then
assumes `role_arn` if the plan names one. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddbtui import __version__
from ddbtui.aws.errors import explain
from ddbtui.errors import Exit, UserError
from ddbtui.plan.model import AccountRef, Side
from ddbtui.text import shown

if TYPE_CHECKING:
    import boto3

MFA_PROMPT: Callable[[str], str] | None = None
"""Asks for an MFA code; set by a front end that can (line mode), else botocore's own getpass prompt is refused."""


@dataclass(frozen=True)
class Call:
    """One finished call to AWS, for the audit log. Never holds parameters, only what identifies the call."""

    side: str
    account_id: str
    region: str
    service: str
    operation: str
    outcome: str
    """`ok`, or the error code."""
    request_id: str


OnCall = Callable[[Call], None]


@dataclass(frozen=True)
class Identity:
    """Who the credentials belong to."""

    account_id: str
    arn: str
    partition: str

    @property
    def principal_arn(self) -> str:
        """The IAM principal to name in a policy: the role behind an assumed-role session, else the ARN itself."""
        if ":assumed-role/" not in self.arn:
            return self.arn
        _, _, session = self.arn.partition(":assumed-role/")
        role = session.rsplit("/", 1)[0]
        return f"arn:{self.partition}:iam::{self.account_id}:role/{role}"


class Account:
    """One side of a move. Clients are made once and shared between threads; sessions are not shared.

    Args:
        side: source, target or management.
        ref: how to reach it; its `account_id` is pinned.
        on_call: told of every finished call.
        run_id: becomes part of the role session name and of the user agent, so that CloudTrail tells runs apart.
    """

    def __init__(self, side: Side, ref: AccountRef, on_call: OnCall | None = None, run_id: str = "") -> None:
        self.side = side
        self.ref = ref
        self.region = ref.region
        self._on_call = on_call
        self._run_id = run_id
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: boto3.Session | None = None
        self._identity: Identity | None = None
        self._renew = False

    @property
    def account_id(self) -> str:
        """The 12 digits that the plan pins."""
        return self.ref.account_id

    @property
    def identity(self) -> Identity:
        """Who we are, asked once; raises UserError with what to do."""
        with self._lock:
            return self._identity or self.verify()

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov` ... of the region."""
        return self.identity.partition

    @property
    def endpoint(self) -> str | None:
        """A custom endpoint that the environment or the profile sets; None means AWS itself."""
        url = str(self.client("dynamodb").meta.endpoint_url)
        suffixes = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".c2s.ic.gov", ".sc2s.sgov.gov", ".amazonaws.eu")
        return None if url.split("/")[2].split(":", maxsplit=1)[0].endswith(suffixes) else url

    def verify(self) -> Identity:
        """Ask AWS whose credentials these are and compare with the pinned account.

        Raises:
            UserError: credentials are missing, expired or refused, or belong to another account.
        """
        try:
            identity = identify(self)
        except UserError:
            self._forget()
            raise
        if identity.account_id != self.ref.account_id:
            raise UserError(
                f"{self.side}: the credentials of {describe(self.ref)} belong to account {identity.account_id}, "
                f"but the plan says {self.ref.account_id}",
                "Choose the profile of the right account, or correct account_id in the plan.",
                Exit.USAGE,
            )
        with self._lock:
            self._identity = identity
        return identity

    def _forget(self) -> None:
        """Read the AWS config anew next time: credentials that were renewed there are not seen by an open session."""
        with self._lock:
            self._session = None
            self._clients.clear()

    def renew(self) -> None:
        """Read the AWS config anew before the next client is given out, and ask AWS again whose credentials these are.

        Clients that were given out before keep the old ones. Returns at once, whatever other threads are at.
        """
        self._renew = True

    def _renewed(self) -> None:
        self._renew = False  # first, since who asks needs a client, too
        self._forget()
        try:
            self.verify()
        except BaseException:
            self._renew = True  # nobody gets a client of another account
            raise

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the shared boto3 client of a service.

        Args:
            service: boto3's name, e.g. `application-autoscaling`.
            region: another region than the account's own.

        Raises:
            UserError: the session can't be opened, or, after `renew`, does not belong to the pinned account.
        """
        key = service, region or self.region
        with self._lock:
            if self._renew:
                self._renewed()
            if key not in self._clients:
                self._clients[key] = self._make_client(*key)
            return self._clients[key]

    def _make_client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        if self._session is None:
            try:
                self._session = _open_session(self.ref, self._run_id)
            except Exception as error:
                raise explain(error, f"{self.side}: {describe(self.ref)}", self.ref.profile) from error
        config = Config(
            retries={"mode": "standard", "max_attempts": 6},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=32,
            user_agent_appid=f"ddbtui-{__version__}" + (f"-{self._run_id}" if self._run_id else ""),
        )
        client = self._session.client(service, region_name=region, config=config)
        if self._on_call:
            client.meta.events.register("after-call.*.*", self._after_call)
            client.meta.events.register("after-call-error.*.*", self._after_call_error)
        return client

    def _after_call(self, model: Any, parsed: dict[str, Any], **_: object) -> None:
        meta = parsed.get("ResponseMetadata", {})
        code = parsed.get("Error", {}).get("Code", "failed") if meta.get("HTTPStatusCode", 0) >= 300 else "ok"
        self._tell(model, code, str(meta.get("RequestId", "")))

    def _after_call_error(self, exception: Exception, event_name: str, **_: object) -> None:
        if self._on_call:
            service, operation = event_name.split(".")[1:3]
            self._on_call(
                Call(self.side, self.account_id, self.region, service, operation, type(exception).__name__, "")
            )

    def _tell(self, model: Any, outcome: str, request_id: str) -> None:
        if self._on_call:
            service = model.service_model.endpoint_prefix
            self._on_call(Call(self.side, self.account_id, self.region, service, model.name, outcome, request_id))


def describe(ref: AccountRef) -> str:
    """Name the credentials for people: profile and role."""
    name = f"profile '{shown(ref.profile, 60)}'" if ref.profile else "the default credentials"
    return f"{name} with role {ref.role_arn}" if ref.role_arn else name


def identify(account: Account) -> Identity:
    """Ask STS who the account's credentials belong to.

    Raises:
        UserError: with what to do (log in, name another profile, ...).
    """
    try:
        answer = account.client("sts").get_caller_identity()
    except UserError:
        raise
    except Exception as error:
        raise explain(error, f"{account.side}: {describe(account.ref)}", account.ref.profile) from error
    arn = str(answer["Arn"])
    return Identity(str(answer["Account"]), arn, arn.split(":")[1])


def _open_session(ref: AccountRef, run_id: str) -> boto3.Session:
    """Build a session along botocore's own chain, with the plan's role on top."""
    import boto3
    import botocore.session

    logging.getLogger("botocore").setLevel(logging.WARNING)
    logging.getLogger("boto3").setLevel(logging.WARNING)
    core = botocore.session.Session(profile=ref.profile)
    _set_mfa_prompt(core)
    if ref.role_arn:
        core = _with_role(core, ref, run_id)
    return boto3.Session(botocore_session=core, region_name=ref.region)


def _set_mfa_prompt(core: Any) -> None:
    provider = core.get_component("credential_provider").get_provider("assume-role")
    provider.cache = _file_cache()
    provider._prompter = MFA_PROMPT or _no_mfa_prompt


def _no_mfa_prompt(prompt: str) -> str:
    raise UserError(
        f"{shown(prompt).strip(' :')} is needed, and there is nobody to ask here",
        "Run any AWS CLI command with this profile first (its session is cached), or use `ddbtui plan`.",
        Exit.USAGE,
    )


def _file_cache() -> Any:
    """The AWS CLI's own cache of assumed roles, so that an MFA code given there is good here."""
    from botocore.utils import JSONFileCache

    return JSONFileCache(os.path.expanduser(os.path.join("~", ".aws", "cli", "cache")))


def _with_role(core: Any, ref: AccountRef, run_id: str) -> Any:
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    extra: dict[str, object] = {"RoleSessionName": ref.session_name or f"ddbtui-{run_id or 'session'}"}
    if ref.external_id_env:
        secret = os.environ.get(ref.external_id_env)
        if not secret:
            raise UserError(
                f"the plan takes the external id from ${ref.external_id_env}, which is not set",
                f"Set {ref.external_id_env} and try again.",
                Exit.USAGE,
            )
        extra["ExternalId"] = secret
    credentials = core.get_credentials()
    if credentials is None:
        from botocore.exceptions import NoCredentialsError

        raise NoCredentialsError
    core.set_config_variable("region", ref.region)
    fetcher = AssumeRoleCredentialFetcher(core.create_client, credentials, ref.role_arn, extra_args=extra)
    session = botocore.session.Session(profile=ref.profile)
    session._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    return session
