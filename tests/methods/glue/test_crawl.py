"""The crawler of one table: made once, followed through its states, stopped, and what it made is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ddbtui.engine.step import Busy, Done, Json, Progress, Step, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.glue.crawl import table_prefix
from ddbtui.methods.glue.mapping import corrections, fields_of, mapping_of
from ddbtui.methods.resources import remove
from tests.methods.glue.support import JobJournal, moving, roles
from tests.methods.glue.test_lossy import census_of
from tests.methods.lab import Context, Lab, chains_of
from tests.methods.tables import table

CRAWLER = "ddbtui-r1-threads"


def at(lab: Lab, name: str = "crawl", **plan: Any) -> tuple[JobJournal, Step]:
    """A run that stands before a step."""
    journal = JobJournal()
    move = moving(lab, "s3-glue", "threads", options={"loader": "catalog"}, **plan)
    return journal, journal.until(chains_of(move), name)


def begun(lab: Lab) -> tuple[Context, Step, Json]:
    """A crawl that goes on."""
    journal, step = at(lab)
    lab.tell("speed", speed=100)
    context = journal.context("threads", step)
    return context, step, step.start(context)


def crawler(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = lab.client("target", "glue").get_crawler(Name=CRAWLER)["Crawler"]
    return found


def test_the_crawler_is_as_the_run_says(lab: Lab) -> None:
    journal, step = at(lab)
    journal.carry_out("threads", step)
    made = crawler(lab)
    (target,) = made["Targets"]["S3Targets"]
    assert target["Path"].endswith("/data/")
    assert made["TablePrefix"] == table_prefix("r1", "threads")
    arn = "arn:aws:glue:eu-west-1:222222222222:crawler/" + CRAWLER
    assert lab.client("target", "glue").get_tags(ResourceArn=arn)["Tags"] == {"ddbtui:run": "r1"}
    kinds = [one.kind for one in journal.resources.values() if one.kind in ("crawler", "catalog-table")]
    assert kinds == ["catalog-table", "crawler"]


def test_states_are_told_until_it_is_ready(lab: Lab) -> None:
    context, step, handle = begun(lab)
    assert step.poll(context, handle) == Progress("RUNNING")
    lab.tell("clock", seconds=600)
    assert step.poll(context, handle) == Progress("STOPPING")
    lab.tell("clock", seconds=100)
    assert step.poll(context, handle) == Done({"crawler": CRAWLER})


def test_starting_again_takes_up_what_goes_on(lab: Lab) -> None:
    context, step, handle = begun(lab)
    assert step.start(context)["crawler"] == handle["crawler"]
    assert lab.client("target", "glue").list_crawlers()["CrawlerNames"] == [CRAWLER]


def test_a_crawl_is_found_again(lab: Lab) -> None:
    context, step, handle = begun(lab)
    found = step.find(context)
    assert found
    assert (found["crawler"], found["before"]) == (CRAWLER, handle["before"])
    lab.tell("clock", seconds=600)
    step.poll(context, handle)
    lab.tell("clock", seconds=100)
    ended = step.find(context)
    assert ended
    assert step.poll(context, ended) == Done({"crawler": CRAWLER})
    again = replace(context, attempt=2)
    assert step.find(again) is None


def test_nothing_is_found_of_a_crawl_that_did_not_begin(lab: Lab) -> None:
    journal, step = at(lab)
    context = journal.context("threads", step)
    assert step.find(context) is None
    lab.sandbox.fault("denied", match={"operation": "StartCrawler"})
    with pytest.raises(ClientError):
        step.start(context)
    assert step.find(context) is None
    assert journal.carry_out("threads", step) == {"crawler": CRAWLER}


def test_no_room_for_a_crawler_is_waited_for(lab: Lab) -> None:
    journal, step = at(lab)
    lab.sandbox.fault("full", match={"operation": "CreateCrawler"})
    with pytest.raises(Busy, match="no room for another crawler: ResourceNumberLimitExceededException"):
        step.start(journal.context("threads", step))
    assert journal.carry_out("threads", step) == {"crawler": CRAWLER}


def test_room_for_a_crawler_that_stays_is_not_waited_for(lab: Lab) -> None:
    journal, step = at(lab, clean_up="nothing")
    lab.sandbox.fault("full", match={"operation": "CreateCrawler"})
    with pytest.raises(StepFailed, match="no room for another crawler") as caught:
        step.start(journal.context("threads", step))
    assert "Raise quota L-11FA2C1A" in caught.value.hint


def test_a_role_that_glue_does_not_know_yet_is_waited_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, step = at(lab)
    iam, role = lab.client("target", "iam"), roles(lab, "target")[0]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = {**trust, "Statement": [{**trust["Statement"][0], "Effect": "Deny"}]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    pauses: list[float] = []

    def known_by_then(seconds: float) -> None:
        pauses.append(seconds)
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))

    monkeypatch.setattr("ddbtui.aws.settle.sleep", known_by_then)
    assert journal.carry_out("threads", step) == {"crawler": CRAWLER}
    assert len(pauses) == 1


def test_a_crawl_that_fails_says_why_and_is_tried_again(lab: Lab) -> None:
    journal, step = at(lab)
    lab.tell("job-faults", jobs=[{"job": "crawl", "code": "FAILED", "message": "out of luck"}])
    with pytest.raises(StepFailed, match=f"crawler {CRAWLER} ended FAILED: out of luck") as caught:
        journal.carry_out("threads", step)
    assert "/aws-glue/crawlers" in caught.value.hint
    assert journal.carry_out("threads", step, attempt=2) == {"crawler": CRAWLER}


def test_an_unknown_state_fails(lab: Lab) -> None:
    journal, step = at(lab)
    lab.tell("job-faults", jobs=[{"job": "crawl", "code": "DREAMING"}])
    with pytest.raises(StepFailed, match=f"unknown state DREAMING of crawler {CRAWLER}"):
        journal.carry_out("threads", step)


def test_it_is_stopped_and_that_is_told(lab: Lab) -> None:
    context, step, handle = begun(lab)
    assert step.cancel(context, handle)
    assert step.cancel(context, handle)
    lab.tell("clock", seconds=600)
    with pytest.raises(StepFailed, match=f"crawler {CRAWLER} ended CANCELLED: "):
        step.poll(context, handle)
    assert step.cancel(context, handle)


def test_a_crawler_that_never_begins_is_given_up(lab: Lab) -> None:
    journal, step = at(lab)
    context = journal.context("threads", step)
    handle = step.start(context)
    handle["before"] = crawler(lab)["LastCrawl"]["StartTime"].isoformat()
    assert step.poll(context, handle) == Progress("starting")
    journal.time += timedelta(minutes=11)
    with pytest.raises(StepFailed, match="did not start"):
        step.poll(context, handle)


def test_a_crawler_that_somebody_changed_is_told(lab: Lab) -> None:
    journal, step = at(lab)
    journal.carry_out("threads", step)
    lab.client("target", "glue").update_crawler(Name=CRAWLER, Targets={"S3Targets": [{"Path": "s3://elsewhere/"}]})
    with pytest.raises(StepFailed, match="exists already and crawls something else"):
        journal.carry_out("threads", step)


def test_a_crawler_at_work_stays_until_it_is_done(lab: Lab) -> None:
    context, _, _ = begun(lab)
    (resource,) = [one for one in context.resources() if one.kind == "crawler"]
    with pytest.raises(UserError, match=f"crawler {CRAWLER} could not be removed: CrawlerRunningException"):
        remove(lab.account("target"), resource)


def test_several_tables_of_one_crawler_are_no_mapping(lab: Lab) -> None:
    journal, step = at(lab, "map-types")
    crawled = lab.client("target", "glue").get_tables(DatabaseName=_database(step))["TableList"]
    (one,) = crawled
    given = {"Name": one["Name"] + "_more", "StorageDescriptor": one["StorageDescriptor"]}
    lab.client("target", "glue").create_table(DatabaseName=_database(step), TableInput=given)
    with pytest.raises(StepFailed, match=r"should have made one table, but made .*_more"):
        journal.carry_out("threads", step)
    for name in (one["Name"], given["Name"]):
        lab.client("target", "glue").delete_table(DatabaseName=_database(step), Name=name)
    with pytest.raises(StepFailed, match="should have made one table, but made none"):
        journal.carry_out("threads", step)


def test_what_is_no_export_is_told(lab: Lab) -> None:
    journal, step = at(lab, "map-types")
    (one,) = lab.client("target", "glue").get_tables(DatabaseName=_database(step))["TableList"]
    storage = {**one["StorageDescriptor"], "Columns": [{"Name": "price", "Type": "double"}]}
    lab.client("target", "glue").update_table(
        DatabaseName=_database(step), TableInput={"Name": one["Name"], "StorageDescriptor": storage}
    )
    with pytest.raises(StepFailed, match="the crawler saw no Item in the export, but price"):
        journal.carry_out("threads", step)


def _database(step: Any) -> str:
    return str(step._places.database)


def test_the_struct_of_a_column_is_taken_apart() -> None:
    assert fields_of("struct<a:string,b:struct<M:struct<x:struct<N:string>>>,c:array<struct<S:string>>>") == {
        "a": "string",
        "b": "struct<M:struct<x:struct<N:string>>>",
        "c": "array<struct<S:string>>",
    }
    assert fields_of("struct<>") == fields_of("string") == {}


def test_keys_are_corrected_whatever_the_crawler_saw() -> None:
    census = census_of({"pk": {"S": "007"}, "sk": {"N": "1"}, "Extra": {"S": ""}, "new": {"S": ""}})
    seen = "struct<PK:struct<N:int>,sk:struct<n:string>,extra:struct<S:string>>"
    assert corrections(census, seen, table()) == [
        "key pk is spelled PK",
        "key pk is not seen as S",
        "key sk is a string, and will be a number",
        "not seen: 1 attribute, e.g. new",
    ]
    assert mapping_of(census) == [
        (["Item", "Extra", "S"], "string", "Extra", "string"),
        (["Item", "new", "S"], "string", "new", "string"),
        (["Item", "pk", "S"], "string", "pk", "string"),
        (["Item", "sk", "N"], "string", "sk", "long"),
    ]


def test_a_key_that_the_crawler_did_not_see_is_told() -> None:
    census = census_of({"pk": {"S": "a"}, "sk": {"N": "1.5"}})
    assert "key sk is not seen as N" in corrections(census, "struct<pk:struct<S:string>>", table())
    assert mapping_of(census)[1] == (["Item", "sk", "N"], "string", "sk", "double")
