"""Made-up inventories and a move without any account behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ddbtui.aws.account import Account, Identity
from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Encryption, Index, KeyPart, Scaling, ScalingPolicy, ScheduledAction, Table
from ddbtui.methods.catalog import option_models
from ddbtui.plan.model import Plan

A, B, REGION = "111111111111", "222222222222", "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{B}:key/11111111-2222-3333-4444-555555555555"


def table(name: str = "orders", **changed: Any) -> Table:
    """A table with a composite key; `changed` are fields of the inventory."""
    fields: dict[str, Any] = {
        "name": name,
        "arn": f"arn:aws:dynamodb:{REGION}:{A}:table/{name}",
        "table_id": "id-of-the-source",
        "status": "ACTIVE",
        "attributes": {"pk": "S", "sk": "N"},
        "keys": (KeyPart(name="pk", role="HASH"), KeyPart(name="sk", role="RANGE")),
        "billing": "PAY_PER_REQUEST",
        "encryption": Encryption(kind="aws-owned"),
        "read_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Table(**(fields | changed))


def index(name: str = "by-sk", **changed: Any) -> Index:
    """An index by the sort key."""
    fields: dict[str, Any] = {"name": name, "keys": (KeyPart(name="sk", role="HASH"),), "projection": "ALL"}
    return Index(**(fields | changed))


def provisioned(**changed: Any) -> Table:
    """A provisioned table that scales."""
    policy = ScalingPolicy(
        name="track",
        policy_type="TargetTrackingScaling",
        configuration='{"TargetValue": 70.0, "PredefinedMetricSpecification": '
        '{"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"}}',
    )
    scaling = Scaling(
        resource_id="table/orders",
        dimension="dynamodb:table:WriteCapacityUnits",
        minimum=5,
        maximum=50,
        policies=(policy,),
        actions=(
            ScheduledAction(name="mornings", schedule="cron(0 6 * * ? *)", timezone="Europe/Dublin", minimum=20),
            ScheduledAction(name="sale", schedule="rate(1 day)", end=datetime(2100, 1, 1, tzinfo=UTC), maximum=90),
        ),
        suspended=("DynamicScalingInSuspended",),
    )
    fields: dict[str, Any] = {"billing": "PROVISIONED", "read_units": 5, "write_units": 6, "scaling": (scaling,)}
    return table(**(fields | changed))


def everything() -> Table:
    """A table that has every setting that is carried over."""
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow",'
        f'"Principal":{{"AWS":"arn:aws:iam::{A}:root"}},"Action":"dynamodb:GetItem",'
        f'"Resource":"arn:aws:dynamodb:{REGION}:{A}:table/orders"}}]}}'
    )
    return provisioned(
        global_indexes=(index(read_units=3, write_units=4),),
        pitr=True,
        pitr_days=7,
        table_class="STANDARD_INFREQUENT_ACCESS",
        deletion_protection=True,
        stream_view="NEW_AND_OLD_IMAGES",
        tags={"team": "shop", "cost": "42"},
        contributor_insights={"": "ACCESSED_AND_THROTTLED_KEYS", "by-sk": "THROTTLED_KEYS"},
        resource_policy=policy,
        ttl_attribute="expires",
        ttl_status="ENABLED",
    )


def plan(**changed: Any) -> Plan:
    """A plan of s3-import."""
    data: dict[str, Any] = {
        "source": {"region": REGION, "account_id": A},
        "target": {"region": REGION, "account_id": B},
        "tables": [{"name": "orders"}],
        "method": {"type": "s3-import", "bucket": "staging-bucket"},
    }
    return Plan.model_validate(data | changed, context={"methods": option_models()})


def move(*tables: Table, target_name: str | None = None, **changed: Any) -> Move:
    """A move whose accounts are never asked."""
    made = plan(**changed)
    source, target = Account("source", made.source), Account("target", made.target)
    for account in (source, target):
        arn = f"arn:aws:iam::{account.account_id}:user/someone"
        account._identity = Identity(account.account_id, arn, "aws")
    return Move(made, source, target, tuple(MovingTable(one, target_name or one.name) for one in tables))
