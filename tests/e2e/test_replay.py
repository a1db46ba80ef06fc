"""A saved plan, carried out by the program in a process of its own, as a CI job does it."""

from __future__ import annotations

import json
import signal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from ddbtui.aws.account import Account
from ddbtui.aws.inventory import read_table
from ddbtui.aws.table import Table
from ddbtui.plan.model import AccountRef
from tests.e2e.support import (
    BUCKET,
    assert_equal_tables,
    changing,
    ddbtui,
    environment,
    json_lines,
    plan_file,
    started,
)
from tests.support.sandbox import REGION, SOURCE, TARGET, TestSandbox, items, make_bucket, wait_for

SUITABLE = ("customers", "orders", "products", "stock", "sessions", "events", "invoices", "audit", "vouchers")
"""The tables of the demo without a local secondary index, each after `shop-`."""
FEW = ("customers", "orders", "products", "stock", "sessions")
"""Every setting that is carried over occurs in these."""
OURS = f"arn:aws:s3:::{BUCKET}"
PROBE = {("s3:PutObject", f"{OURS}/ddbtui/.ddbtui-probe"), ("s3:DeleteObject", f"{OURS}/ddbtui/.ddbtui-probe")}
Pairs = set[tuple[str, str]]


def moves(*names: str) -> list[dict[str, str]]:
    """The tables of a plan; the name of one is taken in the target account."""
    other = {"shop-sessions": "shop-web-sessions"}
    full = [f"shop-{name}" for name in names]
    return [{"name": name, **({"target_name": other[name]} if name in other else {})} for name in full]


@pytest.mark.slow
def test_all_tables_that_suit_arrive_whole_with_their_settings(in_sandbox: TestSandbox, tmp_path: Path) -> None:
    in_sandbox.control("reset", seed="demo", speed=0)
    plan, env = plan_file(tmp_path, tables=moves(*SUITABLE)), environment(in_sandbox, tmp_path)
    before = {entry["name"]: inventory("source", entry["name"]) for entry in moves(*SUITABLE)}
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    every_call_names_the_owner_of_its_bucket(in_sandbox)
    end = json_lines(done.stdout)[-1]
    assert (end["type"], end["state"], end["exit_code"]) == ("end", "done", 0)
    assert {table["name"] for table in end["tables"]} == set(before)
    total = 0
    for entry in moves(*SUITABLE):
        target_name = entry.get("target_name", entry["name"])
        total += equal_items(in_sandbox, entry["name"], target_name)
        same_settings(before[entry["name"]], inventory("target", target_name))
        assert settings(inventory("source", entry["name"])) == settings(before[entry["name"]])
    assert total == 22_580
    with pytest.raises(in_sandbox.client("target", "s3").exceptions.ClientError):
        in_sandbox.client("target", "s3").head_bucket(Bucket=BUCKET)


def every_call_names_the_owner_of_its_bucket(sandbox: TestSandbox) -> None:
    """All of ddbtui's but the one that makes it, which has no parameter for that."""
    calls = [call for call in sandbox.calls(service="s3", via=None) if ":user/" in (call["principal"] or "")]
    assert len(calls) > 10
    without = {call["operation"] for call in calls if call["params"].get("ExpectedBucketOwner") != TARGET}
    assert without <= {"CreateBucket"}


def inventory(profile: str, name: str) -> Table:
    account_id = {"source": SOURCE, "target": TARGET}[profile]
    side: Any = profile
    return read_table(Account(side, AccountRef(profile=profile, region=REGION, account_id=account_id)), name)


def settings(table: Table) -> dict[str, Any]:
    """All but what goes on with time."""
    return table.model_dump(exclude={"read_at", "pitr_earliest", "pitr_latest"})


def equal_items(sandbox: TestSandbox, source: str, target: str) -> int:
    """Every item of both tables, compared here and not by the product; return how many."""
    left = items(sandbox.client("source", "dynamodb"), source)
    right = items(sandbox.client("target", "dynamodb"), target)
    assert left.keys() == right.keys()
    assert all(plain(item) == plain(right[key]) for key, item in left.items())
    return len(left)


