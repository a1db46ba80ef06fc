"""backup from a recovery point that is in the target's vault already: nothing is backed up, copied or removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbtui.engine.step import GateClosed, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.backup.method import Backup
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.prerequisites.base import Finding
from ddbtui.prerequisites.recovery_point import RecoveryPoint, chosen_point
from tests.methods.backup.moves import chains, moving
from tests.methods.backup.scheduling import kinds, plans, points
from tests.methods.exactness import undeclared_and_unused
from tests.methods.lab import Journal, Lab, items_of

MISSING = "arn:aws:backup:eu-west-1:222222222222:recovery-point:00000000-0000"
GATES = {"writes-stopped", "older-copy", "apply-remedies"}
ONLY_AFTER_TROUBLE = {"dynamodb:GetItem", "backup:ListRestoreJobs", "backup:GetRestoreJobMetadata"}


@pytest.fixture
def stocked(organized: Lab) -> Lab:
    """The target's vault has a copy of two tables, from an earlier run that kept all."""
    journal = Journal()
    move = moving(organized, "orders", "sessions", clean_up="nothing")
    for chain in chains(move):
        for step in chain.steps:
            if step.name == "restore":
                break
            journal.carry_out(chain.subject, step)
    return organized


def from_point(lab: Lab, *names: str, point: str = "newest", **plan: Any) -> Any:
    return moving(lab, *names, options={"recovery_point": point}, **plan)


def change(lab: Lab, table: str = "orders") -> None:
    """Write to the source after the backup."""
    item = items_of(lab.client("source"), table)[0]
    lab.client("source").put_item(TableName=table, Item={**item, "later": {"S": "yes"}})


def finding(lab: Lab, move: Any, name: str = "recovery-point") -> Finding:
    (one,) = [each for each in Backup().prerequisites(move) if each.id == name]
    return one.check()


def test_the_newest_is_restored_and_stays(stocked: Lab) -> None:
    before, jobs = points(stocked, "target"), kinds(stocked)
    move, journal = from_point(stocked, "orders", "sessions"), Journal()
    journal.until(chains(move), None)
    for name in ("orders", "sessions"):
        assert items_of(stocked.client("source"), name) == items_of(stocked.client("target"), name)
        assert journal.results[name, "proof"]["level"] == "every item"
        assert journal.results[name, "recovery-point-chosen"]["arn"] in before
    assert kinds(stocked) == sorted([*jobs, "restore", "restore"])
    assert plans(stocked) == []
    assert points(stocked, "target") == before
    assert {one.kind for one in journal.resources.values()} == {"table"}


def test_the_newest_of_two_is_taken_and_the_older_by_its_arn(stocked: Lab) -> None:
    (older,) = [one for one in all_points(stocked) if one["ResourceArn"].endswith("/orders")]
    change(stocked)
    journal = Journal()
    journal.until(chains(moving(stocked, "orders", clean_up="nothing")), "restore")
    newer = journal.results["orders", "copy"]["arn"]
    for wanted, chosen in (("newest", newer), (older["RecoveryPointArn"], older["RecoveryPointArn"])):
        step = Journal().until(chains(from_point(stocked, "orders", point=wanted)), "recovery-point-chosen")
        assert Journal().carry_out("orders", step)["arn"] == chosen
    before = items_of(stocked.client("source"), "orders")
    move = from_point(stocked, "orders", point=older["RecoveryPointArn"], proof="off", target_name="older")
    Journal(consents=GATES).until(chains(move), None)
    restored = items_of(stocked.client("target"), "older")
    assert len(restored) == len(before)
    assert [item for item in before if item not in restored] == [item for item in before if "later" in item]


def all_points(lab: Lab) -> list[dict[str, Any]]:
    backup = lab.client("target", "backup")
    found: list[dict[str, Any]] = backup.list_recovery_points_by_backup_vault(BackupVaultName="ddbtui")[
        "RecoveryPoints"
    ]
    return found


def test_every_call_is_declared_and_every_declaration_used(stocked: Lab) -> None:
    move = from_point(stocked, "orders")
    stocked.tell("calls/clear")
    Journal().until(chains(move), None)
    undeclared, unused = undeclared_and_unused(stocked, move)
    assert undeclared == set()
    assert unused <= ONLY_AFTER_TROUBLE | {"iam:CreateRole", "iam:AttachRolePolicy"}
    changes = {change.action for change in Backup().changes(move)}
    assert not {one for one in changes if one.startswith("backup:")} - {"backup:StartRestoreJob"}


def test_the_question_tells_of_when_the_recovery_point_is(stocked: Lab) -> None:
    (created,) = [one["CreationDate"] for one in all_points(stocked) if one["ResourceArn"].endswith("table/orders")]
    journal = Journal(consents={"apply-remedies"})
    with pytest.raises(GateClosed) as asked:
        journal.until(chains(from_point(stocked, "orders")), None)
    assert asked.value.gate == "writes-stopped"
    assert f"since before {created:%Y-%m-%d %H:%M:%S} UTC" in asked.value.question
    assert "makes the proof fail" in asked.value.question


