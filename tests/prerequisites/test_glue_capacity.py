"""Room for the Glue jobs."""

from __future__ import annotations

import pytest

from ddbtui.prerequisites.glue_capacity import JobQuota, SourceCapacity, WorkerQuota
from tests.aws.live import TARGET, Live
from tests.prerequisites.vaults import looked
from tests.sandbox.gluing import TRUST
from tests.support.sandbox import document


@pytest.mark.parametrize(
    ("dpus", "outcome", "words"),
    [
        ([3, 3], "warn", "2 jobs at a time with 6 DPU; the quotas are 200 runs and 1,000 DPU (AWS's defaults"),
        ([100] * 20, "warn", "20 jobs at a time with 2,000 DPU"),
        ([1200], "warn", "The largest job has 1200 DPU"),
        ([3] * 80, "warn", "50 jobs at a time with 150 DPU"),
    ],
    ids=["few", "many-dpu", "one-too-large", "more-than-slots"],
)
def test_what_is_not_known_is_assumed_and_said(live: Live, dpus: list[int], outcome: str, words: str) -> None:
    finding = looked(live, WorkerQuota(live.move(), dpus, 50))
    assert finding.outcome == outcome
    assert words in finding.evidence


def test_quotas_that_are_known_are_held_to(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"L-08F3B322": 10.0, "L-5E4153CA": 2.0}
    monkeypatch.setattr("ddbtui.prerequisites.glue_capacity.service_quota", lambda *of: values[of[2]])
    outcomes = {}
    for name, dpus in (("fits", [5, 5]), ("runs", [1, 1, 1]), ("dpu", [6, 6]), ("one", [11])):
        finding = WorkerQuota(live.move(), dpus, 50).check()
        outcomes[name] = finding.outcome
    assert outcomes == {"fits": "pass", "runs": "warn", "dpu": "warn", "one": "fail"}
    assert "(AWS's defaults" not in finding.evidence
    assert "L-08F3B322" in finding.advice


@pytest.mark.parametrize(
    ("quota", "clean_up", "outcome", "advice"),
    [
        (3, "nothing", "pass", ""),
        (2, "staging", "warn", "ddbtui waits for room, since each job goes with its table."),
        (2, "nothing", "fail", "or remove jobs, or set clean_up: staging: each job then goes with its table."),
        (1, "staging", "fail", "Raise quota L-611FDDE4 of AWS Glue in the Service Quotas console, or remove jobs."),
    ],
)
def test_jobs_that_are_kept_need_room_for_all(live: Live, quota: int, clean_up: str, outcome: str, advice: str) -> None:
    trust = document(TRUST)
    role = live.admin("target", "iam").create_role(RoleName="Worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    command = {"Name": "glueetl", "ScriptLocation": "s3://bucket/script.py"}
    live.admin("target", "glue").create_job(Name="another", Role=role, Command=command)
    prerequisite = JobQuota(live.move("orders", "sessions", clean_up=clean_up))
    guessed = looked(live, prerequisite)
    assert (guessed.outcome, "the quota is 1,000 (AWS's default" in guessed.evidence) == ("pass", True)
    live.sandbox.control("quota", account=TARGET, service="glue", code="L-611FDDE4", value=quota)
    finding = looked(live, prerequisite)
    assert finding.evidence == f"1 job in eu-west-1 and 2 more; the quota is {quota}."
    assert (finding.outcome, finding.advice.endswith(advice)) == (outcome, True)


def test_a_scan_that_takes_long_is_told_with_what_others_feel(live: Live) -> None:
    move = live.move("orders")
    (moving,) = move.tables
    quick = SourceCapacity(move, moving, 100, 60).check()
    assert quick.outcome == "pass"
    assert "about 1 min to scan with 100 of an on-demand table's read units a second" in quick.evidence
    assert "applications that read the table share them" in quick.evidence
    slow = SourceCapacity(move, moving, 1, 7200).check()
    assert slow.outcome == "warn"
    assert "read_share" in slow.advice


def test_a_session_that_may_not_last_is_told(live: Live) -> None:
    move = live.move("orders")
    (moving,) = move.tables
    assert SourceCapacity(move, moving, 100, 60, one_session=3000).check().outcome == "pass"
    long = SourceCapacity(move, moving, 100, 60, one_session=3001).check()
    assert (long.outcome, long.advice) == ("warn", "Choose reader: lossless, which renews it.")
    assert "ends after an hour" in long.evidence
