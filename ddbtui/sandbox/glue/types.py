"""Types that a crawler infers of JSON, and how the Data Catalog spells them. Pure.

Faithful: struct, array, string, int, bigint, double and boolean as Hive spells them; fields in the order in which they
were first seen; fields that only some records have are in the struct, too; a null or an empty list says nothing.
Inferred, not told by AWS: numbers of different width widen; other types that differ make a `union`; what no record
tells is `string`. So an attribute of a DynamoDB export that has several types is no union but a struct with one field
for each type tag: `{"S": "1"}` and `{"N": "1"}` give `struct<S:string,N:string>`.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-types.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_INT_LIMIT = 2**31
_NUMBERS = ("int", "bigint", "double")


@dataclass
class Shape:
    """What was seen in one place of the records.

    Args:
        plain: names of types without parts.
        fields: of structs.
        element: of lists.
    """

    plain: list[str] = field(default_factory=list)
    fields: dict[str, Shape] | None = None
    element: Shape | None = None

    def see(self, value: Any) -> None:
        """Take one value in."""
        if isinstance(value, dict):
            self.fields = {} if self.fields is None else self.fields
            for name, held in value.items():
                self.fields.setdefault(name, Shape()).see(held)
        elif isinstance(value, list):
            self.element = self.element or Shape()
            for held in value:
                self.element.see(held)
        elif value is not None:
            name = _plain(value)
            if name not in self.plain:
                self.plain.append(name)

    def spelled(self) -> str:
        """The type as a column has it."""
        numbers = [name for name in _NUMBERS if name in self.plain]
        kinds = [name for name in self.plain if name not in numbers]
        kinds += numbers[-1:]
        if self.fields is not None:
            inside = ",".join(f"{name}:{shape.spelled()}" for name, shape in self.fields.items())
            kinds.append(f"struct<{inside}>")
        if self.element is not None:
            kinds.append(f"array<{self.element.spelled()}>")
        if not kinds:
            return "string"
        return kinds[0] if len(kinds) == 1 else f"union<{','.join(kinds)}>"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -_INT_LIMIT <= value < _INT_LIMIT else "bigint"
    return "double" if isinstance(value, float) else "string"


def columns_of(records: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The columns of records. The catalog folds a column's name to lower case, but not the names inside of structs."""
    whole = Shape()
    for record in records:
        whole.see(record)
    return [{"Name": name.lower(), "Type": shape.spelled()} for name, shape in (whole.fields or {}).items()]
