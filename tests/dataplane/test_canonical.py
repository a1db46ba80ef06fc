"""Equal bytes exactly when DynamoDB holds two values to be equal."""

from __future__ import annotations

import base64
from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.dataplane.canonical import NotCanonical, item_bytes, key_bytes, number_bytes, value_bytes

EXACT = Context(prec=200)


def numbers() -> st.SearchStrategy[Decimal]:
    digits = st.integers(-(10**38) + 1, 10**38 - 1)
    return st.builds(lambda whole, power: Decimal(whole).scaleb(power, EXACT), digits, st.integers(-80, 80))


@given(numbers(), st.integers(0, 5), st.sampled_from("eE"), st.integers(-9, 9))
def test_all_spellings_of_a_number_are_one(number: Decimal, zeros: int, letter: str, shift: int) -> None:
    sign = "-" if number < 0 else ""
    plain = f"{number.copy_abs():f}"
    padded = sign + "0" * zeros + plain + ("" if "." in plain else ".") + "0" * zeros
    moved = f"{number.scaleb(shift, EXACT):f}{letter}{-shift:+d}"
    assert number_bytes(str(number)) == number_bytes(padded) == number_bytes(moved)


@given(numbers(), numbers())
def test_numbers_are_equal_exactly_when_decimal_says_so(one: Decimal, other: Decimal) -> None:
    assert (number_bytes(str(one)) == number_bytes(str(other))) == (one == other)


@pytest.mark.parametrize("text", ["0", "-0", "0.000", "0E5", ".0", "0."])
def test_zero_is_zero(text: str) -> None:
    assert number_bytes(text) == b"0"


@pytest.mark.parametrize("text", ["", ".", "-", "e5", "1e", "NaN", "Infinity", "1_0", " 1", "1" * 39, "1e9999999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        number_bytes(text)


def test_38_digits_are_kept_apart() -> None:
    assert number_bytes("12345678901234567890123456789012345678") != number_bytes(
        "12345678901234567890123456789012345679"
    )
    assert number_bytes("1" + "0" * 100) == b"1e100"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
small = st.integers(-20, 20).map(str)
blobs = st.binary(max_size=5).map(lambda raw: base64.b64encode(raw).decode())
scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    small.map(lambda text: {"N": text}),
    blobs.map(lambda text: {"B": text}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda many: {"SS": many}),
    st.lists(small, min_size=1, max_size=3, unique=True).map(lambda many: {"NS": many}),
    st.lists(blobs, min_size=1, max_size=3, unique=True).map(lambda many: {"BS": many}),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda many: {"L": many}),
        st.dictionaries(texts, inner, max_size=3).map(lambda many: {"M": many}),
    ),
    max_leaves=6,
)


def plain(value: dict[str, Any]) -> Any:
    """What a value means, by another road than the encoder's."""
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind == "NS":
        return kind, frozenset(Decimal(one) for one in content)
    if kind in ("SS", "BS"):
        return kind, frozenset(content)
    if kind == "L":
        return kind, tuple(plain(one) for one in content)
    if kind == "M":
        return kind, frozenset((name, plain(one)) for name, one in content.items())
    return kind, content


@given(values, values)
def test_no_two_values_share_an_encoding(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (value_bytes(one) == value_bytes(other)) == (plain(one) == plain(other))


def test_order_of_sets_and_maps_does_not_count_that_of_lists_does() -> None:
    assert value_bytes({"SS": ["a", "b"]}) == value_bytes({"SS": ["b", "a"]})
    assert item_bytes({"a": {"N": "1"}, "b": {"S": ""}}) == item_bytes({"b": {"S": ""}, "a": {"N": "1.0"}})
    one, two = {"S": "a"}, {"S": "b"}
    assert value_bytes({"L": [one, two]}) != value_bytes({"L": [two, one]})
    assert value_bytes({"SS": ["a"]}) != value_bytes({"L": [one]})


def test_composed_and_decomposed_letters_are_two_strings() -> None:
    assert value_bytes({"S": "\u00e9"}) != value_bytes({"S": "e\u0301"})


def test_binary_as_text_or_as_bytes_is_the_same() -> None:
    assert value_bytes({"B": "AAE="}) == value_bytes({"B": b"\x00\x01"})
    assert value_bytes({"B": ""}) == value_bytes({"B": b""})


@pytest.mark.parametrize(
    "value",
    [{}, {"X": "1"}, {"S": "a", "N": "1"}, {"S": 1}, {"N": 1}, {"B": "?"}, {"BOOL": 1}, {"NULL": False}, {"L": "ab"},
     {"M": []}, {"SS": [1]}, {"S": "\ud800"}, "text", None],
)  # fmt: skip
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        value_bytes(value)


def test_a_key_is_told_by_its_attributes_only() -> None:
    assert key_bytes({"pk": {"S": "a"}, "x": {"N": "1"}}, ["pk"]) == key_bytes({"pk": {"S": "a"}}, ["pk"])
    with pytest.raises(NotCanonical, match="sk"):
        key_bytes({"pk": {"S": "a"}}, ["pk", "sk"])
