from __future__ import annotations

from typing import Any

import pytest

from tests.support.sandbox import SOURCE, TARGET, TestSandbox, document, refused

SIMPLE: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def table(client: Any, name: str, **more: Any) -> dict[str, Any]:
    client.create_table(TableName=name, **{**SIMPLE, **more})
    described: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    return described


@pytest.fixture
def ddb(fresh: TestSandbox) -> Any:
    return fresh.client("source", "dynamodb")


def test_what_moto_drops_is_reported(ddb: Any) -> None:
    limits = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}
    one = table(ddb, "one", TableClass="STANDARD_INFREQUENT_ACCESS", OnDemandThroughput=limits)
    assert one["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert one["OnDemandThroughput"] == limits
    assert len(one["TableId"]) == 36
    assert one["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    plain = table(ddb, "plain")
    for absent in ("TableClassSummary", "SSEDescription", "StreamSpecification", "LatestStreamArn"):
        assert absent not in plain


def test_provisioned_tables_have_no_billing_summary(ddb: Any) -> None:
    units = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}
    one = table(ddb, "one", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    assert "BillingModeSummary" not in one
    assert one["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    ddb.update_table(TableName="one", BillingMode="PAY_PER_REQUEST")
    after = ddb.describe_table(TableName="one")["Table"]
    assert after["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert after["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_size_and_count(ddb: Any) -> None:
    orders = ddb.describe_table(TableName="orders")["Table"]
    assert orders["ItemCount"] == 30
    assert orders["TableSizeBytes"] > 1000


def later(sandbox: TestSandbox, ddb: Any) -> None:
    sandbox.control("clock", seconds=1000)
    assert ddb.describe_table(TableName="slow")["Table"]["TableStatus"] == "ACTIVE"


def test_statuses_take_their_time(fresh: TestSandbox, ddb: Any) -> None:
    fresh.control("speed", speed=1000)
    assert table(ddb, "slow")["TableStatus"] == "CREATING"
    with refused("ResourceNotFoundException"):
        ddb.put_item(TableName="slow", Item={"pk": {"S": "x"}})
    later(fresh, ddb)
    ddb.update_table(TableName="slow", DeletionProtectionEnabled=True)
    assert ddb.describe_table(TableName="slow")["Table"]["TableStatus"] == "UPDATING"
    with refused("ResourceInUseException"):
        ddb.update_table(TableName="slow", DeletionProtectionEnabled=False)
    later(fresh, ddb)
    with refused("ValidationException"):
        ddb.delete_table(TableName="slow")
    ddb.update_table(TableName="slow", DeletionProtectionEnabled=False)
    later(fresh, ddb)
    ddb.delete_table(TableName="slow")
    assert ddb.describe_table(TableName="slow")["Table"]["TableStatus"] == "DELETING"
    with refused("ResourceInUseException"):
        ddb.create_table(TableName="slow", **SIMPLE)

    fresh.control("clock", seconds=1000)
    assert "slow" not in ddb.list_tables()["TableNames"]


def test_encryption_is_reported_by_arn(fresh: TestSandbox, ddb: Any) -> None:
    key = fresh.client("source", "kms").create_key()["KeyMetadata"]
    one = table(ddb, "one", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["KeyId"]})
    assert one["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key["Arn"]}
    ddb.update_table(TableName="one", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    arn = ddb.describe_table(TableName="one")["Table"]["SSEDescription"]["KMSMasterKeyArn"]
    assert fresh.client("source", "kms").describe_key(KeyId=arn)["KeyMetadata"]["KeyManager"] == "AWS"
    ddb.update_table(TableName="one", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in ddb.describe_table(TableName="one")["Table"]
    with refused("ValidationException"):
        table(ddb, "two", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "no-such-key"})


def test_a_stream_can_be_switched_off_and_on(ddb: Any) -> None:
    wanted = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    first = table(ddb, "one", StreamSpecification=wanted)["LatestStreamArn"]
    with refused("ValidationException"):
        ddb.update_table(TableName="one", StreamSpecification=wanted)
    ddb.update_table(TableName="one", StreamSpecification={"StreamEnabled": False})
    off = ddb.describe_table(TableName="one")["Table"]
    assert "StreamSpecification" not in off
    assert off["LatestStreamArn"] == first
    with refused("ValidationException"):
        ddb.update_table(TableName="one", StreamSpecification={"StreamEnabled": False})
    ddb.update_table(TableName="one", StreamSpecification=wanted)
    on = ddb.describe_table(TableName="one")["Table"]
    assert on["StreamSpecification"] == wanted
    assert on["LatestStreamArn"] != first


def test_point_in_time_recovery_has_a_window(ddb: Any) -> None:
    def window() -> dict[str, Any]:
        got: dict[str, Any] = ddb.describe_continuous_backups(TableName="orders")["ContinuousBackupsDescription"][
            "PointInTimeRecoveryDescription"
        ]
        return got

    assert window() == {"PointInTimeRecoveryStatus": "DISABLED"}
    wanted = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    ddb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=wanted)
    got = window()
    assert (got["PointInTimeRecoveryStatus"], got["RecoveryPeriodInDays"]) == ("ENABLED", 7)
    assert got["EarliestRestorableDateTime"] <= got["LatestRestorableDateTime"]
    ddb.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert window() == {"PointInTimeRecoveryStatus": "DISABLED"}
    with refused("TableNotFoundException"):
        ddb.describe_continuous_backups(TableName="there-is-none")


def test_resource_policies_have_revisions(ddb: Any) -> None:
    arn = ddb.describe_table(TableName="orders")["Table"]["TableArn"]
    with refused("PolicyNotFoundException"):
        ddb.get_resource_policy(ResourceArn=arn)
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"},
        "Action": "dynamodb:Scan",
        "Resource": arn,
    }
    with refused("PolicyNotFoundException"):
        ddb.put_resource_policy(ResourceArn=arn, Policy=document(allow), ExpectedRevisionId="123")
    first = ddb.put_resource_policy(ResourceArn=arn, Policy=document(allow), ExpectedRevisionId="NO_POLICY")[
        "RevisionId"
    ]
    assert ddb.get_resource_policy(ResourceArn=arn) | {"ResponseMetadata": None} == {
        "Policy": document(allow),
        "RevisionId": first,
        "ResponseMetadata": None,
    }
    with refused("PolicyNotFoundException"):
        ddb.put_resource_policy(ResourceArn=arn, Policy=document(allow), ExpectedRevisionId="NO_POLICY")
    ddb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=first)
    with refused("PolicyNotFoundException"):
        ddb.get_resource_policy(ResourceArn=arn)


def test_a_resource_policy_opens_a_table_to_another_account(fresh: TestSandbox, ddb: Any) -> None:
    arn = ddb.describe_table(TableName="orders")["Table"]["TableArn"]
    reader = fresh.client("target", "dynamodb")
    with refused("AccessDeniedException"):
        reader.scan(TableName=arn)
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{TARGET}:user/target-admin"},
        "Action": ["dynamodb:Scan", "dynamodb:DescribeTable", "dynamodb:GetItem"],
        "Resource": arn,
    }
    ddb.put_resource_policy(ResourceArn=arn, Policy=document(allow))
    assert reader.scan(TableName=arn)["Count"] == 30
    assert reader.describe_table(TableName=arn)["Table"]["TableArn"] == arn
    key = {"customer": {"S": "customer-0"}, "order": {"N": "1000"}}
    assert reader.get_item(TableName=arn, Key=key)["Item"]["status"] == {"S": "new"}
    with refused("AccessDeniedException"):
        reader.put_item(TableName=arn, Item=key)


def test_a_policy_can_come_with_the_table(ddb: Any) -> None:
    arn = f"arn:aws:dynamodb:eu-west-1:{SOURCE}:table/one"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "dynamodb:DeleteTable", "Resource": arn}
    table(ddb, "one", ResourcePolicy=document(deny), Tags=[{"Key": "a", "Value": "b"}])
    assert ddb.get_resource_policy(ResourceArn=arn)["Policy"] == document(deny)
    assert ddb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    with refused("AccessDeniedException"):
        ddb.delete_table(TableName="one")


