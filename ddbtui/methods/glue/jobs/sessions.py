"""Clients for AWS: of the job's own role, or of a role that it assumes and assumes again in time.

A role that is assumed by another role gives at most one hour, and a copy may take longer.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from ddbtui.methods.glue.jobs.failures import Patience

_HOUR = 3600


def client(service: str, region: str) -> Any:
    """Return a client of the job's own role.

    DynamoDB's does not retry, since its callers count what they wait for. Nor does it check what it is given: that is
    half of the work of sending items, and DynamoDB checks them anyway.
    """
    return _client(_session(region), service)


def client_of_role(service: str, region: str, role_arn: str, session_name: str, job_region: str) -> Any:
    """Return a client of an assumed role, for as long as it takes.

    Args:
        service: e.g. `dynamodb`.
        region: where the client works.
        role_arn: the role.
        session_name: what CloudTrail shows.
        job_region: where STS is asked for the role: the region that the job can reach, and its account has enabled.
    """
    import boto3
    from botocore.session import get_session

    core = get_session()
    core.register_component("credential_provider", _AssumedRole(client("sts", job_region), role_arn, session_name))
    return _client(boto3.Session(botocore_session=core, region_name=region), service)


@lru_cache
def _session(region: str) -> Any:
    """One for all services: each session reads the list of all endpoints again.

    STS is asked in the region, not at its global endpoint, which is the default of Glue's boto3 and which the endpoint
    of a VPC does not lead to. https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html

    The service that has the role's credentials is asked once, for a second, by default. A client that was made without
    any never gets some, so they are waited for here.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html

    Raises:
        JobFailed: there are none after minutes.
    """
    import boto3
    from botocore.session import get_session

    core = get_session()
    core.set_config_variable("sts_regional_endpoints", "regional")
    patience = Patience()
    while core.get_credentials() is None:
        patience.wait("the job's role gives no credentials")
    return boto3.Session(botocore_session=core, region_name=region)


def _client(session: Any, service: str) -> Any:
    from botocore.config import Config

    items = service == "dynamodb"
    retries = {"mode": "standard", "total_max_attempts": 1 if items else 8}
    return session.client(service, config=Config(retries=retries, parameter_validation=not items))


def _kept(make: Callable[..., Any]) -> Callable[..., Any]:
    """The same client again for the next part that this process works on: making one takes a tenth of a second."""
    held, making = lru_cache(make), Lock()

    def keep(*told: str) -> Any:
        with making:  # or each of the first parts would make its own
            return held(*told)

    return keep


kept_client = _kept(client)
kept_client_of_role = _kept(client_of_role)


class _AssumedRole:
    """Where botocore gets credentials from."""

    def __init__(self, sts: Any, role_arn: str, session_name: str) -> None:
        self._credentials = refreshing(sts, role_arn, session_name)

    def load_credentials(self) -> Any:
        return self._credentials


def refreshing(sts: Any, role_arn: str, session_name: str, now: Callable[[], datetime] | None = None) -> Any:
    """Return botocore's credentials of a role, assumed at the first use and again before they expire.

    Args:
        sts: a client that may assume the role.
        role_arn: the role.
        session_name: what CloudTrail shows.
        now: the time with its zone, if not the real one.
    """
    from botocore.credentials import DeferredRefreshableCredentials

    def fetch() -> dict[str, str]:
        """Assume the role, in the words of botocore's metadata."""
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name[:64], DurationSeconds=_HOUR)
        held = answer["Credentials"]
        return {
            "access_key": held["AccessKeyId"],
            "secret_key": held["SecretAccessKey"],
            "token": held["SessionToken"],
            "expiry_time": held["Expiration"].isoformat(),
        }

    time = {"time_fetcher": now} if now else {}
    return DeferredRefreshableCredentials(fetch, "sts-assume-role", **time)
