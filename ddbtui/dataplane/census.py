"""A census of the types in a table: which attribute holds which types, in how many items.

It is taken while items are read for another reason, so that nothing is read twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ddbtui.dataplane.canonical import Item
from ddbtui.dataplane.digest import Digest, Hasher
from ddbtui.engine.step import Json

MOST_ATTRIBUTES = 1_000
"""More names than that are no columns of anything; they are counted, but no longer told apart."""
_LONGEST = 2**63
_DOUBLE_DIGITS = 15
_DOUBLE_POWER = 18


@dataclass
class Attribute:
    """What one top-level attribute holds.

    Args:
        types: DynamoDB's type tag -> in how many items.
        beyond_long: numbers that no signed 64-bit integer is.
        beyond_double: numbers that need not come out of a double as they went in.
    """

    types: dict[str, int] = field(default_factory=dict)
    beyond_long: int = 0
    beyond_double: int = 0

    @property
    def items(self) -> int:
        """How many items have the attribute."""
        return sum(self.types.values())

    def merge(self, other: Attribute) -> None:
        """Take in what another count of the same attribute found."""
        for kind, count in other.types.items():
            self.types[kind] = self.types.get(kind, 0) + count
        self.beyond_long += other.beyond_long
        self.beyond_double += other.beyond_double


class Census:
    """Counts types by attribute. Not for several threads at once: give each its own and merge."""

    def __init__(self) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.unnamed = 0
        """How many values have names beyond the first `MOST_ATTRIBUTES`."""

    def add(self, item: Item) -> None:
        """Take an item in, in the wire form."""
        for name, value in item.items():
            found = self._attribute(name)
            if found is None:
                self.unnamed += 1
                continue
            for kind, content in value.items():
                found.types[kind] = found.types.get(kind, 0) + 1
                if kind == "N":
                    _count_number(found, content)

    def merge(self, other: Census) -> None:
        """Take in all that another census took in."""
        self.unnamed += other.unnamed
        for name, counted in other.attributes.items():
            found = self._attribute(name)
            if found is None:
                self.unnamed += counted.items
            else:
                found.merge(counted)

    def _attribute(self, name: str) -> Attribute | None:
        found = self.attributes.get(name)
        if found is None and len(self.attributes) < MOST_ATTRIBUTES:
            found = self.attributes[name] = Attribute()
        return found

    def to_json(self) -> Json:
        """Return what `from_json` needs."""
        rows = {name: [found.types, found.beyond_long, found.beyond_double] for name, found in self.attributes.items()}
        return {"attributes": rows, "unnamed": self.unnamed}

    @classmethod
    def from_json(cls, data: Json) -> Census:
        """Return the census that `to_json` wrote down."""
        census = cls()
        census.unnamed = int(data["unnamed"])
        census.attributes = {name: Attribute(dict(row[0]), row[1], row[2]) for name, row in data["attributes"].items()}
        return census


def _count_number(found: Attribute, text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:  # the digest says so where it is wanted
        found.beyond_long, found.beyond_double = found.beyond_long + 1, found.beyond_double + 1
        return
    if number != number.to_integral_value() or not -_LONGEST <= number < _LONGEST:
        found.beyond_long += 1
    if not fits_double(number):
        found.beyond_double += 1


def fits_double(number: Decimal) -> bool:
    """Whether a number surely comes out of a double as it went in.

    15 significant digits always do. Java before 19 writes some doubles of a large or small power of ten with other
    digits (https://bugs.openjdk.org/browse/JDK-4511638), so those do not count as sure.
    """
    if not number:
        return True
    digits = number.normalize().as_tuple().digits
    return len(digits) <= _DOUBLE_DIGITS and -_DOUBLE_POWER <= number.adjusted() < _DOUBLE_POWER


class CensusDigest(Digest):
    """A digest that takes a census of the same items.

    Args:
        hasher: of the digest.
        digesting: whether the digest is wanted at all; without it only types are counted.
    """

    def __init__(self, hasher: Hasher, digesting: bool = True) -> None:
        super().__init__(hasher)
        self.census = Census()
        self._digesting = digesting

    def fresh(self) -> CensusDigest:
        """Return an empty one for a part of the items."""
        return CensusDigest(self.hasher, self._digesting)

    def add(self, item: Item) -> None:
        """Take an item into both."""
        if self._digesting:
            super().add(item)
        self.census.add(item)

    def merge(self, other: Digest) -> None:
        """Take in all that another one took in."""
        super().merge(other)
        if isinstance(other, CensusDigest):
            self.census.merge(other.census)
