"""Types of a schema, as far as the job scripts look at them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-types.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class DataType:
    """A type without parts.

    Args:
        name: as Glue spells it, e.g. `long`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def typeName(self) -> str:  # noqa: N802 Glue's name
        """Return the type's name."""
        return self._name

    def __repr__(self) -> str:
        return self._name


class ChoiceType(DataType):
    """Several types of one field in different records."""

    def __init__(self, choices: Iterable[DataType]) -> None:
        super().__init__("choice")
        self.choices = {each.typeName(): each for each in choices}

    def __repr__(self) -> str:
        return f"choice<{','.join(sorted(map(repr, self.choices.values())))}>"


class ArrayType(DataType):
    """A list whose elements have one type."""

    def __init__(self, element: DataType) -> None:
        super().__init__("array")
        self.elementType = element

    def __repr__(self) -> str:
        return f"array<{self.elementType!r}>"


class Field:
    """A named part of a struct."""

    def __init__(self, name: str, data_type: DataType) -> None:
        self.name = name
        self.dataType = data_type


class StructType(DataType):
    """Fields in the order in which they were first seen."""

    def __init__(self, fields: Iterable[Field]) -> None:
        super().__init__("struct")
        self.fields = list(fields)
        self.field_map = {field.name: field for field in self.fields}

    def __repr__(self) -> str:
        return f"struct<{','.join(f'{field.name}:{field.dataType!r}' for field in self.fields)}>"


_PLAIN = {str: "string", bool: "boolean", int: "long", float: "double", bytes: "binary", type(None): "null"}


def type_of(value: Any) -> DataType:
    """Return the type that one record's value has by itself."""
    if isinstance(value, dict):
        return StructType(Field(name, type_of(held)) for name, held in value.items())
    if isinstance(value, list):
        return ArrayType(merged([type_of(held) for held in value]))
    return DataType(_PLAIN[type(value)])


def merged(types: Iterable[DataType]) -> DataType:
    """Return the type of a field that has these in different records; null goes with any."""
    kinds: dict[str, list[DataType]] = {}
    for one in types:
        kinds.setdefault(one.typeName(), []).append(one)
    kinds = {name: found for name, found in kinds.items() if name != "null"} or kinds
    choices = [_of_one_kind(name, found) for name, found in kinds.items()]
    if not choices:
        return DataType("null")
    return choices[0] if len(choices) == 1 else ChoiceType(choices)


def _of_one_kind(name: str, found: list[DataType]) -> DataType:
    if name == "array":
        return ArrayType(merged([one.elementType for one in found if isinstance(one, ArrayType)]))
    if name == "struct":
        fields: dict[str, list[DataType]] = {}
        for one in found:
            for field in one.fields if isinstance(one, StructType) else ():
                fields.setdefault(field.name, []).append(field.dataType)
        return StructType(Field(each, merged(held)) for each, held in fields.items())
    return found[0]
