"""What creates the target table is valid for AWS and says what the source says."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from ddbtui.aws.table import KeyPart, Table
from ddbtui.methods.steps.target_table import creation_parameters, index_parameters, key_access, table_parameters
from tests.methods.tables import KEY, everything, index, move, provisioned, table


def parameters(given: Table, **changed: Any) -> dict[str, Any]:
    made = move(given, target_name="copy", **changed)
    found = creation_parameters(made, made.tables[0])
    check(found, "TableCreationParameters")
    return found


def check(found: dict[str, Any], shape: str) -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    report = ParamValidator().validate(found, client.meta.service_model.shape_for(shape))
    assert not report.has_errors(), report.generate_report()


def test_an_on_demand_table() -> None:
    found = parameters(table(attributes={"pk": "S", "sk": "N", "unused": "S"}, max_read_units=100))
    assert found == {
        "TableName": "copy",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "BillingMode": "PAY_PER_REQUEST",
        "OnDemandThroughput": {"MaxReadRequestUnits": 100},
    }


def test_a_provisioned_table_with_an_index() -> None:
    found = parameters(everything())
    assert found["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    (gsi,) = found["GlobalSecondaryIndexes"]
    assert gsi["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}


def test_on_demand_by_wish_drops_all_capacity() -> None:
    found = parameters(everything(), target_table={"billing": "on-demand"})
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert "Throughput" not in str(found)


def test_only_an_index_that_includes_names_attributes() -> None:
    included = index("by-a", projection="INCLUDE", non_key_attributes=("x", "y"))
    found = parameters(table(global_indexes=(included, index("by-b", projection="KEYS_ONLY"))))
    projections = [gsi["Projection"] for gsi in found["GlobalSecondaryIndexes"]]
    assert projections == [
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]},
        {"ProjectionType": "KEYS_ONLY"},
    ]


def test_an_index_with_several_keys() -> None:
    keys = tuple(KeyPart(name=name, role="HASH") for name in ("pk", "z"))
    found = parameters(table(attributes={"pk": "S", "sk": "N", "z": "B"}, global_indexes=(index(keys=keys),)))
    assert [one["AttributeName"] for one in found["AttributeDefinitions"]] == ["pk", "sk", "z"]


@pytest.mark.parametrize(
    ("wish", "sse"),
    [
        ("aws-owned", None),
        ("aws-managed", {"Enabled": True, "SSEType": "KMS"}),
        (KEY, {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}),
    ],
)
def test_encryption_is_the_plan_s(wish: str, sse: Any) -> None:
    assert parameters(provisioned(), target_table={"encryption": wish}).get("SSESpecification") == sse
    made = move(table(), target_table={"encryption": wish})
    assert {access.resource for access in key_access(made)} == ({KEY} if wish == KEY else set())


def created(given: Table) -> dict[str, Any]:
    made = move(given, target_name="copy")
    found = table_parameters(made, made.tables[0], with_indexes=True, warm_units=9000)
    check(found, "CreateTableInput")
    return found


def test_a_created_table_has_more_than_an_imported_one() -> None:
    local = index("local", keys=(KeyPart(name="pk", role="HASH"), KeyPart(name="z", role="RANGE")))
    given = everything().model_copy(
        update={"local_indexes": (local,), "attributes": {"pk": "S", "sk": "N", "z": "B", "unused": "S"}}
    )
    found = created(given)
    assert found["LocalSecondaryIndexes"] == [
        {
            "IndexName": "local",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "z", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]
    assert [one["AttributeName"] for one in found["AttributeDefinitions"]] == ["pk", "sk", "z"]
    assert found["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert found["Tags"] == [{"Key": "cost", "Value": "42"}, {"Key": "team", "Value": "shop"}]
    assert found["WarmThroughput"] == found["GlobalSecondaryIndexes"][0]["WarmThroughput"]
    for later in ("StreamSpecification", "DeletionProtectionEnabled", "ResourcePolicy"):
        assert later not in found
    imported = move(given)
    assert (
        not {"LocalSecondaryIndexes", "Tags", "TableClass", "WarmThroughput"}
        & creation_parameters(imported, imported.tables[0]).keys()
    )


def test_what_a_table_serves_anyway_is_not_warmed() -> None:
    fast = provisioned(write_units=9000, global_indexes=(index(read_units=1, write_units=10),))
    found = created(fast)
    assert "WarmThroughput" not in found
    assert found["GlobalSecondaryIndexes"][0]["WarmThroughput"] == {"WriteUnitsPerSecond": 9000}


@pytest.mark.parametrize("on_demand", [True, False], ids=["on-demand", "provisioned"])
def test_an_index_that_is_added(on_demand: bool) -> None:
    given = everything()
    found = index_parameters(given, given.global_indexes[0], on_demand)
    check({"TableName": "copy", **found}, "UpdateTableInput")
    (update,) = found["GlobalSecondaryIndexUpdates"]
    assert ("ProvisionedThroughput" in update["Create"]) == (not on_demand)
    assert found["AttributeDefinitions"] == [{"AttributeName": "sk", "AttributeType": "N"}]
