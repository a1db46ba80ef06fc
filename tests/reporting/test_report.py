"""The report of a run that has come to rest, and the rendering of findings and changes."""

import json
from datetime import timedelta

import pytest

from ddbtui.engine.snapshot import GateView, RunState
from ddbtui.engine.step import Resource
from ddbtui.errors import Exit
from ddbtui.prerequisites.base import Change, Finding, Remedy
from ddbtui.reporting import json_lines, plain
from ddbtui.reporting.report import report_lines, report_of
from ddbtui.reporting.style import Style
from tests.reporting.snapshots import T0, at, chain, plan, snapshot, step

OFF = Style()
MOVED = chain(
    "orders",
    step("counts", "done", started=T0, ended=at(60), result={"items": 20000}),
    step("proof", "done", started=at(60), ended=at(90), result={"items": 20000, "fingerprint": "abc"}),
    step("carry-over-ttl", "done", started=at(90), ended=at(100), result={"setting": "ttl"}),
    step("structure", "done", started=at(100), ended=at(125), result={"intended": ["tags: {} (as the plan says)"]}),
)
DONE = snapshot(chain("(run)", step("bucket", "done")), MOVED, state="done", seconds=500)


def test_a_run_that_is_done() -> None:
    bucket = Resource("table", "target", "arn:of:orders-new", "keep")
    assert report_lines(report_of(DONE, plan(), [bucket]), OFF) == [
        "run r0123456789: done after 2 min 5 s",
        "  111111111111 eu-west-1 -> 222222222222 eu-west-1 with s3-import",
        "  1 of 1 table moved, 20,000 items",
        "  done     orders -> orders-new  20,000 items, every item is equal, fingerprint abc",
        "  orders",
        "    set again: ttl",
        "    differs on purpose: tags: {} (as the plan says)",
        "next: the source tables are untouched: delete them yourself once nothing uses them any more",
    ]


def test_without_a_digest_only_the_counts_are_proven() -> None:
    seen = snapshot(chain("orders", step("counts", "done", result={"items": 5})), state="done")
    (table,) = report_of(seen, plan(proof="counts"), []).tables
    assert (table.items, table.proof) == (5, "the counts are equal")


def test_a_run_that_failed_says_what_and_how_to_go_on() -> None:
    seen = snapshot(
        chain("(run)", step("bucket", "failed", error="no bucket", hint="make one\nthen resume")),
        chain("orders", step("export")),
        state="failed",
    )
    left = Resource("bucket", "target", "staging", "remove")
    text = "\n".join(report_lines(report_of(seen, plan(), [left]), OFF))
    assert "the run as a whole\n    failed: Bucket: no bucket\n      make one\n      then resume" in text
    assert "left in the accounts: 1 resource\n    target: bucket staging" in text
    assert "ddbtui resume r0123456789" in text
    assert "ddbtui clean-up r0123456789, once you give this run up" in text


@pytest.mark.parametrize(
    ("state", "gates", "said"),
    [
        ("waiting", ("writes-stopped",), "ddbtui resume r0123456789 --acknowledge writes-stopped"),
        ("waiting", ("a", "b"), "ddbtui resume r0123456789 --acknowledge a --acknowledge b"),
        ("waiting", ("credentials",), "log in again, then go on with: ddbtui resume r0123456789"),
        ("stopped", (), "resume with: ddbtui resume r0123456789"),
        ("different", (), "do not use the new tables that differ"),
    ],
)
def test_what_to_do_next(state: RunState, gates: tuple[str, ...], said: str) -> None:
    asked = tuple(GateView(gate, "orders", "Really?") for gate in gates)
    seen = snapshot(chain("orders", step("gate", "waiting")), state=state, gates=asked)
    report = report_of(seen, plan(), [])
    assert said in report.next_steps[0]
    lines = report_lines(report, OFF)
    assert [line for line in lines if "waits for consent" in line] == [
        f"  waits for consent to {gate}: Really?" for gate in gates
    ]


