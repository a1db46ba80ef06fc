"""Which attributes of a table the two lossy ways would change, and the step that refuses them.

What each way does to a type, and whether AWS says so, an issue shows it or it is inferred, is told in
`ddbtui/sandbox/glue/runtime/awsglue/`, which does the same. In short: the Data Catalog way sees DynamoDB JSON as nested
text, and the connector keeps nothing but top-level S, N, B and BOOL
(https://github.com/awslabs/amazon-dynamodb-tools/issues/184). Empty texts are carried by both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from ddbtui.aws.move import Move, MovingTable
from ddbtui.aws.table import Table
from ddbtui.dataplane.canonical import Item
from ddbtui.dataplane.census import Attribute, Census, CensusDigest
from ddbtui.dataplane.digest import Digest, Hasher
from ddbtui.engine.step import Json, StepContext, StepFailed
from ddbtui.methods.glue.options import GlueOptions
from ddbtui.methods.steps.declared import TableStep
from ddbtui.methods.steps.exports import CheckExportStep, ExportReading
from ddbtui.methods.steps.live_proof import ReadSourceStep
from ddbtui.text import plural, shown

Lossy = Literal["catalog", "connector"]
DAMAGE = "damaged-types"
"""Gate of a person who lets attributes be changed."""
_SHOWN = 30
_REASON = {"catalog": "The Data Catalog way", "connector": "Glue's connector"}
_LOSSLESS = {"catalog": "loader: lossless", "connector": "reader: lossless"}
_LEFT_OUT = "is left out"
_BECOMES: dict[Lossy, dict[str, str]] = {
    "catalog": {
        "SS": "becomes a list",
        "NS": "becomes a list of texts",
        "BS": "becomes a list of base64 texts",
        "L": "its elements become maps of type and text",
        "M": "its members become maps of type and text",
        "B": "becomes its base64 text",
        "NULL": "becomes true",
    },
    "connector": {
        "SS": "becomes a list",
        "NS": "becomes a list of texts",
        "BS": "becomes a list",
        "L": "its elements become texts",
        "M": "its members become texts",
        "NULL": _LEFT_OUT,
    },
}


@dataclass(frozen=True)
class Damage:
    """What would become of an attribute, where it has one type; or of several that fall together.

    Args:
        names: of the attributes.
        kind: DynamoDB's type tag, or a word.
        items: how many items have it so.
        what: what becomes of it.
    """

    names: tuple[str, ...]
    kind: str
    items: int
    what: str

    @property
    def attribute(self) -> str:
        """The names in one text."""
        return " / ".join(self.names)

    def __str__(self) -> str:
        return f"{shown(self.attribute, 80)} ({self.kind} in {plural(self.items, 'item')}: {self.what})"


def main_type(attribute: Attribute) -> str:
    """Return the type that most items have there (null aside): in the Data Catalog way it is the column's."""
    return min(attribute.types, key=lambda kind: (kind == "NULL", -attribute.types[kind], kind))


def damages(way: Lossy, census: Census) -> list[Damage]:
    """Return everything that would change, by attribute.

    Args:
        way: of `s3-glue` or `glue`.
        census: of all items.
    """
    found = [
        damage
        for name, attribute in sorted(census.attributes.items())
        for damage in (*_by_type(way, name, attribute), *_by_number(way, name, attribute), *_by_name(name, attribute))
    ]
    found += _by_case(census)
    if census.unnamed:
        found.append(Damage(("(further names)",), "any type", census.unnamed, "more names than a table has columns"))
    return found


def _by_type(way: Lossy, name: str, attribute: Attribute) -> Iterator[Damage]:
    """Yield what becomes of each type, also where an attribute has several."""
    main = main_type(attribute)
    mixed = is_mixed(attribute)
    for kind, items in sorted(attribute.types.items()):
        if way == "catalog":
            what = f"{_LEFT_OUT}, since most have {main}" if kind != main else _BECOMES[way].get(kind)
        elif mixed:
            what = None if kind == "S" else "becomes a text" if kind in ("N", "B", "BOOL") else _LEFT_OUT
        else:
            what = _BECOMES[way].get(kind)
        if what:
            yield Damage((name,), kind, items, what)


def is_mixed(attribute: Attribute) -> bool:
    """Whether the connector sees several types, and so a choice: null goes with any."""
    return len(attribute.types.keys() - {"NULL"}) > 1