def test_contributor_insights(ddb: Any) -> None:
    ddb.update_contributor_insights(TableName="orders", IndexName="by-status", ContributorInsightsAction="ENABLE")
    rows = ddb.list_contributor_insights(TableName="orders")["ContributorInsightsSummaries"]
    assert {row.get("IndexName", ""): row["ContributorInsightsStatus"] for row in rows} == {
        "": "DISABLED",
        "by-status": "ENABLED",
    }
    one = ddb.describe_contributor_insights(TableName="orders", IndexName="by-status")
    assert one["ContributorInsightsStatus"] == "ENABLED"


def test_kinesis_and_limits(ddb: Any) -> None:
    assert ddb.describe_kinesis_streaming_destination(TableName="orders")["KinesisDataStreamDestinations"] == []
    assert ddb.describe_limits()["TableMaxWriteCapacityUnits"] == 40_000


def test_time_to_live(ddb: Any) -> None:
    assert ddb.describe_time_to_live(TableName="sessions")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires",
    }
    wanted = {"Enabled": True, "AttributeName": "expires"}
    with refused("ValidationException"):
        ddb.update_time_to_live(TableName="sessions", TimeToLiveSpecification=wanted)
    ddb.update_time_to_live(TableName="orders", TimeToLiveSpecification=wanted)
    assert ddb.describe_time_to_live(TableName="orders")["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"


def test_indexes_are_described_fully(ddb: Any) -> None:
    index = ddb.describe_table(TableName="orders")["Table"]["GlobalSecondaryIndexes"][0]
    assert index["IndexStatus"] == "ACTIVE"
    assert index["IndexArn"].endswith(":table/orders/index/by-status")
    local = ddb.describe_table(TableName="threads")["Table"]["LocalSecondaryIndexes"][0]
    assert local["IndexArn"].endswith(":table/threads/index/by-date")


def test_autoscaling_is_kept(fresh: TestSandbox) -> None:
    scaling = fresh.client("source", "application-autoscaling")
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=9)
    configuration = {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    }
    scaling.put_scaling_policy(
        **target, PolicyName="p", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration,
    )  # fmt: skip
    found = scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=["table/orders"])
    assert [(one["MinCapacity"], one["MaxCapacity"]) for one in found["ScalableTargets"]] == [(1, 9)]
    policies = scaling.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId="table/orders")
    assert policies["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"] == configuration


def test_an_operation_that_is_not_simulated_says_so(ddb: Any) -> None:
    with refused("UnknownOperationException"):
        ddb.list_global_tables()
