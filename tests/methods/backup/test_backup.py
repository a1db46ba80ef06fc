"""backup, step by step, over HTTP in two simulated accounts of one organization."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ddbtui.engine.step import Resource, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.removal.tables import table_is_ours
from ddbtui.methods.resources import remove
from ddbtui.plan.model import Side
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.exactness import undeclared_and_unused
from tests.methods.lab import IDS, Journal, Lab, items_of

ONLY_AFTER_TROUBLE = {"dynamodb:GetItem", "backup:DeleteBackupVaultAccessPolicy", "backup:StopBackupJob"}
ONLY_AFTER_AN_INTERRUPTION = {
    f"backup:{name}"
    for name in ("ListBackupJobs", "ListTags", "ListCopyJobs", "ListRestoreJobs", "GetRestoreJobMetadata")
}
ONLY_WHERE_TAGS_NEED_IT = {"backup:TagResource"}
"""AWS does not say whether the tags of a start need it; the sandbox does not ask for it."""
ONLY_WITH_A_CUSTOMERS_KEY = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"}


def points(lab: Lab, side: Side) -> list[str]:
    found = lab.client(side, "backup").list_recovery_points_by_backup_vault(BackupVaultName=VAULT)
    return [one["RecoveryPointArn"] for one in found["RecoveryPoints"]]


def vaults(lab: Lab, side: Side) -> list[str]:
    return [one["BackupVaultName"] for one in lab.client(side, "backup").list_backup_vaults()["BackupVaultList"]]


def test_the_whole_chain_moves_and_proves_and_leaves_nothing(organized: Lab) -> None:
    names = sorted(organized.client("source").list_tables()["TableNames"])
    move, journal = moving(organized, *names), Journal()
    journal.until(chains(move), None)
    for name in names:
        assert items_of(organized.client("source"), name) == items_of(organized.client("target"), name)
        assert journal.results[name, "proof"]["level"] == "every item"
        assert journal.results[name, "read-source"]["items"] == journal.results[name, "proof"]["items"]
    assert any(one.table.local_indexes for one in move.tables)
    kinds = {(one.kind, one.fate) for one in journal.resources.values()}
    assert kinds == {("table", "keep"), ("backup-settings", "keep"), ("role", "keep")}
    for side in IDS:
        assert VAULT not in vaults(organized, side)


def test_every_call_is_declared_and_every_declaration_used(organized: Lab) -> None:
    move = moving(organized, "orders", "sessions")
    organized.tell("calls/clear")
    Journal().until(chains(move), None)
    undeclared, unused = undeclared_and_unused(organized, move)
    assert undeclared == set()
    rarely = ONLY_AFTER_TROUBLE | ONLY_AFTER_AN_INTERRUPTION | ONLY_WITH_A_CUSTOMERS_KEY | ONLY_WHERE_TAGS_NEED_IT
    assert unused <= rarely


def test_without_the_organizations_switch_nothing_starts(lab: Lab) -> None:
    with pytest.raises(StepFailed, match="isCrossAccountBackupEnabled is false") as failed:
        Journal().until(chains(moving(lab)), None)
    assert failed.value.kind == "prerequisite"
    assert "aws backup update-global-settings" in failed.value.hint


def test_two_organizations_are_refused(organized: Lab) -> None:
    organized.tell("organization", same=False)
    with pytest.raises(StepFailed, match="Both accounts are in one organization: does not hold"):
        Journal().until(chains(moving(organized)), None)


def test_a_backup_that_is_not_aws_backups_own_is_never_copied(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "backup")
    settings = organized.client("source", "backup")
    settings.update_region_settings(ResourceTypeManagementPreference={"DynamoDB": False})
    with pytest.raises(StepFailed, match=r"the backup arn:aws:dynamodb:.* is one of DynamoDB's own") as failed:
        journal.carry_out("orders", step)
    assert "advanced features" in failed.value.hint


def test_a_copy_that_is_refused_says_why(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "copy")
    organized.client("target", "backup").delete_backup_vault_access_policy(BackupVaultName=VAULT)
    with pytest.raises(StepFailed, match="the copy job ended FAILED: Access Denied"):
        journal.carry_out("orders", step)


def test_a_table_that_took_the_name_is_never_touched(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "restore")
    organized.client("target").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StepFailed):
        journal.carry_out("orders", step)
    (table,) = [one for one in journal.resources.values() if one.kind == "table"]
    assert not table_is_ours(organized.account("target"), table)
    with pytest.raises(UserError, match="was not made by this run"):
        remove(organized.account("target"), table)


@pytest.mark.parametrize("name", ["backup", "copy", "restore"])
def test_a_repeated_start_is_the_same_job(organized: Lab, name: str) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), name)
    context = journal.context("orders", step)
    handle = step.start(context)
    assert step.start(context) == handle
    jobs = [job for job in organized.sandbox.state()["jobs"] if job["kind"] == name]
    assert len(jobs) == 1
    journal.follow(context, step, handle)


def test_the_key_and_the_name_are_those_of_the_plan(organized: Lab) -> None:
    key = organized.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    target_table = {"encryption": key, "billing": "as-source"}
    move = moving(organized, target_name="orders-2", target_table=target_table)
    Journal().until(chains(move), None)
    made = organized.client("target").describe_table(TableName="orders-2")["Table"]
    assert made["SSEDescription"]["KMSMasterKeyArn"] == key


def test_counts_are_read_on_both_sides(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized, proof="counts")), "counts")
    item = items_of(organized.client("target"), "orders")[0]
    keys = [
        one["AttributeName"]
        for one in organized.client("target").describe_table(TableName="orders")["Table"]["KeySchema"]
    ]
    organized.client("target").delete_item(TableName="orders", Key={name: item[name] for name in keys})
    with pytest.raises(StepFailed, match="the counts differ: source 30, copy 29") as failed:
        journal.carry_out("orders", step)
    assert failed.value.kind == "different"
    organized.client("target").put_item(TableName="orders", Item=item)
    assert journal.carry_out("orders", step, attempt=2) == {"items": 30}


def test_an_item_that_is_not_in_the_copy_is_named(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "proof")
    item = items_of(organized.client("target"), "orders")[0]
    organized.client("target").put_item(TableName="orders", Item={**item, "changed": {"S": "yes"}})
    with pytest.raises(StepFailed, match=r"the copy differs from its source: changed .* in changed") as failed:
        journal.carry_out("orders", step)
    assert failed.value.kind == "different"


def test_reading_can_stop_and_go_on(organized: Lab) -> None:
    journal = Journal(stops_at=1)
    step = journal.until(chains(moving(organized)), "read-source")
    assert journal.carry_out("orders", step)["items"] == 30
    assert journal.asked_to_stop > 1


def test_what_a_lost_run_left_is_found_by_its_tag(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "backup")
    context = journal.context("orders", step)
    handle = step.start(context)
    (noted,) = [one for one in journal.resources.values() if one.kind == "recovery-point"]
    assert noted.data["arn"] is None
    journal.follow(context, step, handle)
    assert len(points(organized, "source")) == 1
    other = Resource(noted.kind, noted.side, noted.name, noted.fate, {**noted.data, "run_id": "another"})
    remove(organized.account("source"), other)
    assert len(points(organized, "source")) == 1
    for _ in range(2):
        remove(organized.account("source"), noted)
    assert points(organized, "source") == []


def test_a_table_is_the_runs_own_only_once_the_restore_has_made_it(organized: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(moving(organized)), "restore")
    context = journal.context("orders", step)
    handle = step.start(context)
    (table,) = [one for one in journal.resources.values() if one.kind == "table"]
    journal.follow(context, step, handle)
    assert not table_is_ours(organized.account("target"), table)
    (table,) = [one for one in journal.resources.values() if one.kind == "table"]
    assert table_is_ours(organized.account("target"), table)


@pytest.mark.parametrize("field", ["source_vault", "target_vault"])
def test_the_default_vault_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="Default"):
        BackupOptions.model_validate({"type": "backup", field: "Default"})
