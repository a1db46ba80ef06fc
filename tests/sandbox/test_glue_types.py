from __future__ import annotations

from typing import Any

import pytest

from ddbtui.sandbox.glue.types import columns_of


@pytest.mark.parametrize(
    ("records", "kind"),
    [
        ([{"a": "x"}], "string"),
        ([{"a": 1}], "int"),
        ([{"a": 1}, {"a": 2**40}], "bigint"),
        ([{"a": 1}, {"a": 1.5}], "double"),
        ([{"a": True}], "boolean"),
        ([{"a": None}], "string"),
        ([{"a": None}, {"a": 1}], "int"),
        ([{"a": []}], "array<string>"),
        ([{"a": []}, {"a": [1]}], "array<int>"),
        ([{"a": {"B": 1}}, {"a": {"c": "x"}}], "struct<B:int,c:string>"),
        ([{"a": [{"x": 1}, {"y": [True]}]}], "array<struct<x:int,y:array<boolean>>>"),
        ([{"a": 1}, {"a": "x"}], "union<string,int>"),
        ([{"a": "x"}, {"a": {"b": 1}}], "union<string,struct<b:int>>"),
    ],
    ids=[
        "string",
        "int",
        "bigint",
        "double",
        "boolean",
        "null",
        "null-and-int",
        "empty-list",
        "list",
        "merged-struct",
        "nested",
        "two-types",
        "text-and-struct",
    ],
)
def test_types_are_inferred(records: list[dict[str, Any]], kind: str) -> None:
    assert columns_of(records) == [{"Name": "a", "Type": kind}]


def test_a_dynamodb_item_is_a_struct_of_structs() -> None:
    items = [
        {"Item": {"Id": {"N": "1"}, "set": {"SS": ["x"]}, "list": {"L": [{"S": "x"}, {"N": "1"}]}, "two": {"S": "1"}}},
        {"Item": {"Id": {"N": "2"}, "map": {"M": {"In": {"B": "AA=="}}}, "none": {"NULL": True}, "two": {"N": "1"}}},
    ]
    inside = "Id:struct<N:string>,set:struct<SS:array<string>>,list:struct<L:array<struct<S:string,N:string>>>"
    inside += ",two:struct<S:string,N:string>,map:struct<M:struct<In:struct<B:string>>>,none:struct<NULL:boolean>"
    assert columns_of(items) == [{"Name": "item", "Type": f"struct<{inside}>"}]