def plain(value: Any) -> Any:
    """Sets have no order; everything else is as it is."""
    if isinstance(value, dict):
        return {k: sorted(v) if k in ("SS", "NS", "BS") else plain(v) for k, v in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def scaled(table: Table, name: str = "", new_name: str = "") -> list[Any]:
    """The scaling, with one table name in place of another."""
    return [
        (
            one.resource_id.replace(name, new_name),
            one.dimension,
            one.minimum,
            one.maximum,
            len(one.policies),
            one.actions,
            one.suspended,
        )
        for one in table.scaling
    ]


def same_settings(source: Table, target: Table) -> None:
    same = ("keys", "attributes", "global_indexes", "billing", "read_units", "write_units", "table_class", "pitr")
    same += ("deletion_protection", "stream_view", "tags", "contributor_insights", "ttl_attribute", "ttl_status")
    for name in same:
        assert getattr(source, name) == getattr(target, name), (source.name, name)
    assert scaled(source, source.name, target.name) == scaled(target)
    if source.resource_policy:
        wanted = json.loads(source.resource_policy.replace(source.arn, target.arn))
        found = json.loads(target.resource_policy or "{}")
        keep = ("Sid", "Effect", "Action", "Resource")
        assert [{k: s[k] for k in keep} for s in wanted["Statement"]] == [
            {k: s[k] for k in keep} for s in found["Statement"]
        ]
    else:
        assert target.resource_policy is None


@pytest.mark.parametrize(
    ("bucket", "tables"), [("is made", FEW), ("is there", FEW[-2:]), ("was made by check --fix", FEW[-2:])]
)
def test_a_dry_run_changes_nothing_and_lists_what_the_run_then_does(
    fresh: TestSandbox, tmp_path: Path, bucket: str, tables: tuple[str, ...]
) -> None:
    fresh.control("reset", seed="demo", speed=0)
    if bucket == "is there":
        make_bucket(fresh, BUCKET, writers=None)
    plan, env = plan_file(tmp_path, tables=moves(*tables)), environment(fresh, tmp_path)
    if bucket == "was made by check --fix":
        fixed = ddbtui("check", str(plan), "--fix", "--yes", env=env, cwd=tmp_path)
        assert fixed.returncode == 0, fixed.stdout[-2000:]
    fresh.control("calls/clear")
    dry = ddbtui("run", str(plan), "--dry-run", "--output", "json", env=env, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert set(changing(fresh)) <= PROBE
    listed = {(one["action"], one["resource"]) for one in json_lines(dry.stdout) if one["type"] == "change"}
    fresh.control("calls/clear")
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    made = set(changing(fresh)) - PROBE
    assert {one for one in made if not covered(one, listed)} == set(), "made, but not listed"
    assert {one for one in listed if not any(covers(one, other) for other in made)} == set(), "listed, but not made"


SAMPLES = Path(__file__).parents[2] / "sample-configs"
TAGGING = {"dynamodb:TagResource", "glue:TagResource", "iam:TagRole"}
"""Asked for by calls that make something with tags; no calls of their own."""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["s3-glue", "glue", "s3-glue-catalog", "glue-connector"])
def test_a_sample_of_glue_lists_what_it_then_does_and_leaves_only_the_tables(
    in_sandbox: TestSandbox, tmp_path: Path, method: str
) -> None:
    in_sandbox.control("reset", seed="demo", speed=0)
    in_sandbox.control("glue", engine="substitute")
    plan, env = SAMPLES / f"{method}.yaml", environment(in_sandbox, tmp_path)
    names = ("shop-order-lines", "shop-orders")
    before = {name: inventory("source", name) for name in names}
    in_sandbox.control("calls/clear")
    dry = ddbtui("run", str(plan), "--dry-run", "--output", "json", env=env, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert set(changing(in_sandbox)) <= PROBE
    listed = {(one["action"], one["resource"]) for one in json_lines(dry.stdout) if one["type"] == "change"}
    in_sandbox.control("calls/clear")
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    every_call_names_the_owner_of_its_bucket(in_sandbox)
    made = {one for one in changing(in_sandbox) if one[0] not in TAGGING} - PROBE
    assert {one for one in made if not covered(one, listed)} == set(), "made, but not listed"
    assert {one for one in listed if not any(covers(one, other) for other in made)} == set(), "listed, but not made"
    for name in names:
        assert equal_items(in_sandbox, name, name)
        same_settings(before[name], inventory("target", name))
        assert before[name].local_indexes == inventory("target", name).local_indexes
        assert settings(inventory("source", name)) == settings(before[name])
    assert {one["name"].rsplit("/", 1)[-1] for one in json_lines(done.stdout)[-1]["resources"]} == set(names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "faults"),
    [
        ("StartJobRun", [{"kind": "reset", "carried_out": True}]),
        ("CreateJob", [{"kind": "reset", "carried_out": True}]),
        ("GetJobRun", [{"kind": "throttle", "times": 3}, {"kind": "error500"}]),
        ("PutRolePolicy", [{"kind": "reset"}]),
        ("CreateRole", [{"kind": "reset", "carried_out": True}]),
    ],
    ids=["start", "define", "follow", "policy", "role"],
)
def test_a_lost_answer_of_glue_or_iam_makes_nothing_twice(
    fresh: TestSandbox, tmp_path: Path, operation: str, faults: list[dict[str, Any]]
) -> None:
    fresh.control("glue", engine="substitute")
    fresh.control("faults", rules=[{"match": {"operation": operation}, "times": 1, **fault} for fault in faults])
    plan, env = plan_file(tmp_path, "sessions", method={"type": "glue", "bucket": BUCKET}), environment(fresh, tmp_path)
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert all(fresh.state()["hits"]), "each fault hit"
    assert [job["kind"] for job in fresh.state()["jobs"]] == ["glue"]
    assert_equal_tables(fresh, "sessions")


def covers(listed: tuple[str, str], made: tuple[str, str]) -> bool:
    return listed[0] == made[0] and fnmatchcase(made[1], listed[1])


def covered(made: tuple[str, str], listed: Pairs) -> bool:
    return any(covers(one, made) for one in listed)


def test_without_consent_to_remedies_nothing_starts(fresh: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "orders"), environment(fresh, tmp_path)
    fresh.control("calls/clear")
    ended = ddbtui("run", str(plan), "--output", "json", env=env, cwd=tmp_path)
    assert ended.returncode == 3
    failing = {one["prerequisite"] for one in json_lines(ended.stdout) if one.get("outcome") == "fail"}
    assert {"bucket", "pitr"} <= failing
    assert set(changing(fresh)) <= PROBE
    assert "no runs" in ddbtui("runs", env=env, cwd=tmp_path).stdout


def test_a_run_without_a_person_waits_for_the_word_that_writes_have_stopped(fresh: TestSandbox, tmp_path: Path) -> None:
    plan, env = plan_file(tmp_path, "orders", acknowledge=[]), environment(fresh, tmp_path)
    waiting = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert waiting.returncode == 4, waiting.stderr
    gates = [one for one in json_lines(waiting.stdout) if one["type"] == "gate"]
    assert [(one["gate"], one["subject"]) for one in gates] == [("writes-stopped", "orders")]
    assert "export" not in {job["kind"] for job in fresh.state()["jobs"]}
    done = ddbtui("resume", "--acknowledge", "writes-stopped", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    json_lines(done.stdout)
    assert_equal_tables(fresh, "orders")


@pytest.mark.parametrize("lie", ["changed-item", "lost-item"])
def test_a_copy_that_differs_ends_with_five_and_names_the_item(fresh: TestSandbox, tmp_path: Path, lie: str) -> None:
    fresh.control("job-faults", jobs=[{"job": "import", "table": "sessions", "lie": lie}])
    plan, env = plan_file(tmp_path, "sessions"), environment(fresh, tmp_path)
    ended = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert ended.returncode == 5, ended.stdout[-2000:]
    end = json_lines(ended.stdout)[-1]
    assert (end["state"], end["exit_code"]) == ("different", 5)
    assert "session-" in json.dumps(end["tables"][0]["troubles"])


def test_a_failed_import_says_why_and_its_table_goes_only_with_consent(fresh: TestSandbox, tmp_path: Path) -> None:
    fault = {"job": "import", "table": "orders", "code": "ItemValidationError", "message": "Some items are bad"}
    fresh.control("job-faults", jobs=[fault])
    plan, env = plan_file(tmp_path, "orders"), environment(fresh, tmp_path)
    failed = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert failed.returncode == 1, failed.stderr
    told = json.dumps(json_lines(failed.stdout)[-1]["tables"][0]["troubles"])
    assert all(part in told for part in ("ItemValidationError", "Some items are bad", "/aws-dynamodb/imports", TARGET))
    partial = fresh.client("target", "dynamodb").describe_table(TableName="orders")["Table"]["TableId"]
    asked = ddbtui("resume", "--output", "json", env=env, cwd=tmp_path)
    assert asked.returncode == 4, asked.stdout[-2000:]
    assert fresh.client("target", "dynamodb").describe_table(TableName="orders")["Table"]["TableId"] == partial
    done = ddbtui("resume", "--acknowledge", "remove-partial-table", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert fresh.client("target", "dynamodb").describe_table(TableName="orders")["Table"]["TableId"] != partial
    assert_equal_tables(fresh, "orders")


def test_a_bad_plan_is_told_with_its_place(tmp_path: Path, fresh: TestSandbox) -> None:
    plan, env = plan_file(tmp_path, "orders", proof="digst"), environment(fresh, tmp_path)
    ended = ddbtui("run", str(plan), "--output", "json", env=env, cwd=tmp_path)
    assert ended.returncode == 2
    error = json_lines(ended.stdout)[-1]
    assert (error["type"], error["exit_code"]) == ("error", 2)
    assert "plan.yaml:" in error["message"]
    assert "proof" in error["message"]
    assert "Traceback" not in ended.stderr


def exports(sandbox: TestSandbox) -> int:
    return sum(1 for job in sandbox.state()["jobs"] if job["kind"] == "export")


def test_a_second_run_of_the_plan_says_who_holds_it(fresh: TestSandbox, tmp_path: Path) -> None:
    fresh.control("reset", seed="small", speed=1000)
    plan, env = plan_file(tmp_path, "sessions"), environment(fresh, tmp_path)
    first = started("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    wait_for(lambda: exports(fresh), 20)
    second = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    again = ddbtui("run", str(plan), "--yes", "--new", env=env, cwd=tmp_path)
    fresh.control("speed", speed=0)
    fresh.control("clock", seconds=1000)
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output[-2000:]
    assert second.returncode == again.returncode != 0
    assert str(first.pid) in second.stderr
    assert str(first.pid) in again.stderr
    assert exports(fresh) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_run_that_resumes(
    fresh: TestSandbox, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    fresh.control("reset", seed="small", speed=1000)
    plan, env = plan_file(tmp_path, "sessions"), environment(fresh, tmp_path)
    first = started("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    wait_for(lambda: exports(fresh), 20)
    first.send_signal(number)
    output, errors = first.communicate(timeout=30)
    assert first.returncode == code, errors
    assert json_lines(output)[-1]["state"] == "stopped"
    assert "Traceback" not in errors
    fresh.control("speed", speed=0)
    fresh.control("clock", seconds=1000)
    done = ddbtui("resume", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert exports(fresh) == 1
    assert_equal_tables(fresh, "sessions")


def test_throttling_and_lost_connections_fail_no_run(fresh: TestSandbox, tmp_path: Path) -> None:
    calls = ("ExportTableToPointInTime", "DescribeExport", "ImportTable", "DescribeImport", "Scan", "TagResource")
    rules = [{"match": {"operation": name}, "kind": "throttle", "times": 1} for name in calls]
    rules += [{"match": {"service": "s3", "operation": "GetObject"}, "kind": "throttle", "times": 1}]
    rules += [{"match": {"operation": "UpdateTimeToLive"}, "kind": "reset", "times": 1, "carried_out": True}]
    rules += [{"match": {"operation": "DescribeContinuousBackups"}, "kind": "error500", "times": 1}]
    fresh.control("faults", rules=rules)
    plan, env = plan_file(tmp_path, "sessions"), environment(fresh, tmp_path)
    done = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert all(fresh.state()["hits"]), "each fault hit"
    assert exports(fresh) == 1
    assert_equal_tables(fresh, "sessions")


def test_expired_credentials_make_a_run_wait(fresh: TestSandbox, tmp_path: Path) -> None:
    fresh.fault("expired", times=-1, match={"operation": "DescribeExport"})
    plan, env = plan_file(tmp_path, "sessions"), environment(fresh, tmp_path)
    waiting = ddbtui("run", str(plan), "--yes", "--output", "json", env=env, cwd=tmp_path)
    assert waiting.returncode == 4, waiting.stdout[-2000:]
    assert json_lines(waiting.stdout)[-1]["state"] == "waiting"
    assert "expired" in waiting.stdout
    fresh.control("faults", rules=[])
    done = ddbtui("resume", "--output", "json", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    assert exports(fresh) == 1
    assert_equal_tables(fresh, "sessions")