def test_without_a_proof_an_older_copy_takes_a_word_of_its_own(stocked: Lab) -> None:
    journal = Journal(consents={"apply-remedies", "writes-stopped"})
    with pytest.raises(GateClosed) as asked:
        journal.until(chains(from_point(stocked, "orders", proof="off")), None)
    assert asked.value.gate == "older-copy"
    assert "What was written to the source since is not in it" in asked.value.question


def test_a_source_that_has_moved_on_fails_the_proof_and_names_the_item(stocked: Lab) -> None:
    change(stocked)
    with pytest.raises(StepFailed, match=r"the copy differs from its source: changed .* in later") as failed:
        Journal().until(chains(from_point(stocked, "orders")), None)
    assert failed.value.kind == "different"


def test_the_check_warns_that_the_proof_needs_a_quiet_source(stocked: Lab) -> None:
    found = finding(stocked, from_point(stocked, "orders"))
    assert found.outcome == "warn"
    assert all_points(stocked)[0]["RecoveryPointArn"].startswith("arn:aws:backup:")
    assert "UTC, COMPLETED" in found.evidence
    assert "proof: off" in found.advice
    assert finding(stocked, from_point(stocked, "orders", proof="off")).outcome == "pass"


@pytest.mark.parametrize(
    ("point", "said"),
    [("newest", "no recovery point of table products to restore"), (MISSING, f"no recovery point {MISSING} of table")],
    ids=["newest", "arn"],
)
def test_what_is_not_there_is_refused(stocked: Lab, point: str, said: str) -> None:
    name = "threads" if point == "newest" else "orders"
    found = finding(stocked, from_point(stocked, name, point=point))
    assert found.outcome == "fail"
    assert said.replace("products", name) in found.evidence
    assert "ddbtui recovery-points" in found.advice
    with pytest.raises(StepFailed) as failed:
        Journal().until(chains(from_point(stocked, name, point=point)), None)
    assert failed.value.kind == "prerequisite"


def test_another_tables_recovery_point_is_refused(stocked: Lab) -> None:
    (other,) = [one["RecoveryPointArn"] for one in all_points(stocked) if one["ResourceArn"].endswith("/sessions")]
    found = finding(stocked, from_point(stocked, "orders", point=other))
    assert (found.outcome, found.remedy) == ("fail", None)


def test_without_the_vault_there_is_nothing(organized: Lab) -> None:
    found = finding(organized, from_point(organized, "orders"))
    assert found.outcome == "fail"
    assert "vault 'ddbtui' has no recovery point of table orders" in found.evidence.replace("Vault", "vault")


def test_one_that_is_not_complete_is_no_choice() -> None:
    made = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    half = RecoveryPoint(MISSING, "arn:aws:dynamodb:eu-west-1:111111111111:table/orders", "PARTIAL", made)
    whole = replace(half, arn=f"{MISSING}-1", status="COMPLETED", created=made - timedelta(days=1))
    assert chosen_point([half, whole], None, "orders", "v") == whole
    with pytest.raises(UserError, match=f"recovery point {MISSING} is PARTIAL, so it can't be restored"):
        chosen_point([half, whole], MISSING, "orders", "v")
    with pytest.raises(UserError, match="to restore; those that are there are PARTIAL"):
        chosen_point([half], None, "orders", "v")


def test_what_went_between_check_and_choice_is_told(stocked: Lab) -> None:
    journal = Journal()
    step = journal.until(chains(from_point(stocked, "orders")), "recovery-point-chosen")
    for one in all_points(stocked):
        stocked.client("target", "backup").delete_recovery_point(
            BackupVaultName="ddbtui", RecoveryPointArn=one["RecoveryPointArn"]
        )
    with pytest.raises(StepFailed, match="vault 'ddbtui' has no recovery point of table orders to restore") as failed:
        journal.carry_out("orders", step)
    assert "ddbtui recovery-points PLAN" in failed.value.hint


def test_nothing_of_organizations_is_asked(stocked: Lab) -> None:
    stocked.tell("organization", same=False)
    Journal().until(chains(from_point(stocked, "orders")), None)
    assert items_of(stocked.client("source"), "orders") == items_of(stocked.client("target"), "orders")


def test_the_estimate_counts_no_backup(lab: Lab) -> None:
    tables = [one.table for one in moving(lab, "orders").tables]
    told = Backup().estimate(tables, BackupOptions.model_validate({"recovery_point": "newest"}))
    assert not any("Backup and its copy" in line.what for line in told.lines)
    assert told.seconds[1] < Backup().estimate(tables, BackupOptions()).seconds[1]
    assert any("there already, and stays" in note for note in told.notes)
