from __future__ import annotations

import pytest

from ddbtui.prerequisites.organization import Organization
from tests.aws.live import Live, declared
from tests.prerequisites.holding import checked


@pytest.mark.parametrize("required", [False, True])
def test_one_organization(live: Live, required: bool) -> None:
    finding = checked(live, Organization(live.move(), required))
    assert finding.outcome == "pass"
    assert "o-sandbox0001" in finding.evidence


def test_two_organizations_are_shown(live: Live) -> None:
    live.sandbox.control("organization", same=False)
    prerequisite = Organization(live.move())
    finding = checked(live, prerequisite)
    assert finding.outcome == "pass"
    assert "source: organization o-sandbox0001; target: organization o-sandbox0002" in finding.evidence
    assert live.used() == declared(prerequisite.access())


def test_two_organizations_fail_where_one_is_required(live: Live) -> None:
    live.sandbox.control("organization", same=False)
    finding = Organization(live.move(), required=True).check()
    assert finding.outcome == "fail"
    assert "o-sandbox0002" in finding.evidence


def test_no_permission_to_ask_is_a_warning_or_no_verdict(live: Live) -> None:
    target = live.limited("target")
    finding = Organization(live.move(target=target)).check()
    assert finding.outcome == "warn"
    assert "AccessDeniedException" in finding.evidence
    assert "organizations:DescribeOrganization" in finding.evidence
    finding = Organization(live.move(target=target), required=True).check()
    assert finding.outcome == "unknown"
    assert "AccessDeniedException" in finding.evidence


def test_consolidated_billing_is_not_enough_where_one_is_required(live: Live) -> None:
    live.sandbox.control("organization", same=True, features="CONSOLIDATED_BILLING")
    assert Organization(live.move()).check().outcome == "pass"
    finding = Organization(live.move(), required=True).check()
    assert finding.outcome == "fail"
    assert "CONSOLIDATED_BILLING" in finding.evidence
    assert "enable all features" in finding.advice


@pytest.mark.parametrize(("required", "outcome"), [(False, "pass"), (True, "fail")])
def test_accounts_in_no_organization_are_shown(live: Live, required: bool, outcome: str) -> None:
    live.sandbox.control("organization", same=None)
    finding = checked(live, Organization(live.move(), required))
    assert finding.outcome == outcome
    assert "source: in no organization; target: in no organization" in finding.evidence
