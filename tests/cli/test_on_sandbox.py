"""The commands on the sandbox, over HTTP, without a terminal: what they do, what they say, what they end with."""

import json
import os
import re
from pathlib import Path
from typing import NoReturn

import pytest

from ddbtui.methods.steps.exports import ExportStep
from ddbtui.state_folder import state_dir
from tests.cli.conftest import Run, changing
from tests.support.sandbox import TestSandbox, items, refused, same_items


def test_run_with_consent_moves_the_tables_and_reports(ddbtui: Run, plan_file, in_sandbox: TestSandbox) -> None:
    done = ddbtui("run", plan_file("orders", "sessions"), "--yes", "--output", "plain")
    assert done.code == 0, done.out + done.err
    assert "\x1b" not in done.out
    assert "the remedies are the first steps of the run" in done.out
    assert "2 of 2 tables moved" in done.out
    assert "every item is equal" in done.out
    for table in ("orders", "sessions"):
        left, right = (items(in_sandbox.client(side, "dynamodb"), table) for side in ("source", "target"))
        assert left
        assert same_items(left, right)
    assert " done " in ddbtui("runs").out
    assert json.loads(ddbtui("status", "--output", "json").out)["state"] == "done"
    assert "2 of 2 tables moved" in ddbtui("status").out


def test_the_same_run_in_json_lines(ddbtui: Run, plan_file) -> None:
    done = ddbtui("run", plan_file("sessions"), "--yes", "--output", "json")
    assert done.code == 0
    assert done.out.isascii()
    first = done.objects[0]
    assert (first["type"], first["outcome"]) == ("finding", "pass")
    (checked,), (started,), (end,) = (done.of_type(kind) for kind in ("checked", "run", "end"))
    assert checked["fail"] > 0
    assert started["resumed"] is False
    assert done.objects[-1] == end
    assert (end["state"], end["exit_code"], end["tables"][0]["name"]) == ("done", 0, "sessions")
    seqs = [event["seq"] for event in done.of_type("event")]
    assert seqs == list(range(1, len(seqs) + 1))
    steps = done.of_type("step")
    assert {step["state"] for step in steps} <= {"running", "done"}
    assert steps[-1]["state"] == "done"


