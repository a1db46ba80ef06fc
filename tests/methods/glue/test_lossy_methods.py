"""The ways of AWS's article from first to last step, in two accounts: flat tables arrive, others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from ddbtui.engine.step import StepFailed
from ddbtui.methods.glue.lossy import DAMAGE
from tests.methods.exactness import undeclared_and_unused
from tests.methods.glue.flat_jobs import EVERYTHING, damaged, make_table
from tests.methods.glue.flat_jobs import FLAT as FLAT_ITEMS
from tests.methods.glue.support import JobJournal, jobs, moving, roles
from tests.methods.lab import Lab, chains_of
from tests.support.sandbox import Item, items, same_items

CATALOG, CONNECTOR = ("s3-glue", {"loader": "catalog"}), ("glue", {"reader": "connector"})
WAYS = pytest.mark.parametrize(
    ("kind", "way"), [pytest.param(*CATALOG, id="catalog"), pytest.param(*CONNECTOR, id="connector")]
)
FLAT = ("sessions", "threads")
ONLY_AFTER_TROUBLE = {
    *("dynamodb:GetItem", "dynamodb:DeleteTable", "glue:GetJob", "glue:GetJobRuns", "glue:BatchStopJobRun"),
    *("logs:GetLogEvents", "s3:DeleteBucketPolicy", "s3:PutBucketRequestPayment", "dynamodb:ListExports"),
    *("s3:PutBucketOwnershipControls", "s3:PutBucketPublicAccessBlock", "glue:StopCrawler"),
    *("lakeformation:GrantPermissions", "lakeformation:RevokePermissions", "lakeformation:ListPermissions"),
}


def both(lab: Lab, name: str) -> tuple[dict[str, Item], dict[str, Item]]:
    """All items of both tables, by key."""
    return items(lab.client("source"), name), items(lab.client("target"), name)


@WAYS
def test_flat_tables_arrive_equal_and_nothing_is_left(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    move, journal = moving(lab, kind, *FLAT, options=way), JobJournal()
    journal.until(chains_of(move), None)
    for name in FLAT:
        assert same_items(*both(lab, name))
        assert journal.results[name, "proof"]["level"] == "every item"
        assert journal.results[name, "check-types"] == {"damaged": []}
    assert {(one.kind, one.fate) for one in journal.resources.values()} == {("table", "keep")}
    assert (jobs(lab), roles(lab, "source"), roles(lab, "target")) == ([], [], [])
    glue = lab.client("target", "glue")
    assert (glue.get_databases()["DatabaseList"], glue.list_crawlers()["CrawlerNames"]) == ([], [])


@WAYS
def test_keys_keep_their_names_and_types(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    """A text that looks like a number, numbers that are texts in the files, names that a crawler would fold."""
    found = [{**item, "OrderNo": {"S": "007"}} for item in FLAT_ITEMS]
    make_table(lab.sandbox, "source", "flat", found)
    journal = JobJournal()
    journal.until(chains_of(moving(lab, kind, "flat", options=way)), None)
    source, target = both(lab, "flat")
    assert len(source) == len(FLAT_ITEMS)
    assert same_items(source, target)
    if way == {"loader": "catalog"}:
        assert journal.results["flat", "map-types"]["corrected"] == ["key at is a string, and will be a number"]


def test_what_the_catalog_way_does_to_each_type(lab: Lab) -> None:
    make_table(lab.sandbox, "source", "flat", [EVERYTHING])
    options = {"loader": "catalog", "accept_damage": True}
    journal = JobJournal()
    journal.consents.add(DAMAGE)
    journal.until(chains_of(moving(lab, "s3-glue", "flat", options=options, proof="counts")), None)
    ((before,), (after,)) = (list(side.values()) for side in both(lab, "flat"))
    assert damaged(before, after) == {
        "texts": (before["texts"], {"L": [{"S": text} for text in before["texts"]["SS"]]}),
        "numbers": (before["numbers"], {"L": [{"S": text} for text in before["numbers"]["NS"]]}),
        "blobs": ({"BS": [b"\x00\xff"]}, {"L": [{"S": "AP8="}]}),
        "list": (
            EVERYTHING["list"],
            {
                "L": [
                    {"M": {"S": {"S": "x"}}},
                    {"M": {"N": {"S": "9"}}},
                    {"M": {"BOOL": {"BOOL": True}}},
                    {"M": {"NULL": {"BOOL": True}}},
                ]
            },
        ),
        "map": (
            EVERYTHING["map"],
            {
                "M": {
                    "street": {"M": {"S": {"S": "Harbour Street"}}},
                    "number": {"M": {"N": {"S": "7"}}},
                    "geo": {"M": {"L": {"L": [{"M": {"N": {"S": "1.5"}}}]}}},
                }
            },
        ),
        "blob": ({"B": b"\x00\xff"}, {"S": "AP8="}),
        "gone": ({"NULL": True}, {"BOOL": True}),
        "exact": ({"N": "12345678901234567890.12345"}, {"N": "12345678901234567000"}),
    }
    named = {one.split(" (")[0] for one in journal.results["flat", "check-types"]["intended"]}
    assert named == damaged(before, after).keys()


def test_what_the_catalog_way_does_to_an_attribute_of_several_types(lab: Lab) -> None:
    kinds = [{"S": "one"}, {"S": "two"}, {"N": "3"}]
    make_table(lab.sandbox, "source", "flat", [{**FLAT_ITEMS[at], "mixed": kind} for at, kind in enumerate(kinds)])
    options = {"loader": "catalog", "accept_damage": True}
    journal = JobJournal()
    journal.consents.add(DAMAGE)
    journal.until(chains_of(moving(lab, "s3-glue", "flat", options=options, proof="counts")), None)
    held = sorted(str(item.get("mixed")) for item in both(lab, "flat")[1].values())
    assert held == ["None", "{'S': 'one'}", "{'S': 'two'}"]


@WAYS
def test_another_table_is_refused_before_anything_is_made_of_it(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    move, journal = moving(lab, kind, "orders", options=way), JobJournal()
    with pytest.raises(StepFailed, match=r"orders unchanged: lines \(L in 30 items: its elements become ") as caught:
        journal.until(chains_of(move), None)
    assert (caught.value.kind, "lossless" in caught.value.hint) == ("prerequisite", True)
    assert lab.client("target").list_tables()["TableNames"] == []


@WAYS
def test_accepted_damage_is_done_counted_and_told(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    move, journal = moving(lab, kind, "orders", options={**way, "accept_damage": True}, proof="counts"), JobJournal()
    journal.consents.add(DAMAGE)
    journal.until(chains_of(move), None)
    source, target = both(lab, "orders")
    assert len(source) == journal.results["orders", "counts"]["items"] == 30
    before, after = ({key: item.pop("lines") for key, item in side.items()} for side in (source, target))
    assert same_items(source, target)
    assert all(before[key] != after[key] for key in source)
    (told,) = journal.results["orders", "check-types"]["intended"]
    assert told.startswith("lines (L in 30 items: ")
    assert [question for gate, question in journal.questions if gate == DAMAGE and "lines (L in 30 items" in question]


@WAYS
def test_every_call_is_declared_and_every_declaration_used(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    move = moving(lab, kind, *FLAT, options=way)
    lab.tell("calls/clear")
    JobJournal().until(chains_of(move), None)
    undeclared, unused = undeclared_and_unused(lab, move)
    assert undeclared == set()
    assert unused - ONLY_AFTER_TROUBLE == set()


@WAYS
def test_crawlers_and_jobs_meet_no_refusal(lab: Lab, kind: str, way: dict[str, Any]) -> None:
    JobJournal().until(chains_of(moving(lab, kind, "threads", options=way)), None)
    calls = [call for call in lab.sandbox.calls() if ":role/ddbtui-glue" in call["principal"] and call["action"]]
    assert calls
    assert [call for call in calls if call["outcome"] not in ("ok", "NoSuchKey")] == []
