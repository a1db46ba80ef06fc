"""The database of the target's Data Catalog that crawlers write their tables into.

https://docs.aws.amazon.com/glue/latest/dg/define-database.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.account import Account
from ddbtui.aws.arns import Arn
from ddbtui.aws.errors import lake_formation_wants, reason, suppress_codes
from ddbtui.aws.move import Move
from ddbtui.engine.step import Resource
from ddbtui.errors import UserError
from ddbtui.prerequisites.base import Change, Finding, Prerequisite, Record, Remedy, answering, explaining
from ddbtui.prerequisites.roles import MARK


def catalog_arns(account: Account, *parts: str) -> list[str]:
    """Return the ARNs of the Data Catalog and of things in it, e.g. `database/a`: a call needs its right on all."""
    here = (account.partition, "glue", account.region, account.account_id)
    return [str(Arn(*here, part)) for part in ("catalog", *parts)]


def arns_of_removal(account: Account, database: str) -> list[str]:
    """Return the ARNs that deleting a database is about: all that is in it, too."""
    inside = (f"{kind}/{database}/*" for kind in ("table", "userDefinedFunction"))
    return catalog_arns(account, f"database/{database}", *inside)


def find_database(account: Account, name: str) -> Mapping[str, Any] | None:
    """Return what GetDatabase tells of a database, or None if there is none."""
    with suppress_codes("EntityNotFoundException"):
        found: Mapping[str, Any] = account.client("glue").get_database(Name=name)["Database"]
        return found
    return None


def is_made(database: Mapping[str, Any]) -> bool:
    """Whether ddbtui made the database."""
    return MARK in database.get("Parameters", {})


class CatalogDatabase(Prerequisite):
    """The database is there, and ddbtui's own. Can be made; it goes when the run cleans up.

    Args:
        move: the plan with its accounts.
        database: its name.
    """

    id = "catalog-database"
    title = "The Data Catalog has a database for the crawlers"

    def __init__(self, move: Move, database: str) -> None:
        super().__init__(move)
        self._database = database

    @property
    def _arns(self) -> list[str]:
        return catalog_arns(self.move.target, f"database/{self._database}")

    @answering
    def check(self) -> Finding:
        """Get it. Where Lake Formation decides, who can't make a database may not be told that there is none, either.

        https://github.com/trinodb/trino/pull/30297
        """
        try:
            found = find_database(self.move.target, self._database)
        except Exception as error:
            if not lake_formation_wants(error):
                raise
            evidence = f"Lake Formation refuses to say whether database {self._database} exists ({reason(error)})."
            advice = (
                "Let an administrator of the data lake grant CREATE_DATABASE on the catalog to the target's caller in "
                "Lake Formation, or DESCRIBE and DROP on the database if ddbtui made it."
            )
            return self.finding("fail", evidence, advice)
        if found is None:
            evidence = f"Database {self._database} does not exist in account {self.move.target.account_id}."
            return self.finding("fail", evidence, "Let ddbtui make it; it costs nothing.", self._remedy())
        if not is_made(found):
            evidence = f"Database {self._database} exists, but was not made by ddbtui."
            return self.finding("fail", evidence, "Remove or rename it.")
        return self.finding("pass", f"Database {self._database} exists, as ddbtui makes it.")

    def _remedy(self) -> Remedy:
        owner = self.move.target.account_id
        make = [Change("target", owner, "glue:CreateDatabase", arn, "", "for the crawlers") for arn in self._arns]
        title = f"Make database {self._database} (removed when the run cleans up)"
        return Remedy(title, tuple(make), (self._resource(),))

    def _resource(self) -> Resource:
        return Resource("catalog-database", "target", self._arns[-1], "remove", {"database": self._database})

    @explaining
    def apply(self, record: Record) -> None:
        """Make it, unless it is there."""
        found = find_database(self.move.target, self._database)
        if found is not None and is_made(found):
            return
        if found is not None:
            raise UserError(f"database {self._database} was made by somebody else meanwhile", "Check again.")
        record(self._resource())
        wanted = {"Name": self._database, "Description": "Made by ddbtui", "Parameters": {MARK: self._database}}
        with suppress_codes("AlreadyExistsException"):  # botocore repeats a call whose answer got lost
            self.move.target.client("glue").create_database(DatabaseInput=wanted, Tags={MARK: self._database})

    def access(self) -> Sequence[Access]:
        """One read."""
        return [Access("target", "glue:GetDatabase", arn, "see whether the database is there") for arn in self._arns]

    def remedy_access(self) -> Sequence[Access]:
        """One write, with a tag."""
        why = "make the database for the crawlers"
        made = [Access("target", "glue:CreateDatabase", arn, why, changes=True) for arn in self._arns]
        return [*made, Access("target", "glue:TagResource", self._arns[-1], "mark the database as ddbtui's")]

    def undo_access(self) -> Sequence[Access]:
        """Remove it."""
        arns, why = arns_of_removal(self.move.target, self._database), "remove the database that ddbtui made"
        return [Access("target", "glue:DeleteDatabase", arn, why, changes=True) for arn in arns]
