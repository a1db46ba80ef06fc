"""One IAM action on one resource."""

from __future__ import annotations

from typing import NamedTuple


class Use(NamedTuple):
    """What a caller needs, e.g. `s3:PutObject` on `arn:aws:s3:::bucket/key`."""

    action: str
    resource: str
