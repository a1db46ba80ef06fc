"""All accounts answer, and are the ones that the plan names."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.errors import verdict
from ddbtui.aws.move import Move
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Finding, Outcome, Prerequisite, answering


class Accounts(Prerequisite):
    """The credentials of all sides belong to the pinned accounts, in one partition."""

    id = "accounts"

    def __init__(self, move: Move) -> None:
        super().__init__(move)
        self.title = f"{'All' if move.management else 'Both'} accounts answer and are the right ones"

    @answering
    def check(self) -> Finding:
        """Ask STS on all sides, anew each time: credentials can change under a running program."""
        for account in self.move.accounts:
            try:
                account.verify()
            except UserError as error:
                cause = error.__cause__
                outcome: Outcome = "unknown" if cause and verdict(cause) == "retry" else "fail"
                return self.finding(outcome, error.message, error.hint)
        source, target = self.move.source, self.move.target
        evidence = f"{'; '.join(_whose(account) for account in self.move.accounts)}."
        if source.identity.account_id == target.identity.account_id:
            return self.finding("fail", evidence, "Source and target must be two accounts.")
        partitions = [account.partition for account in self.move.accounts]
        if len(set(partitions)) > 1:
            advice = "Tables can't be moved by AWS between partitions, e.g. from aws to aws-cn."
            return self.finding("fail", f"{evidence} Partitions: {', '.join(partitions)}.", advice)
        return self.finding("pass", evidence)

    def access(self) -> Sequence[Access]:
        """Nothing: AWS answers GetCallerIdentity to everybody, whatever the policies say."""
        return ()


def _whose(account: Account) -> str:
    return f"{account.side}: account {account.identity.account_id} in {account.region} as {account.identity.arn}"
