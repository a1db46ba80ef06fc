"""A bucket that keeps its ACLs: the exported objects are given to its owner, and the move goes on as in any other."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ddbtui.engine.step import Progress
from ddbtui.methods.catalog import method
from ddbtui.methods.steps import grant_objects
from tests.methods.lab import BUCKET, Journal, Lab, chains_of, items_of
from tests.methods.steps.loads import used_since

STEP = "grant-objects"


@pytest.fixture
def s3(lab: Lab) -> Any:
    """The target's own S3 client, for a bucket with ACLs."""
    client = lab.client("target", "s3")
    client.create_bucket(
        Bucket=BUCKET,
        ObjectOwnership="ObjectWriter",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    return client


def granting(lab: Lab, **changed: Any) -> Any:
    return lab.move(method={"type": "s3-import", "bucket": BUCKET, "object_ownership": "grant"}, **changed)


def keys(s3: Any, prefix: str = "ddbtui/r1/orders/") -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def readable(s3: Any, key: str) -> bool:
    try:
        s3.get_object(Bucket=BUCKET, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def test_a_whole_move_over_a_bucket_with_acls(lab: Lab, s3: Any) -> None:
    move, journal = granting(lab, clean_up="nothing"), Journal()
    step = journal.until(chains_of(move), STEP)
    exported = keys(s3)
    assert len(exported) > 6
    assert not any(readable(s3, key) for key in exported)
    lab.tell("calls/clear")
    journal.carry_out("orders", step)
    assert used_since(lab, step) == (set(), set())
    journal.until(chains_of(move), None)
    assert all(readable(s3, key) for key in exported)
    assert journal.results["orders", STEP] == {"objects": len(exported), "enforced": False}
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")
    rules = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]


def test_without_it_the_owner_can_t_read(lab: Lab, s3: Any) -> None:
    move, journal = granting(lab), Journal()
    journal.until(chains_of(move), STEP)
    check = next(step for chain in chains_of(move) for step in chain.steps if step.name == "check-export")
    with pytest.raises(ClientError, match="AccessDenied"):
        journal.carry_out("orders", check)


def test_the_clean_up_removes_what_the_source_owns(lab: Lab, s3: Any) -> None:
    Journal().until(chains_of(granting(lab)), None)
    assert keys(s3) == []


def test_by_default_the_bucket_s_acls_go(lab: Lab, s3: Any) -> None:
    move, journal = lab.move(), Journal()
    journal.until(chains_of(move), None)
    assert ("orders", STEP) not in journal.results
    rules = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_a_bucket_that_has_no_acls_needs_none(lab: Lab) -> None:
    journal = Journal()
    journal.until(chains_of(granting(lab)), None)
    assert journal.results["orders", STEP] == {"objects": 0, "enforced": True}
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


def test_a_stopped_step_goes_on_behind_what_is_set(lab: Lab, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grant_objects, "_BATCH", 3)
    journal = Journal()
    step = journal.until(chains_of(granting(lab)), STEP)
    journal.stops_at = 1
    context = journal.context("orders", step)
    assert step.poll(context, {}) == Progress("stopped", 3, None)
    exported = keys(s3)
    assert [readable(s3, key) for key in exported[:4]] == [True, True, True, False]
    lab.tell("calls/clear")
    assert journal.follow(context, step, {})["objects"] == len(exported)
    assert acls(lab) == len(exported) - 3
    assert [one.done for one in journal.progress[-3:]][-1] == len(exported)


def test_a_new_process_sets_all_again(lab: Lab, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grant_objects, "_BATCH", 3)
    journal = Journal()
    step = journal.until(chains_of(granting(lab)), STEP)
    journal.stops_at = 1
    step.poll(journal.context("orders", step), {})
    again = next(one for chain in chains_of(granting(lab)) for one in chain.steps if one.name == STEP)
    lab.tell("calls/clear")
    assert journal.carry_out("orders", again)["objects"] == acls(lab) == len(keys(s3))


def test_an_error_says_what_is_not_allowed(lab: Lab, s3: Any) -> None:
    journal = Journal()
    step = journal.until(chains_of(granting(lab)), STEP)
    lab.sandbox.fault("denied", match={"operation": "PutObjectAcl"}, times=-1)
    with pytest.raises(ClientError, match="AccessDenied"):
        journal.carry_out("orders", step)


def test_the_check_says_what_becomes_of_acls(lab: Lab, s3: Any) -> None:
    found = {one.id: one for one in method("s3-import").prerequisites(granting(lab))}["bucket-ownership"]
    finding = found.check()
    assert (finding.outcome, found.remedy_access()) == ("pass", ())
    assert "ObjectWriter. It keeps its ACLs; ddbtui sets the ACL of every exported object" in finding.evidence
    usual = {one.id: one for one in method("s3-import").prerequisites(lab.move())}["bucket-ownership"].check()
    assert usual.remedy
    assert (usual.outcome, "object_ownership: grant" in usual.advice) == ("fail", True)


def test_what_it_needs_is_declared_and_shown_before(lab: Lab) -> None:
    move = granting(lab)
    changes = [(one.action, one.account_id[:1], one.resource) for one in method("s3-import").changes(move)]
    assert ("s3:PutObjectAcl", "1", f"arn:aws:s3:::{BUCKET}/ddbtui/*") in changes
    shown = [one.action for one in method("s3-import").changes(lab.move())]
    assert "s3:PutObjectAcl" not in shown


def acls(lab: Lab) -> int:
    return sum(call["operation"] == "PutObjectAcl" for call in lab.sandbox.calls(account="111111111111"))
