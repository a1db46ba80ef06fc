"""s3-glue and glue from first to last step, over HTTP in two simulated accounts; the jobs really run."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from ddbtui.aws.arns import bucket_arn
from ddbtui.engine.step import StepFailed
from tests.methods.exactness import undeclared_and_unused
from tests.methods.glue.support import KINDS, JobJournal, job_runs, jobs, moving, roles
from tests.methods.lab import BUCKET, IDS, Lab, chains_of, items_of
from tests.support.sandbox import document, refused

ONLY_AFTER_TROUBLE = {
    *("dynamodb:GetItem", "dynamodb:DeleteTable", "glue:GetJob", "glue:GetJobRuns", "glue:BatchStopJobRun"),
    *("logs:GetLogEvents", "s3:DeleteBucketPolicy", "s3:PutBucketRequestPayment", "dynamodb:ListExports"),
}
ONLY_FOR_A_BAD_BUCKET = {"s3:PutBucketOwnershipControls", "s3:PutBucketPublicAccessBlock"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_chain_moves_and_proves_and_leaves_nothing(lab: Lab, kind: str) -> None:
    names = sorted(lab.client("source").list_tables()["TableNames"])
    move, journal = moving(lab, kind, *names), JobJournal()
    journal.until(chains_of(move), None)
    assert any(one.table.local_indexes for one in move.tables)
    for name in names:
        assert items_of(lab.client("source"), name) == items_of(lab.client("target"), name)
        assert journal.results[name, "proof"]["level"] == "every item"
        assert journal.results[name, "job"]["items"] == journal.results[name, "proof"]["items"]
    assert {(one.kind, one.fate) for one in journal.resources.values()} == {("table", "keep")}
    assert (jobs(lab), roles(lab, "source"), roles(lab, "target")) == ([], [], [])
    with refused("404"):
        lab.client("target", "s3").head_bucket(Bucket=BUCKET)


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_is_declared_and_every_declaration_used(lab: Lab, kind: str) -> None:
    move = moving(lab, kind, "orders", "threads")
    lab.tell("calls/clear")
    JobJournal().until(chains_of(move), None)
    undeclared, unused = undeclared_and_unused(lab, move)
    assert undeclared == set()
    assert unused - ONLY_AFTER_TROUBLE - ONLY_FOR_A_BAD_BUCKET == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_jobs_do_is_what_their_roles_are_given(lab: Lab, kind: str) -> None:
    """Whatever else the role of the jobs is allowed goes unused; what AWS's own services need is not simulated."""
    move = moving(lab, kind, "orders")
    journal = JobJournal()
    journal.until(chains_of(move), "clean-up")
    documents = {side: policies(lab, side) for side in ("source", "target")}
    calls = [call for call in lab.sandbox.calls() if ":role/ddbtui-glue" in call["principal"] and call["action"]]
    assert not [call for call in calls if call["outcome"] not in ("ok", "NoSuchKey")]
    made = {(call["action"], call["resource"]) for call in calls}
    unused = {
        (action, resource)
        for allowed in documents.values()
        for action, resource in allowed
        if not any(action == used[0] and fnmatchcase(used[1], resource) for used in made)
    }
    table = f"arn:aws:dynamodb:eu-west-1:{IDS['source']}:table/orders"
    read_by_people = {("dynamodb:DescribeTable", table), ("s3:ListBucket", bucket_arn("aws", BUCKET))}
    assert unused <= read_by_people


