"""Accounts and moves over a running sandbox: real boto3, real HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.inventory import read_table
from ddbtui.aws.move import Move, MovingTable
from ddbtui.engine.step import Resource
from ddbtui.plan.model import AccountRef, MethodOptions, Plan, Side, TableChoice
from ddbtui.sandbox.process import Sandbox

SOURCE, TARGET, MANAGEMENT = "111111111111", "222222222222", "333333333333"
REGION = "eu-west-1"
IDS: dict[Side, str] = {"source": SOURCE, "target": TARGET, "management": MANAGEMENT}


@dataclass
class Live:
    """A freshly reset sandbox, and what tests do in it."""

    sandbox: Sandbox
    recorded: list[Resource] = field(default_factory=list)
    _admins: dict[str, Account] = field(default_factory=dict)

    def account(self, side: Side, **ref: Any) -> Account:
        """Open an account with the profile of its side, or as told."""
        given = {"profile": side, "region": REGION, "account_id": IDS[side], **ref}
        return Account(side, AccountRef.model_validate(given))

    def admin(self, side: Side, service: str, region: str = REGION) -> Any:
        """A client with which a test arranges things."""
        if side not in self._admins:
            self._admins[side] = self.account(side)
        return self._admins[side].client(service, region)

    def move(
        self,
        *names: str,
        source: Account | None = None,
        target: Account | None = None,
        management: Account | None = None,
        **plan: Any,
    ) -> Move:
        """A move of tables of the source account."""
        one, other = source or self.account("source"), target or self.account("target")
        made = Plan(
            source=one.ref,
            target=other.ref,
            management=management.ref if management else None,
            tables=tuple(TableChoice(name=name, target_name=None) for name in names or ("any",)),
            method=MethodOptions(type="test"),
            **plan,
        )
        reader = self.account("source")
        moving = tuple(MovingTable(read_table(reader, name), name) for name in names)
        return Move(made, one, other, moving, management)

    def limited(self, side: Side, *allowed: Sequence[str]) -> Account:
        """An account whose credentials may do only these (action, resource)."""
        iam = self.admin(side, "iam")
        name = "limited"
        iam.create_user(UserName=name)
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": statements}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        with open(self.sandbox.environment["AWS_SHARED_CREDENTIALS_FILE"], "a") as credentials:
            profile = f"limited-{key['AccessKeyId']}"
            secret = key["SecretAccessKey"]
            credentials.write(
                f"\n[{profile}]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {secret}\n"
            )
        return self.account(side, profile=profile)

    def fault(self, kind: str, times: int = -1, **match: str) -> None:
        """Make calls fail."""
        self.sandbox.control("faults", rules=[{"match": match, "kind": kind, "times": times}])

    def forget(self) -> None:
        """Forget the calls so far."""
        self.sandbox.control("calls/clear")

    def used(self) -> set[tuple[str, str, str]]:
        """Side, action and resource of every call since, as IAM sees it."""
        sides = {account: side for side, account in IDS.items()}
        return {(sides[c["account"]], c["action"], c["resource"]) for c in self.sandbox.calls() if c["action"]}


def declared(access: Sequence[Access]) -> set[tuple[str, str, str]]:
    """The same of what was declared."""
    return {(one.side, one.action, one.resource) for one in access}
