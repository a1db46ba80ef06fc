"""backup by a logically air-gapped vault, step by step, over HTTP in simulated accounts of different organizations."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ddbtui.aws.move import Move
from ddbtui.aws.table import Table
from ddbtui.engine.step import Chain, Done, GateClosed, Progress, Resource, Step, StepFailed
from ddbtui.errors import UserError
from ddbtui.methods.backup.air_gapped import GATE
from ddbtui.methods.backup.method import Backup
from ddbtui.methods.backup.options import BackupOptions
from ddbtui.methods.backup.sharing import ShareStep
from ddbtui.methods.resources import remove
from tests.methods.exactness import undeclared_and_unused
from tests.methods.lab import IDS, Journal, Lab, items_of

VAULT = "ddbtui-air-gapped"
OWNER = IDS["source"]
ARN = f"arn:aws:backup:eu-west-1:{OWNER}:backup-vault:{VAULT}"
DAY = 24 * 3600
CONSENTS = {"writes-stopped", "apply-remedies", GATE}
ONLY_AFTER_TROUBLE = {"dynamodb:GetItem", "backup:StopBackupJob", "backup:ListBackupJobs", "backup:ListRestoreJobs"}
ONLY_AFTER_TROUBLE |= {"backup:ListTags", "backup:GetRestoreJobMetadata"}
ONLY_ONCE_EMPTY = {"backup:DeleteBackupVault"}
ONLY_WITH_A_KEY = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"}
ONLY_WHERE_TAGS_NEED_IT = {"backup:TagResource"}
"""AWS does not say whether the tags of a start need it; the sandbox does not ask for it."""


@pytest.fixture
def apart(lab: Lab) -> Lab:
    """Two organizations."""
    lab.tell("organization", same=False)
    return lab


def journal() -> Journal:
    return Journal(consents=set(CONSENTS))


def moving(lab: Lab, *names: str, **plan: Any) -> Move:
    options = {"way": "air-gapped-vault", **plan.pop("options", {})}
    return lab.move(*names, method=BackupOptions.model_validate(options), **plan)


def chains(move: Move) -> list[Chain]:
    return [chain for phase in Backup().work(move).phases for chain in phase]


def vaults(lab: Lab) -> dict[str, dict[str, Any]]:
    listed = lab.client("source", "backup").list_backup_vaults()["BackupVaultList"]
    return {vault["BackupVaultName"]: vault for vault in listed}


def shares(lab: Lab) -> list[dict[str, Any]]:
    listed = lab.client("source", "ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    return [share for share in listed if share["status"] == "ACTIVE"]


def of_kind(held: Journal, kind: str) -> list[Resource]:
    return [one for one in held.resources.values() if one.kind == kind]


@pytest.mark.parametrize("same", [False, None], ids=["two organizations", "no organization"])
def test_the_whole_chain_moves_and_proves_between_accounts_of_no_common_organization(
    lab: Lab, same: bool | None
) -> None:
    lab.tell("organization", same=same)
    names = sorted(lab.client("source").list_tables()["TableNames"])
    move, held = moving(lab, *names), journal()
    held.until(chains(move), None)
    for name in names:
        assert items_of(lab.client("source"), name) == items_of(lab.client("target"), name)
        assert held.results[name, "proof"]["level"] == "every item"
    assert any(one.table.local_indexes for one in move.tables)
    kinds = {(one.kind, one.fate) for one in held.resources.values()}
    assert kinds == {
        ("table", "keep"),
        ("backup-settings", "keep"),
        ("role", "keep"),
        ("recovery-point", "keep"),
        ("air-gapped-vault", "remove"),
    }
    assert "locked and billed for 7 days" in of_kind(held, "recovery-point")[0].data["stays"]
    assert shares(lab) == []
    assert set(vaults(lab)) == {"Default", VAULT}
    assert [job["kind"] for job in lab.sandbox.state()["jobs"]].count("copy") == 0


def test_the_vault_stays_until_its_backups_have_gone_by_themselves(apart: Lab) -> None:
    held = journal()
    held.until(chains(moving(apart)), None)
    (vault,) = of_kind(held, "air-gapped-vault")
    assert any(level == "warn" and "is locked and stays: 1 backup in it" in text for level, text in held.log)
    with pytest.raises(UserError, match=r"can't be deleted before 20\d\d-") as refused:
        remove(apart.account("source"), vault)
    assert "billed until then" in refused.value.hint
    apart.tell("clock", seconds=7 * DAY)
    for _ in range(2):
        remove(apart.account("source"), vault)
    assert VAULT not in vaults(apart)


def test_every_call_is_declared_and_every_declaration_used(apart: Lab) -> None:
    move = moving(apart, "orders", "sessions")
    apart.tell("calls/clear")
    journal().until(chains(move), None)
    undeclared, unused = undeclared_and_unused(apart, move)
    assert undeclared == set()
    assert unused <= ONLY_AFTER_TROUBLE | ONLY_ONCE_EMPTY | ONLY_WHERE_TAGS_NEED_IT | ONLY_WITH_A_KEY


def test_the_target_needs_nothing_of_its_own_but_the_restore(apart: Lab) -> None:
    journal().until(chains(moving(apart)), None)
    settings = apart.client("target", "backup").describe_region_settings()["ResourceTypeManagementPreference"]
    assert settings["DynamoDB"] is False
    listed = apart.client("target", "backup").list_backup_vaults()["BackupVaultList"]
    assert [vault["BackupVaultName"] for vault in listed] == ["Default"]


# ---- the gate


def test_nothing_is_made_before_a_person_says_yes(apart: Lab) -> None:
    held = Journal()
    step = held.until(chains(moving(apart, "orders", "sessions")), "make-air-gapped-vault")
    context = held.context("(run)", step)
    with pytest.raises(GateClosed) as closed:
        step.start(context)
    assert closed.value.gate == "compliance-locked-vault"
    for part in ("2 tables", VAULT, OWNER, IDS["target"], "for 7 days nobody can delete", "billed that long (about $"):
        assert part in closed.value.question
    assert VAULT not in vaults(apart)
    assert not of_kind(held, "air-gapped-vault")


def test_a_vault_that_is_there_is_used_after_the_same_question_and_is_not_the_runs_own(apart: Lab) -> None:
    backup = apart.client("source", "backup")
    backup.create_logically_air_gapped_backup_vault(BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=7)
    held = Journal()
    with pytest.raises(GateClosed):
        held.until(chains(moving(apart)), "share")
    held = journal()
    held.until(chains(moving(apart)), None)
    assert not of_kind(held, "air-gapped-vault")
    assert VAULT in vaults(apart)


def test_a_vault_that_somebody_else_makes_at_that_moment_is_theirs(apart: Lab) -> None:
    held = journal()
    step = held.until(chains(moving(apart)), "make-air-gapped-vault")
    backup = apart.client("source", "backup")
    backup.create_logically_air_gapped_backup_vault(BackupVaultName=VAULT, MinRetentionDays=7, MaxRetentionDays=7)
    own = Resource("air-gapped-vault", "source", ARN, "remove", {"vault": VAULT, "creator": "ddbtui-r1", "stays": ""})
    step._make(held.context("(run)", step))  # type: ignore[attr-defined]
    assert not of_kind(held, "air-gapped-vault")
    with pytest.raises(UserError, match="was not made by this run"):
        remove(apart.account("source"), own)


def test_a_run_without_a_backup_leaves_no_vault(apart: Lab) -> None:
    held = journal()
    held.until(chains(moving(apart)), "backup")
    for one in reversed([*of_kind(held, "air-gapped-vault"), *of_kind(held, "resource-share")]):
        remove(apart.account("source"), one)
    assert VAULT not in vaults(apart)
    assert shares(apart) == []


# ---- the share


def at_share(lab: Lab, held: Journal, **options: Any) -> Step:
    step = held.until(chains(moving(lab, options=options)), "share")
    assert isinstance(step, ShareStep)
    return step


def test_the_share_is_this_runs_accepted_and_names_only_the_target(apart: Lab) -> None:
    held = journal()
    held.carry_out("(run)", at_share(apart, held))
    (share,) = shares(apart)
    assert share["name"].startswith("ddbtui-r1-")
    assert share["tags"] == [{"key": "ddbtui:run", "value": "r1"}]
    ram = apart.client("source", "ram")
    found = ram.get_resource_share_associations(
        associationType="PRINCIPAL", resourceShareArns=[share["resourceShareArn"]]
    )
    assert [one["associatedEntity"] for one in found["resourceShareAssociations"]] == [IDS["target"]]
    seen = apart.client("target", "backup").describe_backup_vault(BackupVaultName=VAULT, BackupVaultAccountId=OWNER)
    assert seen["BackupVaultArn"] == ARN


def test_within_an_organization_that_shares_no_invitation_is_waited_for(lab: Lab) -> None:
    lab.tell("organization", same=True, sharing=True)
    held = journal()
    held.until(chains(moving(lab)), None)
    assert items_of(lab.client("source"), "orders") == items_of(lab.client("target"), "orders")


def test_a_share_that_takes_a_moment_is_waited_for(apart: Lab) -> None:
    held = journal()
    step = at_share(apart, held)
    apart.tell("speed", speed=1000)
    context = held.context("(run)", step)
    handle = step.start(context)
    outcome = step.poll(context, handle)
    assert isinstance(outcome, Progress)
    assert "PENDING" in outcome.note
    apart.tell("clock", seconds=1000)
    assert isinstance(step.poll(context, handle), Done)


@pytest.mark.parametrize("how", ["EXPIRED", "REJECTED"])
def test_an_invitation_that_came_to_nothing_is_told_and_a_retry_invites_anew(apart: Lab, how: str) -> None:
    held = journal()
    step = at_share(apart, held)
    context = held.context("(run)", step)
    handle = step.start(context)
    if how == "EXPIRED":
        apart.tell("clock", seconds=12 * 3600)
    else:
        ram = apart.client("target", "ram")
        (one,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
        ram.reject_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
    with pytest.raises(StepFailed, match=f"the invitation to the shared vault is {how}") as failed:
        step.poll(context, handle)
    assert "shares the vault anew" in failed.value.hint
    held.carry_out("(run)", step, attempt=2)
    assert len(shares(apart)) == 1


@pytest.mark.parametrize("kind", ["denied", "missing"])
def test_a_target_that_does_not_see_the_vault_at_once_is_waited_for(apart: Lab, kind: str) -> None:
    held = journal()
    step = at_share(apart, held)
    apart.sandbox.fault(kind, times=3, match={"operation": "DescribeBackupVault"})
    held.carry_out("(run)", step)


@pytest.mark.parametrize(("kind", "code"), [("denied", "AccessDenied"), ("missing", "ResourceNotFound")])
def test_a_target_that_never_sees_the_vault_stops_the_run(apart: Lab, kind: str, code: str) -> None:
    held = journal()
    step = at_share(apart, held)
    apart.sandbox.fault(kind, times=-1, match={"operation": "DescribeBackupVault"})
    with pytest.raises(StepFailed, match=rf"the target account can't see the shared vault: .*{code}"):
        held.carry_out("(run)", step, polls=400)


def test_a_share_that_somebody_deletes_is_missed(apart: Lab) -> None:
    held = journal()
    step = at_share(apart, held)
    context = held.context("(run)", step)
    handle = step.start(context)
    apart.client("source", "ram").delete_resource_share(resourceShareArn=handle["arn"])
    with pytest.raises(StepFailed, match="the share of the vault is DELETED"):
        step.poll(context, handle)
    held.carry_out("(run)", step, attempt=2)


def test_an_interrupted_start_is_taken_up_and_makes_one_share(apart: Lab) -> None:
    held = journal()
    step = at_share(apart, held)
    context = held.context("(run)", step)
    assert step.find(context) is None
    handle = step.start(context)
    assert step.find(context) == handle
    assert step.start(context) == handle
    assert len(shares(apart)) == 1


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_a_repeated_start_is_the_same_job(apart: Lab, name: str) -> None:
    held = journal()
    step = held.until(chains(moving(apart)), name)
    context = held.context("orders", step)
    handle = step.start(context)
    assert step.find(context) in (None, handle)
    assert step.start(context) == handle
    assert len([job for job in apart.sandbox.state()["jobs"] if job["kind"] == name]) == 1
    held.follow(context, step, handle)


def test_a_share_that_has_ended_denies_the_restore(apart: Lab) -> None:
    held = journal()
    step = held.until(chains(moving(apart)), "restore")
    for one in of_kind(held, "resource-share"):
        remove(apart.account("source"), one)
    with pytest.raises(Exception, match="Insufficient privileges"):
        held.carry_out("orders", step)


# ---- what a plan may say


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"retention_days": 6}, "retention_days\n.*must be at least 7"),
        ({"schedule": {"cron": "cron(0 5 * * ? *)"}}, "takes a backup at once"),
        ({"recovery_point": "newest"}, "takes a backup at once"),
        ({"air_gapped_vault": "Default"}, "Default"),
    ],
    ids=["too short", "schedule", "recovery point", "default vault"],
)
def test_what_does_not_go_together_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        BackupOptions.model_validate({"type": "backup", "way": "air-gapped-vault", **more})


def test_the_estimate_counts_all_days_of_the_lock(apart: Lab) -> None:
    table = apart.move("orders").tables[0].table
    large: Table = table.model_copy(update={"size_bytes": 300 * 1024**3})
    week, month = (
        Backup().estimate([large], BackupOptions(type="backup", way="air-gapped-vault", retention_days=days))
        for days in (7, 30)
    )
    assert (week.lines[0].what, round(week.lines[0].dollars, 2)) == (
        "Backup in the logically air-gapped vault, for 7 days",
        7.0,
    )
    assert round(month.lines[0].dollars, 2) == 30.0
    assert any("billed in any case" in note for note in week.notes)
    assert any("at the price of backups in an ordinary vault" in note for note in week.notes)