@pytest.mark.parametrize("output", ["plain", "json"])
def test_failing_prerequisites_end_with_3_before_anything_changes(
    output: str, ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    done = ddbtui("run", plan_file("orders"), "--output", output)
    assert done.code == 3
    assert ("--yes" in done.out) == (output == "plain")
    assert not {"CreateBucket", "UpdateContinuousBackups", "ExportTableToPointInTime"} & set(changing(in_sandbox))
    assert "no runs" in ddbtui("runs").out


def test_a_prerequisite_without_a_remedy_ends_with_3_even_with_consent(
    ddbtui: Run, plan_file, in_sandbox: TestSandbox
) -> None:
    assert ddbtui("run", plan_file("sessions"), "--yes").code == 0
    again = ddbtui("run", plan_file("sessions"), "--yes", "--output", "json")
    assert again.code == 3
    assert "prerequisites fail" in again.of_type("error")[0]["message"]


def test_a_dry_run_lists_every_change_and_makes_none(ddbtui: Run, plan_file, in_sandbox: TestSandbox) -> None:
    plan = plan_file("sessions")
    dry = ddbtui("run", plan, "--dry-run", "--output", "json")
    assert dry.code == 0
    assert not {"CreateBucket", "UpdateContinuousBackups", "ExportTableToPointInTime"} & set(changing(in_sandbox))
    listed = [(change["account_id"], change["action"].split(":")[1]) for change in dry.of_type("change")]
    assert ("222222222222", "CreateBucket") in listed
    assert listed.index(("111111111111", "ExportTableToPointInTime")) < listed.index(("222222222222", "ImportTable"))
    assert "no runs" in ddbtui("runs").out
    (estimate,) = dry.of_type("estimate")
    assert 0 < estimate["dollars"] == pytest.approx(sum(one["dollars"] for one in estimate["lines"]), abs=0.001)
    assert 0 < estimate["seconds_least"] < estimate["seconds_most"]
    told = ddbtui("run", plan, "--dry-run").out
    assert "ImportTable" in told
    assert re.search(r"(?m)^estimate: .*\$0\.01, 10 min to 40 min$", told)
    assert "could not start" not in told


def test_a_dry_run_says_what_no_remedy_mends(ddbtui: Run, plan_file) -> None:
    dry = ddbtui("run", plan_file("sessions", "threads"), "--dry-run")
    assert dry.code == 3
    assert dry.out.endswith(
        "a run could not start: for this there is no remedy, see the advice above\n"
        "  threads: The method can move the table\n"
    )


def test_check_fix_makes_everything_hold(ddbtui: Run, plan_file) -> None:
    plan = plan_file("orders")
    before = ddbtui("check", plan, "--output", "json")
    assert before.code == 3
    assert before.of_type("checked")[0]["fail"] > 0
    fixed = ddbtui("check", plan, "--fix", "--yes")
    assert fixed.code == 0, fixed.out
    assert "applying: " in fixed.out
    assert ddbtui("check", plan).code == 0
    assert ddbtui("run", plan).code == 0


@pytest.mark.parametrize(("options", "said"), [(["--fix"], "terminal"), (["--yes"], "--fix")])
def test_check_without_a_person(options: list[str], said: str, ddbtui: Run, plan_file) -> None:
    done = ddbtui("check", plan_file("orders"), *options)
    assert done.code == 2
    assert said in done.err


def test_a_gate_waits_with_4_and_resume_goes_on(ddbtui: Run, plan_file) -> None:
    plan = plan_file("sessions", acknowledge=[])
    waiting = ddbtui("run", plan, "--yes")
    assert waiting.code == 4, waiting.out
    assert "waits for consent to writes-stopped" in waiting.out
    run_id = json.loads(ddbtui("runs", "--output", "json").out)[0]["run"]
    assert f"ddbtui resume {run_id} --acknowledge writes-stopped" in waiting.out
    assert ddbtui("resume").code == 4
    second = ddbtui("run", plan, "--yes")
    assert second.code == 2
    assert f"ddbtui resume {run_id}" in second.err
    refused = ddbtui("clean-up", run_id)
    assert refused.code == 2
    assert "cancel" in refused.err
    misspelt = ddbtui("resume", run_id, "--acknowledge", "writes-stoped")
    assert (misspelt.code, misspelt.out) == (2, "")
    assert misspelt.err == (
        "ddbtui: the run has no gate 'writes-stoped'; did you mean 'writes-stopped'?\n"
        "  Its gates: apply-remedies, remove-partial-table, writes-stopped.\n"
    )
    gone_on = ddbtui("resume", run_id, "--acknowledge", "writes-stopped", "--output", "json")
    assert gone_on.code == 0
    assert gone_on.of_type("run")[0]["resumed"] is True
    assert gone_on.of_type("event")[0]["seq"] > 1
    assert ddbtui("resume", run_id).code == 2
    assert "no unfinished run" in ddbtui("resume").err


def test_a_gate_on_the_command_line_passes(ddbtui: Run, plan_file) -> None:
    plan = plan_file("sessions", acknowledge=[])
    assert ddbtui("run", plan, "--yes", "--acknowledge", "writes-stopped").code == 0


def test_a_gate_that_the_run_does_not_have_is_refused_before_anything_is_checked(ddbtui: Run, plan_file) -> None:
    refused = ddbtui("run", plan_file("sessions"), "--yes", "--acknowledge", "nonsense", "--output", "json")
    assert refused.code == 2
    (told,) = refused.objects
    assert (told["type"], told["exit_code"], told["message"]) == ("error", 2, "the run has no gate 'nonsense'")
    assert "no runs" in ddbtui("runs").out


def test_a_fault_in_a_step_is_told_as_one_and_the_run_goes_on_once_it_is_mended(
    ddbtui: Run, plan_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise TypeError("'NoneType' object is\nnot iterable")

    with monkeypatch.context() as patch:
        patch.setattr(ExportStep, "start", broken)
        failed = ddbtui("run", plan_file("orders", "sessions"), "--yes", "--output", "plain")
    assert failed.code == 1
    (log,) = state_dir().glob("crash-*.log")  # both tables came upon the same fault
    fault = f"a fault of ddbtui itself: TypeError: 'NoneType' object is␊not iterable; details are in {log}"
    assert failed.out.count(f": error: {ExportStep.title}: {fault}\n") == 2
    assert "the run can be resumed" in failed.out
    assert not [word for word in ("AWS: TypeError", "Traceback") if word in failed.out + failed.err]
    assert "in broken\n" in log.read_text(encoding="utf-8")
    assert ddbtui("resume").code == 0


def test_cancel_and_clean_up(ddbtui: Run, plan_file, in_sandbox: TestSandbox) -> None:
    ddbtui("run", plan_file("sessions", acknowledge=[]), "--yes")
    unasked = ddbtui("cancel")
    assert unasked.code == 2
    assert "--yes" in unasked.err
    cancelled = ddbtui("cancel", "--yes")
    assert cancelled.code == 0
    assert "clean-up" in cancelled.out
    assert ddbtui("clean-up").code == 2
    cleaned = ddbtui("clean-up", "--yes", "--output", "json")
    assert cleaned.code == 0
    assert "ddbtui-222222222222-eu-west-1" in json.loads(cleaned.out)["removed"]
    assert in_sandbox.client("target", "s3").list_buckets()["Buckets"] == []
    assert "no run that left something" in ddbtui("clean-up", "--yes").err


def test_a_clean_up_tells_a_table_s_setting_from_the_table(ddbtui: Run, plan_file) -> None:
    ddbtui("run", plan_file("orders", acknowledge=["writes-stopped"], clean_up="nothing"), "--yes")
    cleaned = ddbtui("clean-up", "--yes")
    assert cleaned.code == 0, cleaned.out
    orders = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
    assert [line for line in cleaned.out.splitlines() if line.endswith(orders)] == [
        f"removed  source: point-in-time recovery of {orders}"
    ]


def test_clean_up_refuses_credentials_of_another_account(
    ddbtui: Run, plan_file, in_sandbox: TestSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ddbtui("run", plan_file("sessions", acknowledge=[]), "--yes")
    ddbtui("cancel", "--yes")
    swapped = {"source": "target", "target": "source"}
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        text = Path(os.environ[variable]).read_text() if variable in os.environ else ""
        text = re.sub(r"(?<=\[)((?:profile )?)(source|target)(?=\])", lambda m: m[1] + swapped[m[2]], text)
        (tmp_path / variable).write_text(text)
        monkeypatch.setenv(variable, str(tmp_path / variable))
    refused = ddbtui("clean-up", "--yes")
    assert refused.code == 2
    assert "belong to account" in refused.err
    assert in_sandbox.client("target", "s3").list_buckets()["Buckets"] != []


def test_permissions_are_policies(ddbtui: Run, plan_file) -> None:
    plan = plan_file("orders")
    both = json.loads(ddbtui("permissions", plan).out)
    assert set(both) == {"source", "target"}
    one = json.loads(ddbtui("permissions", plan, "--side", "target", "--remedies").out)
    assert one["Version"] == "2012-10-17"
    assert len(json.dumps(one)) > len(json.dumps(both["target"]))


def test_a_policy_that_iam_would_not_take_is_told(ddbtui: Run, plan_file, in_sandbox: TestSandbox) -> None:
    names = [f"{number}".ljust(200, "x") for number in range(10)]
    for name in names:
        in_sandbox.client("source", "dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    few, many = (ddbtui("permissions", plan_file(*names[:count]), "--side", "target") for count in (1, 10))
    assert (few.code, few.err) == (0, "")
    assert many.code == 0
    size = len(json.dumps(json.loads(many.out), separators=(",", ":")))
    assert many.err.startswith(f"ddbtui: the target's policy has {size:,} characters; IAM takes 6,144 ")
    iam = in_sandbox.client("target", "iam")
    with refused("LimitExceeded"):
        iam.create_policy(PolicyName="whole", PolicyDocument=many.out)
    pieces = ddbtui("permissions", plan_file(*names), "--side", "target", "--split")
    assert (pieces.code, pieces.err) == (0, "")
    documents = json.loads(pieces.out)
    assert f"`--split` prints {len(documents)} policies" in many.err
    for number, document in enumerate(documents):
        iam.create_policy(PolicyName=f"piece-{number}", PolicyDocument=json.dumps(document, indent=2))
    both = ddbtui("permissions", plan_file(*names), "--split")
    assert json.loads(both.out)["target"] == documents


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["run", "no-such-file.yaml"], "no-such-file.yaml"),
        (["status"], "no runs yet"),
        (["status", "r0"], "no run 'r0'"),
        (["resume"], "no unfinished run"),
        (["cancel", "r0", "--yes"], "no run 'r0'"),
    ],
)
def test_what_is_not_there_ends_with_2(argv: list[str], said: str, ddbtui: Run) -> None:
    done = ddbtui(*argv)
    assert done.code == 2
    assert said in done.err


def test_an_error_in_json_lines(ddbtui: Run) -> None:
    done = ddbtui("run", "no-such-file.yaml", "--output", "json")
    (error,) = done.objects
    assert (error["type"], error["exit_code"]) == ("error", 2)
    assert error["message"] in done.err


def test_methods_schema_and_completion_need_no_account(ddbtui: Run) -> None:
    methods = json.loads(ddbtui("methods", "--output", "json").out)
    assert "s3-import" in [method["id"] for method in methods if method["available"]]
    assert len(methods) == 9
    assert "glue: " in ddbtui("methods").out
    assert json.loads(ddbtui("schema").out)["title"] == "ddbtui plan"
    for shell in ("bash", "zsh", "tcsh", "fish"):
        done = ddbtui("completion", shell)
        assert done.code == 0
        assert "clean-up" in done.out
