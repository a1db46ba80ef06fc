"""What ApplyMapping is told: from the census of all items, checked against what the crawler made of the files.

An export's lines are `{"Item": {"id": {"N": "1"}}}`, so the crawler sees one column, a struct of structs, in lower case
and with texts for numbers. Names and types of keys, and of all else, are therefore those that DynamoDB has.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ddbtui.aws.table import Table
from ddbtui.dataplane.census import Attribute, Census
from ddbtui.methods.glue.lossy import main_type
from ddbtui.text import plural

ITEM = "Item"
Entry = tuple[list[str], str, str, str]
"""Names that lead to the field, its type, the attribute, the attribute's type."""
_SOURCE = {"BOOL": "boolean", "NULL": "boolean", "M": "struct"} | dict.fromkeys(("L", "SS", "NS", "BS"), "array")
_TARGET = {"S": "string", "B": "string", "BOOL": "boolean", "NULL": "boolean", "M": "struct"} | dict.fromkeys(
    ("L", "SS", "NS", "BS"), "array"
)


def mapping_of(census: Census) -> list[Entry]:
    """Return an entry for each attribute: of several types, the one that most items have."""
    entries: list[Entry] = []
    for name, attribute in sorted(census.attributes.items()):
        kind = main_type(attribute)
        entries.append(([ITEM, name, kind], _SOURCE.get(kind, "string"), name, column_type(kind, attribute)))
    return entries


def column_type(kind: str, attribute: Attribute) -> str:
    """Return Glue's type of the new attribute. A number becomes a long if all are 64-bit integers, else a double."""
    if kind == "N":
        return "double" if attribute.beyond_long else "long"
    return _TARGET[kind]


def corrections(census: Census, crawled: str, table: Table) -> list[str]:
    """Return in words where the crawler's column is not what the items are.

    Args:
        census: of all items.
        crawled: type of the column `item`, as the Data Catalog writes it.
        table: the source.
    """
    return [*_of_keys(fields_of(crawled), table), *_of_names(census, fields_of(crawled))]


def _of_keys(seen: Mapping[str, str], table: Table) -> Iterator[str]:
    by_case = {name.lower(): name for name in seen}
    for key in table.keys:
        kind, found = table.attributes[key.name], by_case.get(key.name.lower())
        if found and found != key.name:
            yield f"key {key.name} is spelled {found}"
        held = {name.upper(): each for name, each in fields_of(seen[found]).items()} if found else {}
        if kind not in held:
            yield f"key {key.name} is not seen as {kind}"
        elif kind == "N":
            yield f"key {key.name} is a {held[kind]}, and will be a number"


def _of_names(census: Census, seen: Mapping[str, str]) -> Iterator[str]:
    known = {name.lower() for name in seen}
    unseen = [name for name in sorted(census.attributes) if name.lower() not in known]
    if unseen:
        yield f"not seen: {plural(len(unseen), 'attribute')}, e.g. {unseen[0]}"


def fields_of(kind: str) -> dict[str, str]:
    """Return the fields of a struct as the Data Catalog writes it, e.g. `struct<a:string,b:array<int>>`; else none."""
    if not (kind.startswith("struct<") and kind.endswith(">")):
        return {}
    fields = {}
    for part in _parts(kind[len("struct<") : -1]):
        name, _, held = part.partition(":")
        fields[name] = held
    return fields


def _parts(text: str) -> Sequence[str]:
    """What stands between the commas that are in no bracket."""
    found, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char == "," and not depth:
            found.append(text[start:at])
            start = at + 1
        depth += (char in "<(") - (char in ">)")
    return [*found, text[start:]] if text else []
