"""What keeps a job from ending at once: no time, no room, another's key, too much to tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ddbtui.engine.step import Busy, StepFailed
from tests.methods.glue.flat_jobs import FLAT, make_table
from tests.methods.glue.support import JOB, at, fail_next, job_runs
from tests.methods.lab import BUCKET, IDS, Lab
from tests.support.sandbox import make_bucket, wait_for


@pytest.mark.parametrize(
    ("state", "options", "minutes"),
    [("TIMEOUT", {}, 7 * 24 * 60), ("TIMEOUT", {"timeout_minutes": 77}, 77), ("FAILED", {}, 60)],
    ids=["as-long-as-glue-allows", "the-plan-limits-it", "time-was-not-short"],
)
def test_a_run_that_took_too_long_has_longer_when_it_is_resumed(
    lab: Lab, state: str, options: dict[str, int], minutes: int
) -> None:
    journal, step = at(lab, "job", options=options)
    fail_next(lab, state)
    with pytest.raises(StepFailed) as failed:
        journal.carry_out("orders", step)
    assert ("as long as Glue allows" in failed.value.hint) == (minutes > 77)
    fail_next(lab, "WAITING")
    step.start(journal.context("orders", step, attempt=2))
    assert job_runs(lab, JOB)[0]["Timeout"] == minutes


@pytest.mark.parametrize("quota", ["L-08F3B322", "L-5E4153CA"], ids=["dpu", "runs"])
def test_a_run_that_fails_since_there_is_no_room_is_run_again(lab: Lab, quota: str) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html"""
    journal, step = at(lab, "job")
    lab.tell("glue", fails_without_room=True)
    lab.tell("quota", account=IDS["target"], service="glue", code=quota, value=0)
    context = journal.context("orders", step)
    handle = step.start(context)
    wait_for(lambda: job_runs(lab, JOB)[0]["JobRunState"] == "FAILED")
    with pytest.raises(Busy, match=r"no room for another run of a Glue job: .*concurrent"):
        step.poll(context, handle)
    lab.tell("quota", account=IDS["target"], service="glue", code=quota, value=1000)
    journal.time += timedelta(minutes=1)
    journal.follow(context, step, handle)
    assert [run["JobRunState"] for run in job_runs(lab, JOB)] == ["SUCCEEDED", "FAILED"]
    assert ("info", "there was no room for the Glue job; it is run again") in journal.log


def test_a_job_that_told_of_itself_had_room(lab: Lab) -> None:
    journal, step = at(lab, "job")
    fail_next(lab, "FAILED", "Resource unavailable", lie="after-work")
    with pytest.raises(StepFailed, match="Resource unavailable"):
        journal.carry_out("orders", step)


@pytest.mark.parametrize("kind", ["glue", "s3-glue"])
def test_a_default_key_of_the_bucket_is_not_the_jobs_business(lab: Lab, kind: str) -> None:
    """Neither role nor plan know of it; what is put without a word of encryption would need it."""
    key = lab.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3 = lab.client("target", "s3")
    make_bucket(lab.sandbox, BUCKET, writers=None)
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [default]})
    journal, step = at(lab, "job", kind)
    assert journal.carry_out("orders", step)["items"] == 30
    progress = s3.head_object(Bucket=BUCKET, Key="ddbtui/r1/orders/glue/progress.json")
    assert progress["ServerSideEncryption"] == "AES256"


def test_the_key_of_the_plan_encrypts_what_the_job_tells(lab: Lab) -> None:
    key = lab.client("target", "kms").create_key()["KeyMetadata"]["Arn"]
    journal, step = at(lab, "job", options={"encryption": {"kms_key_arn": key}})
    journal.carry_out("orders", step)
    progress = lab.client("target", "s3").head_object(Bucket=BUCKET, Key="ddbtui/r1/orders/glue/progress.json")
    assert (progress["ServerSideEncryption"], progress["SSEKMSKeyId"]) == ("aws:kms", key)


@pytest.mark.parametrize(("count", "fits"), [(80, True), (100, False)])
def test_what_no_job_can_be_told_is_refused(lab: Lab, count: int, fits: bool) -> None:
    """The longest list of AWS's own ways: what each attribute becomes."""
    make_table(lab.sandbox, "source", "flat", [FLAT[0] | {f"{n:0500}": {"S": ""} for n in range(count)}])
    journal, step = at(lab, "job", "s3-glue", names=("flat",), options={"loader": "catalog"})
    context = journal.context("flat", step)
    if fits:
        assert step.start(context)["run"]
        return
    with pytest.raises(StepFailed, match=r"argument mapping of the Glue job would have 1\d\d,\d{3} bytes") as failed:
        step.start(context)
    assert "loader: lossless" in failed.value.hint
