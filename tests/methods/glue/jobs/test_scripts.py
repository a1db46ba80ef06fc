"""The job scripts from the outside: how they end, and what they tell. On the substitute, which starts at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.methods.glue.jobs.running import BUCKET, Jobs, export, make_reader, make_target, on_substitute
from tests.support.sandbox import REGION, TestSandbox, items, make_bucket, same_items


@pytest.fixture
def jobs(fresh: TestSandbox, tmp_path: Path) -> Iterator[Jobs]:
    make_bucket(fresh, BUCKET)
    made = Jobs(fresh, tmp_path, on_substitute())
    yield made
    made.stop()


def contents(jobs: Jobs, profile: str, table: str) -> dict[str, Any]:
    return items(jobs.sandbox.client(profile, "dynamodb"), table)


def last_line(said: str) -> str:
    return said.rstrip().rsplit("\n", 1)[-1]


def copying(jobs: Jobs, **changed: Any) -> dict[str, Any]:
    place = {"source_table": "orders", "source_region": REGION, "source_role_arn": make_reader(jobs.sandbox)}
    return {"target_table": "copy", "segments": 8, "max_rcu": 1000, **place, **changed}


def test_an_export_is_loaded(jobs: Jobs) -> None:
    given = export(jobs.sandbox, "orders")
    code, said = jobs.run("load_export", target_table=make_target(jobs.sandbox, "orders", "copy"), **given)
    assert (code, said) == (0, "")
    assert same_items(contents(jobs, "source", "orders"), contents(jobs, "target", "copy"))
    progress = {"token": "token-1", "phase": "loading", "done": 30, "total": 30, "files": 4, "parts": 4, "retried": 0}
    assert jobs.progress() == {**progress, "finished": True, "error": ""}


def test_a_table_is_copied(jobs: Jobs) -> None:
    make_target(jobs.sandbox, "orders", "copy")
    jobs.sandbox.control("calls/clear")
    code, said = jobs.run("copy_table", **copying(jobs))
    assert (code, said) == (0, "")
    assert same_items(contents(jobs, "source", "orders"), contents(jobs, "target", "copy"))
    progress = {"token": "token-1", "phase": "copying", "done": 30, "total": 0, "files": 8, "parts": 8, "retried": 0}
    assert jobs.progress() == {**progress, "finished": True, "error": ""}
    assert len(jobs.sandbox.calls(operation="AssumeRole")) <= 2, "one for each process and thread at most"


def test_a_table_whose_name_begins_with_a_dash_is_loaded(jobs: Jobs) -> None:
    given = export(jobs.sandbox, "orders")
    code, said = jobs.run("load_export", target_table=make_target(jobs.sandbox, "orders", "-copy"), **given)
    assert (code, said) == (0, "")
    assert same_items(contents(jobs, "source", "orders"), contents(jobs, "target", "-copy"))


def test_a_damaged_file_fails_the_job_with_its_name(jobs: Jobs) -> None:
    given = export(jobs.sandbox, "orders", lie="wrong-md5")
    code, said = jobs.run("load_export", target_table=make_target(jobs.sandbox, "orders", "copy"), **given)
    assert code == 1
    assert "/data/" in last_line(said)
    assert last_line(said).endswith(".json.gz does not have the MD5 that the manifest gives")
    told = jobs.progress()
    assert (told["finished"], told["error"]) == (False, last_line(said).partition("JobFailed: ")[2])
    assert told["done"] <= len(contents(jobs, "target", "copy")) < 30


def test_a_number_of_items_that_is_not_the_run_s_fails_the_job(jobs: Jobs) -> None:
    given = export(jobs.sandbox, "orders") | {"items": 31}
    code, said = jobs.run("load_export", target_table=make_target(jobs.sandbox, "orders", "copy"), **given)
    assert code == 1
    assert "the export has 31 items, its manifest-summary.json 30, its files 30" in last_line(said)
    assert contents(jobs, "target", "copy") == {}


def test_a_missing_table_fails_the_job(jobs: Jobs) -> None:
    code, said = jobs.run("copy_table", **copying(jobs))
    assert code == 1
    assert "JobFailed: table copy: ResourceNotFoundException" in last_line(said)
    assert "ResourceNotFoundException" in jobs.progress()["error"]


def test_a_role_that_can_not_be_assumed_fails_the_job(jobs: Jobs) -> None:
    make_target(jobs.sandbox, "orders", "copy")
    given = copying(jobs, source_role_arn="arn:aws:iam::111111111111:role/missing")
    code, said = jobs.run("copy_table", **given)
    assert code == 1
    assert "AccessDenied" in last_line(said)
    assert "sts:AssumeRole" in last_line(said)


def test_a_missing_argument_is_named(jobs: Jobs) -> None:
    code, said = jobs.run("load_export", target_table="copy")
    assert code == 1
    assert last_line(said).endswith("GlueArgumentError: the following arguments are required: --manifest, --items")


@pytest.mark.parametrize("script", ["load_export", "copy_table"])
def test_what_was_half_done_is_done_again(jobs: Jobs, script: Any) -> None:
    """Some of the writes of the first attempt get lost, and the table holds something older."""
    target = make_target(jobs.sandbox, "orders", "copy")
    given = export(jobs.sandbox, "orders") if script == "load_export" else copying(jobs)
    for item in list(contents(jobs, "source", "orders").values())[:10]:
        jobs.sandbox.client("target", "dynamodb").put_item(TableName=target, Item=item | {"old": {"BOOL": True}})
    jobs.sandbox.fault("denied", times=-1, after=1, match={"operation": "BatchWriteItem"})
    code, said = jobs.run(script, **{**given, "target_table": target})
    assert (code, "AccessDeniedException" in last_line(said)) == (1, True)
    jobs.sandbox.control("faults", rules=[])
    assert jobs.run(script, **{**given, "target_table": target, "token": "token-2"})[0] == 0
    assert same_items(contents(jobs, "source", "orders"), contents(jobs, "target", "copy"))
    assert (jobs.progress()["token"], jobs.progress()["done"]) == ("token-2", 30)
