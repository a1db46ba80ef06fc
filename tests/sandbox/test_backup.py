"""A table from account to account by AWS Backup."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.backing_up import (
    HERE,
    THERE,
    backup,
    copy,
    end_backup,
    ready,
    restore,
    role_arn,
    start_backup,
    vault_arn,
)
from tests.sandbox.moving import arn_of
from tests.support.sandbox import SOURCE, TARGET, TestSandbox, items, refused, same_items, wait_for

EVERYTHING: dict[str, Any] = {
    "s": {"S": "straße ☃"},
    "empty": {"S": ""},
    "n": {"N": "12345678901234567890123456789012345678"},
    "small": {"N": "-1.5E-100"},
    "b": {"B": b"\x00\xff"},
    "no": {"BOOL": False},
    "null": {"NULL": True},
    "ss": {"SS": ["b", "a"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"\x01", b"\x02"]},
    "l": {"L": [{"S": "x"}, {"L": []}, {"M": {}}]},
    "m": {"M": {"deep": {"M": {"er": {"N": "0"}}}}},
}


def make_everything(sandbox: TestSandbox) -> None:
    dynamodb = sandbox.client("source", "dynamodb")
    units = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3}
    dynamodb.create_table(
        TableName="everything",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "b", "AttributeType": "B"},
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["s"]},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": units,
            }
        ],
        ProvisionedThroughput=units,
        Tags=[{"Key": "team", "Value": "shop"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
    )
    dynamodb.update_time_to_live(
        TableName="everything", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    for number in range(5):
        dynamodb.put_item(TableName="everything", Item={"pk": {"S": "a"}, "sk": {"N": str(number)}, **EVERYTHING})


def test_a_table_goes_from_account_to_account(fresh: TestSandbox) -> None:
    ready(fresh)
    make_everything(fresh)
    point = backup(fresh, "everything")
    assert point.startswith(f"arn:aws:backup:eu-west-1:{SOURCE}:recovery-point:")
    copied = copy(fresh, point)
    assert copied["State"] == "COMPLETED", copied
    assert copied["DestinationRecoveryPointArn"].startswith(f"arn:aws:backup:eu-west-1:{TARGET}:recovery-point:")
    restored = restore(fresh, copied["DestinationRecoveryPointArn"])
    assert restored["Status"] == "COMPLETED", restored
    assert restored["CreatedResourceArn"] == arn_of("restored", TARGET)
    source, target = fresh.client("source", "dynamodb"), fresh.client("target", "dynamodb")
    before, after = items(source, "everything"), items(target, "restored")
    assert len(after) == 5
    assert same_items(before, after)
    one = source.describe_table(TableName="everything")["Table"]
    other = target.describe_table(TableName="restored")["Table"]
    assert other["TableStatus"] == "ACTIVE"
    for member in ("KeySchema", "AttributeDefinitions", "ProvisionedThroughput"):
        assert one[member] == other[member]
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        kept = ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput")
        assert [{n: i.get(n) for n in kept} for i in one[member]] == [
            {n: i.get(n) for n in kept} for i in other[member]
        ]
    assert len(source.query(TableName="everything", IndexName="local", **_by_pk())["Items"]) == 5
    assert len(target.query(TableName="restored", IndexName="local", **_by_pk())["Items"]) == 5


def _by_pk() -> dict[str, Any]:
    return {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}


def test_settings_stay_behind_and_tags_come_on_demand(fresh: TestSandbox) -> None:
    ready(fresh)
    make_everything(fresh)
    point = copy(fresh, backup(fresh, "everything"))["DestinationRecoveryPointArn"]
    restore(fresh, point)
    restore(fresh, point, "tagged", CopySourceTagsToRestoredResource=True)
    target = fresh.client("target", "dynamodb")
    table = target.describe_table(TableName="restored")["Table"]
    assert not {"StreamSpecification", "SSEDescription", "TableClassSummary"} & set(table)
    live = target.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]
    assert live["TimeToLiveStatus"] == "DISABLED"
    assert target.list_tags_of_resource(ResourceArn=arn_of("restored", TARGET))["Tags"] == []
    tags = target.list_tags_of_resource(ResourceArn=arn_of("tagged", TARGET))["Tags"]
    assert tags == [{"Key": "team", "Value": "shop"}]


def test_the_content_is_that_of_the_request(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("speed", speed=0.3)
    started = start_backup(fresh, "sessions")
    dynamodb = fresh.client("source", "dynamodb")
    dynamodb.put_item(TableName="sessions", Item={"id": {"S": "late"}})
    end_backup(fresh, started["BackupJobId"])
    fresh.control("speed", speed=0)
    point = copy(fresh, started["RecoveryPointArn"])["DestinationRecoveryPointArn"]
    restore(fresh, point)
    assert len(items(fresh.client("target", "dynamodb"), "restored")) == 12


def test_jobs_take_their_time_and_a_restored_table_is_there_first(fresh: TestSandbox) -> None:
    ready(fresh)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    fresh.control("speed", speed=0.5)
    assert _states(fresh) == ["CREATED", "RUNNING", "COMPLETED"]
    client, dynamodb = fresh.client("target", "backup"), fresh.client("target", "dynamodb")
    job = client.start_restore_job(
        RecoveryPointArn=point, IamRoleArn=role_arn(TARGET), Metadata={"TARGETTABLENAME": "restored"}
    )["RestoreJobId"]
    assert client.describe_restore_job(RestoreJobId=job)["Status"] == "PENDING"
    assert dynamodb.describe_table(TableName="restored")["Table"]["TableStatus"] == "CREATING"
    wait_for(lambda: client.describe_restore_job(RestoreJobId=job)["Status"] == "COMPLETED")
    assert dynamodb.describe_table(TableName="restored")["Table"]["TableStatus"] == "ACTIVE"


def _states(sandbox: TestSandbox) -> list[str]:
    job = start_backup(sandbox)["BackupJobId"]
    seen: list[str] = []

    def look() -> bool:
        state = sandbox.client("source", "backup").describe_backup_job(BackupJobId=job)["State"]
        seen.extend([state] if state not in seen else [])
        return bool(state == "COMPLETED")

    wait_for(look)
    return seen


def test_a_token_starts_one_job(fresh: TestSandbox) -> None:
    ready(fresh)
    source, target = fresh.client("source", "backup"), fresh.client("target", "backup")
    one = start_backup(fresh, IdempotencyToken="b")
    other = start_backup(fresh, IdempotencyToken="b")
    assert (one["BackupJobId"], one["RecoveryPointArn"]) == (other["BackupJobId"], other["RecoveryPointArn"])
    for _ in range(2):
        copied = copy(fresh, one["RecoveryPointArn"], IdempotencyToken="c")
        restore(fresh, copied["DestinationRecoveryPointArn"], IdempotencyToken="r")
    assert len(source.list_backup_jobs(ByResourceArn=arn_of("orders"))["BackupJobs"]) == 1
    found = source.list_copy_jobs(ByDestinationVaultArn=vault_arn(THERE, TARGET), ByResourceArn=arn_of("orders"))
    assert len(found["CopyJobs"]) == 1
    assert len(target.list_restore_jobs(ByResourceType="DynamoDB", ByStatus="COMPLETED")["RestoreJobs"]) == 1
    assert source.list_backup_jobs(ByState="FAILED")["BackupJobs"] == []


def test_a_second_job_of_a_table_waits(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("speed", speed=0.5)
    client = fresh.client("source", "backup")
    first, second = (start_backup(fresh)["BackupJobId"] for _ in range(2))
    wait_for(lambda: client.describe_backup_job(BackupJobId=first)["State"] == "RUNNING")
    assert client.describe_backup_job(BackupJobId=second)["State"] == "CREATED"
    assert end_backup(fresh, second)["CompletionDate"] > end_backup(fresh, first)["CompletionDate"]


def test_a_job_can_be_stopped(fresh: TestSandbox) -> None:
    ready(fresh)
    fresh.control("speed", speed=0.3)
    client = fresh.client("source", "backup")
    job = start_backup(fresh)["BackupJobId"]
    client.stop_backup_job(BackupJobId=job)
    assert client.describe_backup_job(BackupJobId=job)["State"] == "ABORTING"
    assert end_backup(fresh, job)["State"] == "ABORTED"
    assert client.list_recovery_points_by_backup_vault(BackupVaultName=HERE)["RecoveryPoints"] == []
    with refused("InvalidRequestException"):
        client.stop_backup_job(BackupJobId=job)


@pytest.mark.parametrize("end", ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"])
def test_every_end_can_be_asked_for(fresh: TestSandbox, end: str) -> None:
    ready(fresh)
    fault = {"job": "backup", "table": "orders", "code": end, "message": "as the test demands"}
    fresh.control("job-faults", jobs=[fault, {**fault, "job": "copy"}, {**fault, "job": "restore", "table": ""}])
    failed = end_backup(fresh, start_backup(fresh)["BackupJobId"])
    assert (failed["State"], failed["StatusMessage"]) == (end, "as the test demands")
    point = backup(fresh)
    failed = copy(fresh, point)
    assert (failed["State"], failed["StatusMessage"]) == (end, "as the test demands")
    failed = restore(fresh, copy(fresh, point)["DestinationRecoveryPointArn"])
    assert (failed["Status"], failed["StatusMessage"]) == (end, "as the test demands")
    with refused("ResourceNotFoundException"):
        fresh.client("target", "dynamodb").describe_table(TableName="restored")


@pytest.mark.parametrize(("lie", "count"), [("lost-item", 29), ("changed-item", 30)])
def test_a_restore_can_lie(fresh: TestSandbox, lie: str, count: int) -> None:
    ready(fresh)
    point = copy(fresh, backup(fresh))["DestinationRecoveryPointArn"]
    fresh.control("job-faults", jobs=[{"job": "restore", "table": "restored", "lie": lie}])
    assert restore(fresh, point)["Status"] == "COMPLETED"
    before, after = (
        items(fresh.client("source", "dynamodb"), "orders"),
        items(fresh.client("target", "dynamodb"), "restored"),
    )
    assert len(after) == count
    assert not same_items(before, after)


EXACT = {
    SOURCE: [
        ("backup:StartBackupJob", vault_arn(HERE, SOURCE)),
        ("backup:StartCopyJob", f"arn:aws:backup:eu-west-1:{SOURCE}:recovery-point:*"),
        ("backup:DescribeBackupJob", "*"),
        ("backup:DescribeCopyJob", "*"),
        ("iam:PassRole", role_arn(SOURCE)),
    ],
    TARGET: [
        ("backup:StartRestoreJob", f"arn:aws:backup:eu-west-1:{TARGET}:recovery-point:*"),
        ("backup:DescribeRestoreJob", "*"),
        ("iam:PassRole", role_arn(TARGET)),
    ],
}


def _limited(sandbox: TestSandbox, account: str, without: str = "") -> Any:
    allowed = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in EXACT[account]
        if action != without
    ]
    name = f"Only{without.replace(':', '')}"
    return sandbox.client_of(sandbox.role(account, name, allowed), "backup")


def test_a_move_needs_these_permissions_and_each_of_them(fresh: TestSandbox) -> None:
    ready(fresh)
    source, target = _limited(fresh, SOURCE), _limited(fresh, TARGET)
    request = {"BackupVaultName": HERE, "ResourceArn": arn_of("orders"), "IamRoleArn": role_arn(SOURCE)}
    started = source.start_backup_job(**request)
    assert source.describe_backup_job(BackupJobId=started["BackupJobId"])["State"] == "COMPLETED"
    destination = {"SourceBackupVaultName": HERE, "DestinationBackupVaultArn": vault_arn(THERE, TARGET)}
    point = {"RecoveryPointArn": started["RecoveryPointArn"], "IamRoleArn": role_arn(SOURCE)}
    job = source.start_copy_job(**point, **destination)["CopyJobId"]
    copied = source.describe_copy_job(CopyJobId=job)["CopyJob"]
    back = {"RecoveryPointArn": copied["DestinationRecoveryPointArn"], "IamRoleArn": role_arn(TARGET)}
    job = target.start_restore_job(**back, Metadata={"targetTableName": "restored"})["RestoreJobId"]
    assert target.describe_restore_job(RestoreJobId=job)["Status"] == "COMPLETED"
    for missing in ("backup:StartBackupJob", "backup:StartCopyJob", "iam:PassRole"):
        poor = _limited(fresh, SOURCE, missing)
        with refused("AccessDeniedException"):
            poor.start_copy_job(**point, **destination) if "Copy" in missing else poor.start_backup_job(**request)
    with refused("AccessDeniedException"):
        _limited(fresh, TARGET, "iam:PassRole").start_restore_job(**back, Metadata={"targetTableName": "again"})
