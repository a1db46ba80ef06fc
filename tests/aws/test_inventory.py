from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ddbtui.aws.definition import described_shape, shape_of
from ddbtui.aws.inventory import inventory_access, read_table, table_names
from ddbtui.aws.table import Encryption, KeyPart, ScheduledAction
from ddbtui.errors import UserError
from tests.aws.live import SOURCE, Live, declared

ARN = f"arn:aws:dynamodb:eu-west-1:{SOURCE}:table/rich"


def rich(live: Live, **more: Any) -> Any:
    """A provisioned table with nearly everything a table can have."""
    dynamodb = live.admin("source", "dynamodb")
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    dynamodb.create_table(
        TableName="rich",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in ATTRIBUTES.items()],
        KeySchema=schema("pk", "sk"),
        ProvisionedThroughput=units,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": schema("g"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
                "ProvisionedThroughput": units,
            }
        ],
        LocalSecondaryIndexes=[
            {"IndexName": "by-l", "KeySchema": schema("pk", "l"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": f"k{number:02}", "Value": "v"} for number in range(20)],
        **more,
    )
    dynamodb.update_time_to_live(TableName="rich", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    dynamodb.update_continuous_backups(
        TableName="rich",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
    )
    dynamodb.put_resource_policy(ResourceArn=ARN, Policy=POLICY)
    dynamodb.update_contributor_insights(TableName="rich", ContributorInsightsAction="ENABLE")
    dynamodb.update_contributor_insights(
        TableName="rich",
        IndexName="by-g",
        ContributorInsightsAction="ENABLE",
        ContributorInsightsMode="THROTTLED_KEYS",
    )
    scale(live)
    return dynamodb


ATTRIBUTES = {"pk": "S", "sk": "N", "g": "B", "l": "S"}
_STATEMENT = {"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "dynamodb:GetItem", "Resource": ARN}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [_STATEMENT]})
TARGET_TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"},
}


def schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=False)]


def scale(live: Live) -> None:
    client = live.admin("source", "application-autoscaling")
    for resource, dimension in (
        ("table/rich", "dynamodb:table:WriteCapacityUnits"),
        ("table/rich/index/by-g", "dynamodb:index:WriteCapacityUnits"),
    ):
        where = {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}
        client.register_scalable_target(**where, MinCapacity=5, MaxCapacity=100)
        client.put_scaling_policy(
            **where,
            PolicyName="writes",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TARGET_TRACKING,
        )
    client.put_scheduled_action(
        **where,
        ScheduledActionName="mornings",
        Schedule="cron(0 6 * * ? *)",
        Timezone="Europe/Dublin",
        EndTime=datetime(2100, 1, 1, tzinfo=UTC),
        ScalableTargetAction={"MinCapacity": 50},
    )
    client.register_scalable_target(**where, SuspendedState={"DynamicScalingInSuspended": True})


def test_everything_of_a_rich_table(live: Live) -> None:
    rich(live)
    found = read_table(live.account("source"), "rich")
    assert (found.name, found.arn, found.status, found.unknown) == ("rich", ARN, "ACTIVE", ())
    assert found.attributes == ATTRIBUTES
    assert (found.hash_key, found.range_key) == ("pk", "sk")
    assert (found.billing, found.read_units, found.write_units) == ("PROVISIONED", 5, 6)
    (by_g,) = found.global_indexes
    assert (by_g.name, by_g.projection, by_g.non_key_attributes) == ("by-g", "INCLUDE", ("a", "b"))
    assert (by_g.read_units, by_g.write_units, by_g.status) == (5, 6, "ACTIVE")
    (by_l,) = found.local_indexes
    assert by_l.keys == (KeyPart(name="pk", role="HASH"), KeyPart(name="l", role="RANGE"))
    assert (by_l.projection, by_l.read_units) == ("KEYS_ONLY", None)
    assert (found.ttl_attribute, found.ttl_status) == ("ttl", "ENABLED")
    assert (found.pitr, found.pitr_days) == (True, 7)
    assert found.pitr_earliest is not None
    assert found.pitr_latest is not None
    assert found.stream_view == "NEW_IMAGE"
    assert found.stream_arn is not None
    assert found.stream_arn.startswith(f"{ARN}/stream/")
    assert found.encryption == Encryption(kind="aws-owned")
    assert found.table_class == "STANDARD_INFREQUENT_ACCESS"
    assert found.tags == {f"k{number:02}": "v" for number in range(20)}
    assert found.deletion_protection
    assert found.resource_policy == POLICY
    assert found.contributor_insights == {"": "ACCESSED_AND_THROTTLED_KEYS", "by-g": "THROTTLED_KEYS"}
    assert [(s.resource_id, s.minimum, s.maximum) for s in found.scaling] == [
        ("table/rich", 5, 100),
        ("table/rich/index/by-g", 5, 100),
    ]
    mornings = ScheduledAction(
        name="mornings",
        schedule="cron(0 6 * * ? *)",
        timezone="Europe/Dublin",
        end=datetime(2100, 1, 1, tzinfo=UTC),
        minimum=50,
    )
    assert [(s.actions, s.suspended) for s in found.scaling] == [
        ((), ()),
        ((mornings,), ("DynamicScalingInSuspended",)),
    ]
    (policy,) = found.scaling[0].policies
    assert (policy.name, policy.policy_type) == ("writes", "TargetTrackingScaling")
    assert json.loads(policy.configuration) == TARGET_TRACKING


@pytest.mark.parametrize(("managed", "kind"), [(False, "customer"), (True, "aws-managed")])
def test_keys_of_aws_and_of_the_customer_are_told_apart(live: Live, managed: bool, kind: str) -> None:
    kms = live.admin("source", "kms")
    made = kms.describe_key(KeyId="alias/aws/dynamodb") if managed else kms.create_key()
    key = made["KeyMetadata"]["Arn"]
    rich(live, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    assert read_table(live.account("source"), "rich").encryption == Encryption(kind=kind, key_arn=key)  # type: ignore[arg-type]


def test_a_plain_table(live: Live) -> None:
    found = read_table(live.account("source"), "sessions")
    assert (found.billing, found.read_units, found.global_indexes, found.scaling) == ("PAY_PER_REQUEST", None, (), ())
    assert found.tags == {"team": "web", "cost-centre": "4711"}
    assert (found.pitr, found.pitr_days, found.resource_policy, found.stream_view) == (False, None, None, None)
    assert found.item_count == 12


SETTINGS = {
    "DescribeContinuousBackups": "pitr",
    "DescribeTimeToLive": "ttl",
    "ListTagsOfResource": "tags",
    "GetResourcePolicy": "resource-policy",
    "DescribeKinesisStreamingDestination": "kinesis",
    "ListContributorInsights": "contributor-insights",
    "DescribeScalableTargets": "scaling",
    "DescribeScalingPolicies": "scaling",
    "DescribeScheduledActions": "scaling",
    "DescribeKey": "encryption",
}


@pytest.mark.parametrize("operation", SETTINGS)
def test_what_may_not_be_read_is_named(live: Live, operation: str) -> None:
    key = live.admin("source", "kms").create_key()["KeyMetadata"]["Arn"]
    rich(live, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    live.fault("denied", operation=operation)
    found = read_table(live.account("source"), "rich")
    assert found.unknown == (SETTINGS[operation],)
    assert found.hash_key == "pk"


@pytest.mark.parametrize("operation", SETTINGS)
def test_what_fails_otherwise_is_not_hidden(live: Live, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    key = live.admin("source", "kms").create_key()["KeyMetadata"]["Arn"]
    rich(live, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    live.fault("error500", operation=operation)
    with pytest.raises(UserError, match="source: read table rich in eu-west-1"):
        read_table(live.account("source"), "rich")


def test_a_table_that_is_not_there(live: Live) -> None:
    with pytest.raises(UserError, match="read table missing in eu-west-1: there is no such table"):
        read_table(live.account("source"), "missing")


def test_a_table_that_may_not_be_described(live: Live) -> None:
    with pytest.raises(UserError, match=r"dynamodb:DescribeTable on arn:aws:dynamodb:eu-west-1:.*table/orders is not"):
        read_table(live.limited("source"), "orders")


def test_names_come_in_pages(live: Live) -> None:
    assert list(table_names(live.account("source"))) == [["orders", "sessions", "threads"]]
    assert list(table_names(live.account("target"))) == [[]]
    with pytest.raises(UserError, match="source: list the tables in eu-west-1: dynamodb:ListTables is not allowed"):
        list(table_names(live.limited("source")))


def test_the_declared_access_is_exact(live: Live) -> None:
    key = live.admin("source", "kms").create_key()["KeyMetadata"]["Arn"]
    rich(live, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    account = live.account("source")
    live.forget()
    names = [name for page in table_names(account) for name in page]
    tables = [read_table(account, name) for name in names]
    assert live.used() == declared(inventory_access(account, "source", tables))
    by_name = declared(inventory_access(account, "source", names, lists=False))
    assert {(action, resource) for _, action, resource in live.used() - by_name} == {
        ("dynamodb:ListTables", "*"),
        ("kms:DescribeKey", key),
    }
    assert ("source", "kms:DescribeKey", "arn:aws:kms:eu-west-1:*:key/*") in by_name


def test_a_plain_table_needs_neither_keys_nor_scaling(live: Live) -> None:
    account = live.account("source")
    table = read_table(account, "orders")
    live.forget()
    read_table(account, "orders")
    assert live.used() == declared(inventory_access(account, "source", [table], lists=False))
    assert not {action for _, action, _ in live.used() if not action.startswith("dynamodb:")}


def test_warm_throughput_is_known(live: Live) -> None:
    rich(live, WarmThroughput={"ReadUnitsPerSecond": 50, "WriteUnitsPerSecond": 700})
    table = read_table(live.account("source"), "rich")
    (index,) = table.global_indexes
    assert (table.warm_read_units, table.warm_write_units) == (50, 700)
    assert (index.warm_read_units, index.warm_write_units) == (5, 6)
    assert [one.warm_write_units for one in table.local_indexes] == [None]


def test_an_inventory_and_a_description_have_one_shape(live: Live) -> None:
    client = rich(live)
    table = read_table(live.account("source"), "rich")
    shape = described_shape(client.describe_table(TableName="rich")["Table"])
    assert shape == shape_of(table)
    assert shape.keys == (("HASH", "pk", "S"), ("RANGE", "sk", "N"))
    assert shape.local_indexes["by-l"]["keys"] == (("HASH", "pk", "S"), ("RANGE", "l", "S"))
    other = table.model_copy(update={"attributes": {**table.attributes, "g": "S"}})
    assert shape_of(other) != shape
    assert shape_of(other).keys == shape.keys
