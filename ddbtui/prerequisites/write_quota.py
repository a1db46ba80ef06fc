"""Room for the load within the target account's throughput quotas.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ddbtui.aws.access import Access
from ddbtui.aws.errors import code, is_denied
from ddbtui.aws.move import Move
from ddbtui.prerequisites.base import Finding, Outcome, Prerequisite, answering
from ddbtui.text import shown


@dataclass(frozen=True)
class Units:
    """What one target table takes of the quotas.

    Args:
        read: units a second.
        write: the same.
        provisioned: whether they are provisioned, and so count against the account's quota too.
    """

    read: int
    write: int
    provisioned: bool


class WriteQuota(Prerequisite):
    """No table takes more than AWS allows a table, nor all provisioned ones together more than it allows the account.

    What other tables of the account have provisioned is not known and not counted. Asks AWS once for all tables:
    DescribeLimits may be called about once a minute.
    """

    id = "write-quota"
    title = "The target's throughput quotas allow the load"

    def __init__(self, move: Move, units: Mapping[str, Units]) -> None:
        """Make it.

        Args:
            move: the plan with its accounts.
            units: by table, what each takes.
        """
        super().__init__(move)
        self._units = units

    @answering
    def check(self) -> Finding:
        """Compare the quotas with the sums."""
        found, refused = self._limits()
        of_table = Units(found["TableMaxReadCapacityUnits"], found["TableMaxWriteCapacityUnits"], True)
        of_account = Units(found["AccountMaxReadCapacityUnits"], found["AccountMaxWriteCapacityUnits"], True)
        whose = f" (AWS's defaults; this account's own were not to be had: {refused})" if refused else ""
        evidence = f"A table may have {_said(of_table)}, the account provisioned {_said(of_account)}{whose}."
        wrong: Outcome = "warn" if refused else "fail"
        large = [name for name, units in self._units.items() if _exceeds(units, of_table)]
        if large:
            named = ", ".join(f"{shown(name)} ({_said(self._units[name])})" for name in large[:5])
            return self.finding(wrong, f"{evidence} More than that: {named}.", _ADVICE)
        provisioned = [units for units in self._units.values() if units.provisioned]
        total = Units(sum(u.read for u in provisioned), sum(u.write for u in provisioned), True)
        if _exceeds(total, of_account):
            return self.finding(wrong, f"{evidence} The new tables have {_said(total)} provisioned.", _ADVICE)
        return self.finding("pass", evidence)

    def _limits(self) -> tuple[Mapping[str, int], str]:
        """The account's quotas; or AWS's defaults, and why: a wizard asks more often than AWS answers."""
        try:
            return self.move.target.client("dynamodb").describe_limits(), ""
        except Exception as error:
            if not is_denied(error) and code(error) not in _TOO_OFTEN:
                raise
            return _DEFAULTS, code(error)

    def access(self) -> Sequence[Access]:
        """One read without a resource."""
        return [Access("target", "dynamodb:DescribeLimits", "*", "see the throughput quotas")]


_DEFAULTS = {
    "TableMaxReadCapacityUnits": 40_000,
    "TableMaxWriteCapacityUnits": 40_000,
    "AccountMaxReadCapacityUnits": 80_000,
    "AccountMaxWriteCapacityUnits": 80_000,
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""
_TOO_OFTEN = frozenset({"ThrottlingException", "LimitExceededException"})
_ADVICE = (
    "Raise the quotas of DynamoDB in the Service Quotas console of the target account, or ask for less: "
    "max_write_units, warm_write_units, or billing on-demand."
)


def _exceeds(units: Units, most: Units) -> bool:
    return units.read > most.read or units.write > most.write


def _said(units: Units) -> str:
    return f"{units.read:,} read and {units.write:,} write units a second"