def test_the_report_as_json() -> None:
    fields = json.loads(json_lines.line(json_lines.end(report_of(DONE, plan(), []), Exit.DONE)))
    assert (fields["type"], fields["state"], fields["exit_code"]) == ("end", "done", 0)
    assert fields["tables"] == [
        {
            "name": "orders",
            "target_name": "orders-new",
            "state": "done",
            "items": 20000,
            "proof": "every item is equal, fingerprint abc",
            "settings": ["ttl"],
            "intended": ["tags: {} (as the plan says)"],
            "troubles": [],
            "seconds": 125.0,
        }
    ]


def test_what_stays_says_why_to_people_and_to_programs() -> None:
    left = [
        Resource("air-gapped-vault", "source", "locked", "keep", {"vault": "v", "stays": "its backups can't go yet"}),
        Resource("table", "target", "orders-new", "keep", {"client_token": "t"}),
    ]
    report = report_of(DONE, plan(), left)
    told = [line for line in report_lines(report, OFF) if "stays" in line]
    assert told == ["  stays, source: air-gapped-vault locked: its backups can't go yet"]
    assert json_lines.end(report, Exit.DONE)["resources"] == [
        {
            "kind": "air-gapped-vault",
            "side": "source",
            "name": "locked",
            "fate": "keep",
            "stays": "its backups can't go yet",
        },
        {"kind": "table", "side": "target", "name": "orders-new", "fate": "keep", "stays": None},
    ]


def test_names_that_would_move_the_cursor_are_made_visible() -> None:
    nasty = "x\x1b[2J\r"
    seen = snapshot(chain(nasty, step("export", "failed", error=nasty, hint=nasty, title=nasty)), state="failed")
    left = Resource(nasty, "target", nasty, "ask")
    for line in report_lines(report_of(seen, plan(), [left]), OFF):
        assert line.isprintable(), line


def finding(outcome: str, remedy: Remedy | None = None) -> Finding:
    return Finding("bucket", "orders", "The bucket exists", outcome, "it does not", "make it", remedy)  # type: ignore[arg-type]


def test_findings_say_outcome_evidence_and_what_to_do() -> None:
    remedy = Remedy("Make the bucket", ())
    assert plain.finding_lines(finding("fail", remedy), OFF) == [
        "fail    orders: The bucket exists",
        "        it does not",
        "        make it",
        "        remedy: Make the bucket",
    ]
    assert plain.finding_lines(finding("pass"), OFF, brief=True) == ["pass    orders: The bucket exists"]
    assert plain.summary_line([finding("pass"), finding("fail"), finding("fail")]) == "1 pass, 2 fail"
    assert json_lines.checked([finding("fail")]) == {"type": "checked", "pass": 0, "warn": 0, "fail": 1, "unknown": 0}


def test_changes_show_account_action_resource_and_the_difference() -> None:
    changes = [
        Change("target", "222222222222", "s3:PutBucketPolicy", "arn:b", '{\n "a": 1,\n "b": 2\n}', '{\n "a": 1\n}'),
        Change("source", "111111111111", "dynamodb:X", "arn:t", "", "switch it on"),
        Change("source", "111111111111", "dynamodb:Y", "arn:t", "", "new\ntext"),
    ]
    assert plain.change_lines(changes, OFF) == [
        "   1. target 222222222222  s3:PutBucketPolicy  arn:b",
        "      @@ -1,4 +1,3 @@",
        "       {",
        '      - "a": 1,',
        '      - "b": 2',
        '      + "a": 1',
        "       }",
        "   2. source 111111111111  dynamodb:X  arn:t",
        "      switch it on",
        "   3. source 111111111111  dynamodb:Y  arn:t",
        "      +new",
        "      +text",
    ]


def test_the_run_took_until_its_last_step_not_until_now() -> None:
    assert report_of(DONE, plan(), []).ended - T0 == timedelta(seconds=125)
