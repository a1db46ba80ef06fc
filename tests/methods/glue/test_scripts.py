"""The job script is in the bucket once, with the content that its name tells."""

from __future__ import annotations

import hashlib

from ddbtui.engine.step import Resource
from ddbtui.methods.resources import remove
from tests.methods.glue.support import JobJournal, moving
from tests.methods.lab import BUCKET, Lab, chains_of
from tests.support.sandbox import make_bucket


def test_names_are_hashes_of_contents_and_nothing_is_uploaded_twice(lab: Lab) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, "glue")), "upload-scripts")
    s3 = lab.client("target", "s3")
    first = journal.carry_out("(run)", step)
    for url in first.values():
        key = url.removeprefix(f"s3://{BUCKET}/")
        content = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        assert hashlib.sha256(content).hexdigest()[:16] == key.rsplit(".", 1)[0].rsplit("-", 1)[1]
    lab.tell("calls/clear")
    assert journal.carry_out("(run)", step) == first
    assert not [call for call in lab.sandbox.calls() if call["action"] == "s3:PutObject"]


def test_other_content_under_that_name_is_replaced(lab: Lab) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, "glue")), "upload-scripts")
    s3 = lab.client("target", "s3")
    key = journal.carry_out("(run)", step)["script"].removeprefix(f"s3://{BUCKET}/")
    before = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"import evil")
    journal.carry_out("(run)", step)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == before


def test_what_was_recorded_before_the_upload_takes_it_away(lab: Lab) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, "glue")), "upload-scripts")
    journal.carry_out("(run)", step)
    (resource,) = [one for one in journal.resources.values() if one.kind == "s3-objects"]
    assert isinstance(resource, Resource)
    for _ in range(2):
        remove(lab.account("target"), resource)
    assert not lab.client("target", "s3").list_objects_v2(Bucket=BUCKET).get("Contents")


def test_a_bucket_that_became_another_accounts_gets_no_script(lab: Lab) -> None:
    journal = JobJournal()
    step = journal.until(chains_of(moving(lab, "glue")), "upload-scripts")
    lab.client("target", "s3").delete_bucket(Bucket=BUCKET)
    make_bucket(lab.sandbox, BUCKET, profile="source", writers=None)
    try:
        journal.carry_out("(run)", step)
    except Exception as error:
        assert "AccessDenied" in str(error) or "Forbidden" in str(error)  # noqa: PT017 either, by the call
    assert not lab.client("source", "s3").list_objects_v2(Bucket=BUCKET).get("Contents")