def _by_number(way: Lossy, name: str, attribute: Attribute) -> Iterator[Damage]:
    """Yield numbers that get lost in a double, which a column of not only 64-bit integers has."""
    is_column = main_type(attribute) == "N" if way == "catalog" else not is_mixed(attribute)
    if is_column and attribute.beyond_long and attribute.beyond_double:
        yield Damage((name,), "N", attribute.beyond_double, "may lose digits in a double")


def _by_name(name: str, attribute: Attribute) -> Iterator[Damage]:
    if "`" in name:
        yield Damage((name,), "any type", attribute.items, "no mapping can write a name with `")


def _by_case(census: Census) -> Iterator[Damage]:
    """Yield names that are one column for the Data Catalog and Spark, which know no case."""
    spellings: dict[str, list[str]] = {}
    for name in sorted(census.attributes):
        spellings.setdefault(name.lower(), []).append(name)
    for names in spellings.values():
        if len(names) > 1:
            items = sum(census.attributes[name].items for name in names)
            yield Damage(tuple(names), "any type", items, "names that differ only in case become one column")


def key_names(table: Table) -> set[str]:
    """Return the attributes that are keys of the table or of one of its indexes."""
    indexes = (*table.global_indexes, *table.local_indexes)
    return {key.name for keys in (table.keys, *(index.keys for index in indexes)) for key in keys}


class CensusExportStep(CheckExportStep):
    """Checks the export, and takes the census meanwhile."""

    def _new_digest(self, hasher: Hasher) -> Digest:
        return CensusDigest(hasher, self.move.plan.proof == "digest")

    def _take(self, digest: Digest, item: Item) -> None:
        digest.add(item)

    def _result(self, reading: ExportReading) -> Json:
        return super()._result(reading) | _census(reading.digest)


class CensusSourceStep(ReadSourceStep):
    """Reads the source, and takes the census meanwhile."""

    def _new_digest(self, hasher: Hasher) -> Digest:
        return CensusDigest(hasher)

    def _result(self, digest: Digest, secret: str) -> Json:
        return super()._result(digest, secret) | _census(digest)


def _census(digest: Digest) -> Json:
    return {"census": cast(CensusDigest, digest).census.to_json()}


class CheckTypesStep(TableStep):
    """Refuses a table that would be changed, with the names of its attributes, before anything is made of it.

    The plan can accept it; a person must still say yes to the names. A key is never given up: items would be refused
    or fall together.
    """

    name = "check-types"
    title = "Check that every type can be carried"
    gates = (DAMAGE,)

    def __init__(self, move: Move, moving: MovingTable, way: Lossy) -> None:
        super().__init__(move, moving)
        self._way = way
        self._census_of = "check-export" if way == "catalog" else "read-source"

    def start(self, ctx: StepContext) -> Json:
        """Judge the census."""
        census = Census.from_json(ctx.result(self._census_of)["census"])
        if self._way == "catalog" and not census.attributes:
            told = f"{self.moving.name} is empty, and of an export without items a crawler makes no table"
            raise _refused(told, f"Use {_LOSSLESS[self._way]} in a new plan, which needs no crawler.")
        found = damages(self._way, census)
        if not found:
            return {"damaged": []}
        self._refuse(found)
        told = _told(found)
        ctx.consent(
            DAMAGE,
            f"{_REASON[self._way]} will not copy {self.moving.name} unchanged: {told}. Write it with this damage?",
        )
        ctx.log(f"with consent, the copy will differ from its source: {told}", "warn")
        return {"damaged": sorted({name for one in found for name in one.names}), "intended": _accepted(found)}

    def _refuse(self, found: list[Damage]) -> None:
        options = cast(GlueOptions, self.move.plan.method)
        reason, better = f"{_REASON[self._way]} can't copy {self.moving.name} unchanged", _LOSSLESS[self._way]
        keys = key_names(self.moving.table)
        spoilt = [one for one in found if keys.intersection(one.names)]
        if spoilt:
            raise _refused(f"{reason}, not even its keys: {_told(spoilt)}", f"Use {better} in a new plan.")
        if not options.accept_damage:
            hint = f"Use {better}, which keeps every type, or say `accept_damage: true` and `proof: counts`."
            raise _refused(f"{reason}: {_told(found)}", hint)


def _told(found: list[Damage]) -> str:
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(str(one) for one in found[:_SHOWN]) + more


def _accepted(found: list[Damage]) -> list[str]:
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return [f"{one}: damaged, as the plan accepts" for one in found[:_SHOWN]] + more


def _refused(message: str, hint: str) -> StepFailed:
    return StepFailed(message, hint, "prerequisite")
