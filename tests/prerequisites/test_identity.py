from __future__ import annotations

import pytest

from ddbtui.prerequisites.identity import Accounts
from tests.aws.live import TARGET, Live
from tests.prerequisites.holding import checked


def test_both_accounts_are_named(live: Live) -> None:
    finding = checked(live, Accounts(live.move()))
    assert finding.outcome == "pass"
    assert (
        "source: account 111111111111 in eu-west-1 as arn:aws:iam::111111111111:user/source-admin" in finding.evidence
    )
    assert "target: account 222222222222" in finding.evidence


def test_a_role_to_assume_is_who_we_are(live: Live) -> None:
    role = f"arn:aws:iam::{TARGET}:role/DdbtuiTarget"
    target = live.account("target", profile="source", role_arn=role, session_name="me")
    finding = Accounts(live.move(target=target)).check()
    assert finding.outcome == "pass"
    assert f"arn:aws:sts::{TARGET}:assumed-role/DdbtuiTarget/me" in finding.evidence


def test_the_wrong_account_is_refused(live: Live) -> None:
    finding = Accounts(live.move(target=live.account("target", profile="management"))).check()
    assert finding.outcome == "fail"
    assert "belong to account 333333333333, but the plan says 222222222222" in finding.evidence
    assert "profile" in finding.advice


def test_a_missing_profile_is_refused(live: Live) -> None:
    finding = Accounts(live.move(target=live.account("target", profile="targte"))).check()
    assert finding.outcome == "fail"
    assert "did you mean 'target'?" in finding.evidence


def test_credentials_that_expire_in_between_are_noticed(live: Live) -> None:
    prerequisite = Accounts(live.move())
    assert prerequisite.check().outcome == "pass"
    live.fault("expired", service="sts")
    finding = prerequisite.check()
    assert finding.outcome == "fail"
    assert "ExpiredToken" in finding.evidence
    live.sandbox.control("faults", rules=[])
    assert prerequisite.check().outcome == "pass"


def test_an_outage_is_no_verdict(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    live.fault("error500", service="sts")
    finding = Accounts(live.move()).check()
    assert finding.outcome == "unknown"
