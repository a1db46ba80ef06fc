"""The last steps of a run wait for what AWS Backup takes a while to delete, and tell what stays all the same."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ddbtui.engine.step import RUN, Done, Progress, Step
from tests.methods.backup.moves import VAULT, chains, moving
from tests.methods.lab import IDS, Context, Journal, Lab

AN_HOUR = 3600


@pytest.fixture
def moved(organized: Lab) -> tuple[Journal, Step, Step]:
    """A run that is done but for its two clean-ups, and AWS takes its time from now on."""
    journal, work = Journal(), chains(moving(organized))
    journal.until(work, "clean-up")
    organized.tell("speed", speed=1000)
    table, run = (chain.steps[-1] for chain in work[1:])
    return journal, table, run


def looked(context: Context, step: Step, handle: dict[str, Any]) -> Progress | Done:
    return step.poll(context, json.loads(json.dumps(handle)))


def vaults(lab: Lab) -> list[str]:
    backups = [lab.client(side, "backup") for side in IDS]
    return [one["BackupVaultName"] for backup in backups for one in backup.list_backup_vaults()["BackupVaultList"]]


def test_recovery_points_and_then_their_vaults_are_waited_for(
    organized: Lab, moved: tuple[Journal, Step, Step]
) -> None:
    journal, table, run = moved
    context, handle = journal.context("orders", table), table.start(journal.context("orders", table))
    for _ in range(2):
        outcome = looked(context, table, handle)
        assert isinstance(outcome, Progress)
        assert outcome.note.startswith("AWS still removes arn:aws:backup:eu-west-1:2")  # the copy, made last
    organized.tell("clock", seconds=AN_HOUR)
    done = looked(context, table, handle)
    assert isinstance(done, Done)
    assert (len(done.result["removed"]), done.result["left"]) == (2, [])
    assert journal.carry_out(RUN, run)["left"] == []
    assert VAULT not in vaults(organized)


def test_what_takes_too_long_is_told_and_can_be_removed_later(
    organized: Lab, moved: tuple[Journal, Step, Step]
) -> None:
    journal, table, _ = moved
    context, handle = journal.context("orders", table), table.start(journal.context("orders", table))
    assert isinstance(looked(context, table, handle), Progress)
    journal.time += timedelta(minutes=15)
    done = looked(context, table, handle)
    assert isinstance(done, Done)
    assert (done.result["removed"], len(done.result["left"])) == ([], 2)
    told = [text for level, text in journal.log if level == "warn"]
    assert len(told) == 2
    assert all("Clean up again in some minutes." in text for text in told)
    assert [one.kind for one in journal.resources.values() if one.fate == "remove"].count("recovery-point") == 2


def test_what_can_not_go_is_told_once(organized: Lab, moved: tuple[Journal, Step, Step]) -> None:
    journal, table, _ = moved
    backup = organized.client("source", "backup")
    backup.put_backup_vault_lock_configuration(BackupVaultName=VAULT, MinRetentionDays=7)
    context, handle = journal.context("orders", table), table.start(journal.context("orders", table))
    assert isinstance(looked(context, table, handle), Progress)
    organized.tell("clock", seconds=AN_HOUR)
    done = looked(context, table, handle)
    assert isinstance(done, Done)
    assert (len(done.result["removed"]), len(done.result["left"])) == (1, 1)
    told = [text for level, text in journal.log if level == "warn"]
    assert len(told) == 1
    assert "Backup Vault Lock protects" in told[0]
