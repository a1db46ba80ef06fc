"""Text for people: nothing that comes from outside can act on a terminal."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.text import did_you_mean, dollars, duration, plural, shown, size

HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_no_code_point_of_unicode_gets_through_that_could_act() -> None:
    """All 1,114,112 of them: control, format, surrogate, private, unassigned, line and paragraph separators."""
    kept = 0
    for start in range(0, sys.maxunicode + 1, 4096):
        block = "".join(map(chr, range(start, start + 4096)))
        safe = shown(block, limit=4096)
        assert not HARMFUL & set(map(unicodedata.category, safe))
        kept += sum(unicodedata.category(char) not in HARMFUL for char in block)
    assert kept > 100_000
    assert sys.maxunicode + 1 == 1_114_112


def test_what_is_hidden_can_be_told_apart() -> None:
    assert shown("a\x1b[31mb\x7f\x85\u202e\ud800") == "a␛[31mb␡<U+0085><U+202E><U+D800>"
    assert shown("line\nbreak\ttab") == "line␊break␉tab"
    assert shown("Grüße, 東京 😀") == "Grüße, 東京 😀"
    assert shown(7) == "7"


@given(st.text(), st.integers(1, 50))
def test_long_text_is_cut_and_marked(text: str, limit: int) -> None:
    cut = shown(text, limit)
    if len(text) <= limit:
        assert not HARMFUL & {unicodedata.category(char) for char in cut}
    else:
        assert cut.endswith("…")
    assert shown(cut, 10_000) == cut


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2, "1.0 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (2 * 1024**4, "2.0 TiB"),
        (3000 * 1024**4, "3000.0 TiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_plurals_and_suggestions() -> None:
    assert plural(1, "table") == "1 table"
    assert plural(0, "table") == "0 tables"
    assert plural(20_000, "item") == "20,000 items"
    assert did_you_mean("tabels", ["tables", "method"]) == "; did you mean 'tables'?"
    assert did_you_mean("zzz", ["tables"]) == ""
    assert did_you_mean("evi\x1b", ["evi\x1b[31m"]) == "; did you mean 'evi␛[31m'?"


@pytest.mark.parametrize(("amount", "said"), [(0, "$0.00"), (0.001, "<$0.01"), (0.005, "$0.01"), (1234.5, "$1,234.50")])
def test_dollars_never_say_that_something_costs_nothing(amount: float, said: str) -> None:
    assert dollars(amount) == said
