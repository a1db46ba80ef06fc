"""Moto's backends that the sandbox touches, and how they are wiped. Only the services in use are imported."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.model_instances import model_data, reset_model_data
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

_ALL: Iterable[Any] = (
    applicationautoscaling_backends,
    dynamodb_backends,
    dynamodbstreams_backends,
    iam_backends,
    kms_backends,
    logs_backends,
    s3_backends,
    sts_backends,
)


_SELDOM = "moto.ec2.models"  # takes half a second to import, so only when it is called


def wipe() -> None:
    """Forget everything that moto holds. Accounts keep their backend objects, with nothing in them."""
    seldom = [sys.modules[_SELDOM].ec2_backends] if _SELDOM in sys.modules else []
    for backend in (*_ALL, *seldom):
        for account in list(backend.values()):
            account.reset()
    s3_backends.bucket_accounts.clear()
    _forget_models()


def _forget_models() -> None:
    """Let go of all objects that moto has made: it keeps each for a dashboard, every item that a scan returns, too."""
    reset_model_data()
    for model in model_data["dynamodb"].values():
        model.instances_tracked = deque(maxlen=0)  # type: ignore[attr-defined]
