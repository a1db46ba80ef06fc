"""The inventory of one table: everything that describes it, as data. `ddbtui.aws.inventory` reads it from AWS."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Billing = Literal["PAY_PER_REQUEST", "PROVISIONED"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyPart(_Frozen):
    """One attribute of a key schema."""

    name: str
    role: Literal["HASH", "RANGE"]


class Index(_Frozen):
    """A global or local secondary index. Capacity is None where it does not apply."""

    name: str
    keys: tuple[KeyPart, ...]
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    non_key_attributes: tuple[str, ...] = ()
    read_units: int | None = None
    write_units: int | None = None
    max_read_units: int | None = None
    max_write_units: int | None = None
    warm_read_units: int | None = None
    warm_write_units: int | None = None
    """What AWS serves at once; it grows with use. None where AWS does not say."""
    status: str = "ACTIVE"


class Encryption(_Frozen):
    """Server-side encryption. `key_arn` is None for the AWS-owned key."""

    kind: Literal["aws-owned", "aws-managed", "customer"]
    key_arn: str | None = None


class ScalingPolicy(_Frozen):
    """One Application Auto Scaling policy; `configuration` is what AWS gave, as JSON text."""

    name: str
    policy_type: str
    configuration: str


class ScheduledAction(_Frozen):
    """One scheduled action of Application Auto Scaling; a bound that it leaves as it is is None."""

    name: str
    schedule: str
    """As AWS writes it: `at(…)`, `rate(…)` or `cron(…)`."""
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    minimum: int | None = None
    maximum: int | None = None


class Scaling(_Frozen):
    """One scalable target of a table or a global index. `resource_id` is e.g. `table/orders/index/by-date`."""

    resource_id: str
    dimension: str
    minimum: int
    maximum: int
    policies: tuple[ScalingPolicy, ...] = ()
    actions: tuple[ScheduledAction, ...] = ()
    suspended: tuple[str, ...] = ()
    """Of AWS's `SuspendedState`, what is true."""


class Table(_Frozen):
    """A table with all that describes it (aws-facts 1.1).

    `size_bytes` and `item_count` are refreshed by AWS about every six hours: good for estimates, never for a proof.
    """

    name: str
    arn: str
    table_id: str
    status: str
    created: datetime | None = None
    attributes: dict[str, str]
    """Key attributes and their types: S, N or B."""
    keys: tuple[KeyPart, ...]
    global_indexes: tuple[Index, ...] = ()
    local_indexes: tuple[Index, ...] = ()
    billing: Billing
    read_units: int | None = None
    write_units: int | None = None
    max_read_units: int | None = None
    max_write_units: int | None = None
    warm_read_units: int | None = None
    warm_write_units: int | None = None
    size_bytes: int = 0
    item_count: int = 0
    ttl_attribute: str | None = None
    ttl_status: str = "DISABLED"
    pitr: bool = False
    pitr_days: int | None = None
    pitr_earliest: datetime | None = None
    pitr_latest: datetime | None = None
    stream_view: str | None = None
    stream_arn: str | None = None
    encryption: Encryption
    table_class: str = "STANDARD"
    tags: dict[str, str] = {}
    deletion_protection: bool = False
    scaling: tuple[Scaling, ...] = ()
    resource_policy: str | None = None
    contributor_insights: dict[str, str] = {}
    """What Contributor Insights is on for ("" is the table itself, else an index name), and in which mode."""
    kinesis_streams: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    """Regions of a global table's replicas."""
    unknown: tuple[str, ...] = ()
    """Settings that could not be read for want of permission, e.g. `tags`; their fields hold the default."""
    read_at: datetime
    """When this inventory was read."""

    @property
    def hash_key(self) -> str:
        """Name of the partition key."""
        return next(key.name for key in self.keys if key.role == "HASH")

    @property
    def range_key(self) -> str | None:
        """Name of the sort key, if any."""
        return next((key.name for key in self.keys if key.role == "RANGE"), None)
