"""A source table carries the tag by which a backup plan selects it."""

from __future__ import annotations

from collections.abc import Sequence

from ddbtui.aws.access import Access
from ddbtui.aws.move import Move, MovingTable
from ddbtui.prerequisites.base import Finding, answering
from ddbtui.prerequisites.table import TablePrerequisite
from ddbtui.text import shown


class TableTagged(TablePrerequisite):
    """The table has the tag. ddbtui does not set it: a tag may mean more to the source account than a backup.

    Args:
        move: the plan with its accounts.
        moving: the table.
        key: the tag's key.
        value: its value.
    """

    id = "table-tag"
    title = "The table carries the tag that selects it"

    def __init__(self, move: Move, moving: MovingTable, key: str, value: str) -> None:
        super().__init__(move, moving)
        self._key, self._value = key, value

    @answering
    def check(self) -> Finding:
        """List the table's tags.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
        """
        dynamodb = self.move.source.client("dynamodb")
        tags = {
            one["Key"]: one["Value"]
            for page in dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=self.table.arn)
            for one in page["Tags"]
        }
        if tags.get(self._key) == self._value:
            return self.finding("pass", f"Tag {shown(self._key)} is {shown(self._value)}.")
        held = f"is {shown(tags[self._key])}" if self._key in tags else "is not there"
        advice = (
            f"Tag it: aws dynamodb tag-resource --resource-arn {self.table.arn} "
            f"--tags 'Key={shown(self._key)},Value={shown(self._value)}'. Or set select: table."
        )
        return self.finding("fail", f"Tag {shown(self._key)} {held}; it should be {shown(self._value)}.", advice)

    def access(self) -> Sequence[Access]:
        """One list."""
        return [Access("source", "dynamodb:ListTagsOfResource", self.table.arn, "see whether the tag is there")]
