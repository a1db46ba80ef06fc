"""s3-import, step by step, over HTTP in two simulated accounts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Busy, GateClosed, StepFailed
from ddbtui.methods.catalog import method
from ddbtui.methods.steps.importable import CheckImportableStep
from ddbtui.methods.steps.imports import REMOVE_PARTIAL
from tests.methods.lab import BUCKET, Journal, Lab, chains_of, items_of


def objects(lab: Lab, prefix: str = "") -> list[str]:
    found = lab.client("target", "s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", ())]


def tables(lab: Lab, side: Any = "target") -> list[str]:
    names: list[str] = lab.client(side).list_tables()["TableNames"]
    return names


def test_the_whole_chain_moves_and_proves_and_leaves_nothing(lab: Lab) -> None:
    move, journal = lab.move("orders", "sessions"), Journal()
    journal.until(chains_of(move), None)
    for name in ("orders", "sessions"):
        assert items_of(lab.client("source"), name) == items_of(lab.client("target"), name)
    assert journal.results["orders", "counts"]["items"] == 30
    assert journal.results["orders", "proof"]["level"] == "every item"
    assert journal.results["sessions", "structure"]["intended"] == []
    assert {(one.kind, one.fate) for one in journal.resources.values()} == {("table", "keep")}
    buckets = [one["Name"] for one in lab.client("target", "s3").list_buckets()["Buckets"]]
    assert BUCKET not in buckets
    recovery = lab.client("source").describe_continuous_backups(TableName="orders")
    assert "ENABLED" not in str(recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"])


@pytest.mark.parametrize(
    ("operation", "step", "said"),
    [("ExportTableToPointInTime", "export", "another export"), ("ImportTable", "import", "another import")],
)
def test_a_full_account_is_waited_for(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, operation: str, step: str, said: str
) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # botocore tries again itself
    move, journal = lab.move(), Journal()
    crowded = journal.until(chains_of(move), step)
    lab.sandbox.fault("full", match={"operation": operation}, times=7)
    with pytest.raises(Busy, match=f"no room for {said}: .*Too many operations"):
        journal.carry_out("orders", crowded)
    journal.carry_out("orders", crowded)


def test_the_gate_asks_first(lab: Lab) -> None:
    move, journal = lab.move(), Journal(consents={"apply-remedies"})
    with pytest.raises(GateClosed, match="Have all writes to orders in account 111111111111 been stopped for"):
        journal.until(chains_of(move), None)
    assert tables(lab) == []


def test_remedies_are_asked_for_by_name(lab: Lab) -> None:
    move, journal = lab.move(), Journal(consents=set())
    with pytest.raises(GateClosed, match=r"s3:CreateBucket on arn:aws:s3:::staging-222222222222 in account 22"):
        journal.until(chains_of(move), None)


def test_a_prerequisite_without_remedy_fails_with_advice(lab: Lab) -> None:
    lab.client("target").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StepFailed, match="does not hold") as failed:
        Journal().until(chains_of(lab.move()), None)
    assert failed.value.kind == "prerequisite"
    assert "target_name" in failed.value.hint


def test_nothing_is_cleaned_up_if_the_plan_says_so(lab: Lab) -> None:
    move, journal = lab.move(clean_up="nothing", proof="counts"), Journal()
    journal.until(chains_of(move), None)
    assert objects(lab, "ddbtui/r1/orders/")
    assert ("orders", "proof") not in journal.results
    assert "digest" not in journal.results["orders", "check-export"]
    assert {one.kind for one in journal.resources.values() if one.fate == "remove"} >= {"bucket", "s3-objects", "pitr"}


def test_an_interrupted_export_is_found_again(lab: Lab) -> None:
    chains, journal = chains_of(lab.move()), Journal()
    export = journal.until(chains, "export")
    context = journal.context("orders", export)
    assert export.find(context) is None
    handle = export.start(context)
    assert export.find(context) == handle
    assert export.start(context) == handle
    assert export.find(journal.context("orders", export, attempt=2)) is None


def test_an_export_that_fails_says_why(lab: Lab) -> None:
    chains, journal = chains_of(lab.move()), Journal()
    export = journal.until(chains, "export")
    lab.tell("job-faults", jobs=[{"job": "export", "code": "S3AccessDenied", "message": "no\u001b[2J"}])
    with pytest.raises(StepFailed, match="the export failed: S3AccessDenied: no␛"):
        journal.carry_out("orders", export)


@pytest.mark.parametrize(
    ("lie", "step", "words"),
    [
        ("wrong-md5", "check-export", "MD5"),
        ("wrong-count", "check-export", "items"),
        ("missing-item", "check-export", "item"),
    ],
)
def test_a_damaged_export_is_never_imported(lab: Lab, lie: str, step: str, words: str) -> None:
    lab.tell("job-faults", jobs=[{"job": "export", "lie": lie}])
    chains, journal = chains_of(lab.move()), Journal()
    check = journal.until(chains, step)
    with pytest.raises(StepFailed, match="the export is damaged") as failed:
        journal.carry_out("orders", check)
    assert words in failed.value.message
    assert tables(lab) == []


def test_an_interrupted_import_is_found_again(lab: Lab) -> None:
    chains, journal = chains_of(lab.move()), Journal()
    step = journal.until(chains, "import")
    context = journal.context("orders", step)
    assert step.find(context) is None
    handle = step.start(context)
    assert step.find(context) == handle
    assert step.start(context) == handle


def failed_import(lab: Lab, journal: Journal) -> Any:
    step = journal.until(chains_of(lab.move()), "import")
    lab.tell(
        "job-faults", jobs=[{"job": "import", "code": "ItemValidationError", "message": "Some of the items failed"}]
    )
    with pytest.raises(StepFailed, match="the import ended FAILED") as failed:
        journal.carry_out("orders", step)
    assert "ItemValidationError: Some of the items failed" in failed.value.message
    assert "/aws-dynamodb/imports" in failed.value.hint
    return step


def test_a_failed_import_leaves_its_table_until_somebody_agrees(lab: Lab) -> None:
    journal = Journal()
    step = failed_import(lab, journal)
    (left,) = [one for one in journal.resources.values() if one.kind == "table"]
    assert (left.fate, tables(lab)) == ("ask", ["orders"])
    with pytest.raises(GateClosed, match="Delete it and import anew"):
        journal.carry_out("orders", step, attempt=2)
    assert tables(lab) == ["orders"]
    journal.consents.add(REMOVE_PARTIAL)
    assert journal.carry_out("orders", step, attempt=2)["imported"] == 30
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


def test_an_import_that_could_not_be_followed_is_taken_up_again(lab: Lab) -> None:
    journal = Journal()
    step = journal.until(chains_of(lab.move()), "import")
    first = step.start(journal.context("orders", step))
    again = step.start(journal.context("orders", step, attempt=2))
    assert again == first
    assert journal.carry_out("orders", step, attempt=3)["imported"] == 30
    assert len(lab.client("target").list_imports()["ImportSummaryList"]) == 1


def test_a_table_that_took_the_name_is_never_touched(lab: Lab) -> None:
    journal = Journal(consents={"writes-stopped", "apply-remedies", REMOVE_PARTIAL})
    step = failed_import(lab, journal)
    client = lab.client("target")
    client.delete_table(TableName="orders")
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StepFailed, match="exists already"):
        journal.carry_out("orders", step, attempt=2)
    assert client.describe_table(TableName="orders")["Table"]["KeySchema"][0]["AttributeName"] == "id"


def test_an_import_with_errors_is_a_failure(lab: Lab) -> None:
    lab.tell("job-faults", jobs=[{"job": "import", "lie": "error-count"}])
    journal = Journal()
    step = journal.until(chains_of(lab.move()), "import")
    with pytest.raises(StepFailed, match="ended COMPLETED with 1 errors"):
        journal.carry_out("orders", step)


def test_a_lost_item_shows_in_counts_or_proof(lab: Lab) -> None:
    lab.tell("job-faults", jobs=[{"job": "import", "lie": "lost-item"}])
    with pytest.raises(StepFailed) as failed:
        Journal().until(chains_of(lab.move()), None)
    assert failed.value.kind == "different"


def test_planted_differences_are_named_by_key(lab: Lab) -> None:
    journal = Journal()
    proof = journal.until(chains_of(lab.move()), "proof")
    client = lab.client("target")
    client.delete_item(TableName="orders", Key={"customer": {"S": "customer-1"}, "order": {"N": "1001"}})
    client.put_item(TableName="orders", Item={"customer": {"S": "new"}, "order": {"N": "1"}})
    client.update_item(
        TableName="orders",
        Key={"customer": {"S": "customer-2"}, "order": {"N": "1002"}},
        UpdateExpression="SET #l[0].sku = :x",
        ExpressionAttributeNames={"#l": "lines"},
        ExpressionAttributeValues={":x": {"S": "other"}},
    )
    with pytest.raises(StepFailed) as failed:
        journal.carry_out("orders", proof)
    assert failed.value.kind == "different"
    for named in (
        "missing customer=customer-1, order=1001",
        "extra customer=new, order=1",
        "changed customer=customer-2, order=1002 in lines[0].sku",
    ):
        assert named in failed.value.message


def test_a_stopped_proof_goes_on(lab: Lab) -> None:
    journal = Journal()
    proof = journal.until(chains_of(lab.move()), "proof")
    journal.stops_at = journal.asked_to_stop + 1
    context = journal.context("orders", proof)
    assert "stopped" in str(proof.poll(context, {}))
    assert journal.follow(context, proof, {})["items"] == 30


def test_counts_that_differ_fail(lab: Lab) -> None:
    journal = Journal()
    counts = journal.until(chains_of(lab.move()), "counts")
    journal.results["orders", "import"]["imported"] -= 1
    with pytest.raises(StepFailed, match="imported 29") as failed:
        journal.carry_out("orders", counts)
    assert failed.value.kind == "different"


def test_an_unknown_state_stops_the_run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal()
    export = journal.until(chains_of(lab.move()), "export")
    answer = {"ExportDescription": {"ExportStatus": "PARTIAL"}}
    client = SimpleNamespace(describe_export=lambda **_: answer)
    monkeypatch.setattr(export, "_dynamodb", lambda: client)
    with pytest.raises(StepFailed, match="unknown state PARTIAL"):
        export.poll(journal.context("orders", export), {"export_arn": "arn"})


def test_the_dry_run_lists_the_changing_calls_in_order(lab: Lab) -> None:
    changes = method("s3-import").changes(lab.move("sessions"))
    assert [(one.action, one.account_id[:1]) for one in changes] == [
        ("dynamodb:ExportTableToPointInTime", "1"),
        ("dynamodb:ImportTable", "2"),
        ("dynamodb:TagResource", "2"),
        ("dynamodb:UpdateTimeToLive", "2"),
        ("s3:DeleteObject", "2"),
        ("dynamodb:UpdateContinuousBackups", "1"),
    ]


def test_what_a_table_does_not_have_is_not_asked_for(lab: Lab) -> None:
    actions = {one.action for one in method("s3-import").access(lab.move("orders"))}
    assert not {action for action in actions if action.startswith(("kms:", "application-autoscaling:", "iam:"))}
    assert "dynamodb:TagResource" not in actions


def test_more_files_than_an_import_takes_are_told_before(lab: Lab) -> None:
    journal = Journal()
    journal.until(chains_of(lab.move()), "check-export")
    few = CheckImportableStep(*one_table(lab), most_files=3)
    with pytest.raises(StepFailed, match="the export has 4 files, AWS imports 3 at a time") as failed:
        journal.carry_out("orders", few)
    assert "s3-glue" in failed.value.hint
    assert journal.carry_out("orders", CheckImportableStep(*one_table(lab)))["files"] == 4


def test_items_that_an_index_leaves_out_are_told_before(lab: Lab) -> None:
    source = lab.client("source")
    source.create_table(
        TableName="older",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for key, status in {"text": {"S": "new"}, "number": {"N": "1"}, "nothing": {"S": ""}}.items():
        source.put_item(TableName="older", Item={"id": {"S": key}, "status": status})
    source.put_item(TableName="older", Item={"id": {"S": "without"}})
    (index,) = source.describe_table(TableName="orders")["Table"]["GlobalSecondaryIndexes"]
    create = {name: index[name] for name in ("IndexName", "Projection")}
    create["KeySchema"] = [{"AttributeName": "status", "KeyType": "HASH"}]
    source.update_table(
        TableName="older",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "status")],
        GlobalSecondaryIndexUpdates=[{"Create": create}],
    )
    journal, told = Journal(), "status is the key of an index and must be of type S, .* in 2 of them"
    with pytest.raises(StepFailed, match=told) as failed:
        journal.until(chains_of(lab.move("older")), "import")
    assert "indexes: after-load" in failed.value.hint
    assert tables(lab) == []


def one_table(lab: Lab) -> tuple[Move, MovingTable]:
    move = lab.move()
    return move, move.tables[0]
