"""What goes to AWS means exactly what the export holds; what is told of an item holds no values."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.serialize import create_serializer
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.dataplane.canonical import item_bytes
from ddbtui.methods.glue.jobs.wire import for_call, key_text, wire_size, without_values
from tests.dataplane.test_canonical import texts, values

exported = st.dictionaries(texts, values, max_size=4)
BATCH_WRITE = get_session().get_service_model("dynamodb").operation_model("PutItem")


def sent(item: dict[str, Any]) -> bytes:
    """What botocore makes of an item."""
    request = create_serializer("json").serialize_to_request({"TableName": "t", "Item": item}, BATCH_WRITE)
    body: bytes = request["body"]
    return body


def restored(value: Any) -> Any:
    """Back to what an export holds: every bytes object becomes base64 again, wherever it stands."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [restored(each) for each in value]
    return {name: restored(each) for name, each in value.items()} if isinstance(value, dict) else value


@given(exported)
def test_an_item_means_the_same(item: dict[str, Any]) -> None:
    assert item_bytes(for_call(item)) == item_bytes(item)


@given(exported)
def test_only_binary_values_are_touched(item: dict[str, Any]) -> None:
    assert restored(for_call(item)) == item


@given(exported)
def test_botocore_sends_what_was_exported(item: dict[str, Any]) -> None:
    assert json.loads(sent(for_call(item)))["Item"] == item


@given(exported)
def test_the_size_is_what_botocore_sends(item: dict[str, Any]) -> None:
    made = for_call(item)
    assert wire_size(made) == len(sent(made)) - len(sent({})) + len("{}")


@pytest.mark.parametrize(
    "item",
    [
        {"a": {"B": "no base64!"}},
        {"a": {"B": 7}},
        {"a": {"S": "x", "N": "1"}},
        {"a": "x"},
        {"a": {}},
        {"a": {"X": "x"}},
    ],
    ids=["text", "number", "two types", "no value", "no type", "unknown type"],
)
def test_what_is_no_item_is_refused(item: Any) -> None:
    with pytest.raises(
        ValueError,
        match=r"^(a binary value is not base64|an attribute value (has not exactly one|is of no known) type)$",
    ):
        for_call(item)


def test_a_key_is_told_in_one_line_of_ascii() -> None:
    item = {"pk": {"S": "ü\n\x1b[31m"}, "at": {"B": b"\x00\xff"}, "secret": {"S": "hidden"}}
    told = key_text(item, ("pk", "at"))
    assert told == r'{"pk": {"S": "\u00fc\n\u001b[31m"}, "at": {"B": "AP8="}}'
    assert len(key_text({"pk": {"S": "x" * 2000}}, ("pk",))) == 300


def test_values_are_taken_out_of_a_message() -> None:
    item = {"a": {"L": [{"M": {"b": {"S": "Grace"}}}]}, "n": {"NS": ["4711", "5"]}, "k": {"S": "Key"}, "e": {"S": ""}}
    text = "Type mismatch for Keys: [4711, 5] contains Grace; Graceful 47110"
    assert without_values(text, item) == "Type mismatch for Keys: […, …] contains …; Graceful 47110"