def policies(lab: Lab, side: Any) -> set[tuple[str, str]]:
    iam = lab.client(side, "iam")
    return {
        (action, resource)
        for role in roles(lab, side)
        for statement in iam.get_role_policy(RoleName=role, PolicyName="ddbtui")["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_that_is_not_in_the_copy_is_named(lab: Lab, kind: str) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, kind)), "proof")
    item = items_of(lab.client("target"), "orders")[0]
    lab.client("target").put_item(TableName="orders", Item={**item, "changed": {"S": "yes"}})
    with pytest.raises(StepFailed, match=r"the copy differs from its source: changed .* in changed") as failed:
        journal.carry_out("orders", step)
    assert failed.value.kind == "different"


def test_a_count_that_the_job_does_not_reach_is_told(lab: Lab) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, "s3-glue", proof="counts")), "counts")
    journal.results["orders", "job"]["items"] -= 1
    with pytest.raises(StepFailed, match="the counts differ: files 30, manifest 30, export 30, written 29") as failed:
        journal.carry_out("orders", step)
    assert failed.value.kind == "different"


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_proof_nothing_is_read_twice(lab: Lab, kind: str) -> None:
    journal = JobJournal()
    journal.until(chains_of(moving(lab, kind, proof="off")), None)
    done = {step for subject, step in journal.results if subject == "orders"}
    assert not done & {"proof", "read-source"}
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


@pytest.mark.parametrize("kind", KINDS)
def test_indexes_can_come_after_the_load_and_the_key_be_the_plans(lab: Lab, kind: str) -> None:
    key = lab.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    options = {"indexes": "after-load", "warm_write_units": 5000}
    move = moving(lab, kind, "orders", options=options, target_table={"encryption": key})
    journal = JobJournal()
    journal.until(chains_of(move), None)
    made = lab.client("target").describe_table(TableName="orders")["Table"]
    assert made["SSEDescription"]["KMSMasterKeyArn"] == key
    assert [index["IndexName"] for index in made["GlobalSecondaryIndexes"]] == ["by-status"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_staging_key_encrypts_scripts_and_progress(lab: Lab, kind: str) -> None:
    key = lab.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    move = moving(lab, kind, options={"encryption": {"kms_key_arn": key}})
    journal = JobJournal()
    journal.until(chains_of(move), "clean-up")
    s3 = lab.client("target", "s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    scripts = [key for key in keys if "/py/" in key]
    assert len(scripts) == 2
    assert all(s3.head_object(Bucket=BUCKET, Key=one)["SSEKMSKeyId"] == key for one in scripts)
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


@pytest.mark.parametrize("kind", KINDS)
def test_each_table_has_one_run_of_its_job(lab: Lab, kind: str) -> None:
    journal = JobJournal()
    journal.until(chains_of(moving(lab, kind)), "clean-up")
    assert [run["JobRunState"] for run in job_runs(lab, "ddbtui-r1-orders")] == ["SUCCEEDED"]


@pytest.mark.parametrize("kind", KINDS)
def test_keys_that_name_only_people_let_the_jobs_in_for_the_move(lab: Lab, kind: str) -> None:
    staging, table = key_of(lab, "target"), key_of(lab, "target")
    source = key_of(lab, "source")
    sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": source}
    lab.client("source").update_table(TableName="orders", SSESpecification=sse)
    options = {"encryption": {"kms_key_arn": staging}}
    move = moving(lab, kind, "orders", options=options, target_table={"encryption": table})
    before = [policy_of(lab, key) for key in (staging, table, source)]
    journal = JobJournal()
    journal.until(chains_of(move), None)
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")
    mended = [step for _, step in journal.results if "role-key" in step]
    assert len(mended) == (3 if kind == "glue" else 2)
    assert all(journal.results["(run)", step].get("applied") for step in mended)
    assert [policy_of(lab, key) for key in (staging, table, source)] == before


def key_of(lab: Lab, side: Any) -> str:
    """A key whose policy names the account's admin and nobody else."""
    admin = f"arn:aws:iam::{IDS[side]}:user/{side}-admin"
    statement = {"Effect": "Allow", "Principal": {"AWS": admin}, "Action": "kms:*", "Resource": "*"}
    answer = lab.client(side, "kms").create_key(Policy=document(statement))
    return str(answer["KeyMetadata"]["Arn"])


def policy_of(lab: Lab, key: str) -> str:
    side: Any = next(side for side, account in IDS.items() if account in key)
    return str(lab.client(side, "kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
