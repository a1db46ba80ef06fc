"""Edits of policies: foreign statements keep their bytes, an undo is exact, what isn't understood is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbtui.aws.policies import (
    BUCKET_POLICY_BYTES,
    PolicyRefused,
    add_statement,
    diff,
    has_statement,
    parse,
    remove_statement,
)

OWN: dict[str, Any] = {
    "Sid": "Ddbtui4f2a1",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111111111111:role/Migration"},
    "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
    "Resource": "arn:aws:s3:::staging/ddbtui/*",
}

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
lists = words | st.lists(words, max_size=3)
foreign = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": lists},
    optional={
        "Sid": st.sampled_from(["A", "B", "Ddbtui1", ""]) | words,
        "Principal": st.just("*") | st.fixed_dictionaries({"AWS": lists}),
        "Resource": lists,
        "Condition": st.dictionaries(words, st.dictionaries(words, lists, max_size=2), max_size=2),
        "x:custom": st.integers() | st.none() | st.booleans(),
    },
).filter(lambda statement: statement.get("Sid") != OWN["Sid"])
layouts = st.sampled_from(
    [{"separators": (",", ":")}, {}, {"indent": 2}, {"indent": "\t"}, {"indent": 4, "ensure_ascii": False}]
)


@st.composite
def documents(draw: st.DrawFn, single: bool = False) -> str:
    statements: Any = draw(foreign) if single else draw(st.lists(foreign, min_size=1, max_size=5))
    members = [("Version", "2012-10-17"), ("Statement", statements)]
    if draw(st.booleans()):
        members.append(("Id", draw(words)))
    spaces = st.text(" \n\t\r", max_size=3)
    return draw(spaces) + json.dumps(dict(draw(st.permutations(members))), **draw(layouts)) + draw(spaces)


def sources(text: str) -> list[str]:
    document = parse(text)
    return [document.source(part) for part in document.parts]


def others(text: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(text).items() if name != "Statement"}


@given(documents())
def test_foreign_statements_keep_their_bytes_and_undo_gives_the_very_text_back(text: str) -> None:
    merged = add_statement(text, OWN)
    assert sources(merged)[:-1] == sources(text)
    assert json.loads(merged)["Statement"] == [*json.loads(text)["Statement"], OWN]
    assert others(merged) == others(text)
    assert has_statement(merged, OWN)
    assert add_statement(merged, OWN) == merged
    assert remove_statement(merged, OWN) == text


@given(documents(single=True))
def test_a_statement_without_a_list_keeps_its_bytes(text: str) -> None:
    merged = add_statement(text, OWN)
    assert sources(merged)[:-1] == sources(text)
    undone = remove_statement(merged, OWN)
    assert undone is not None
    assert sources(undone) == sources(text)
    assert others(undone) == others(text)


@given(documents(), st.integers(0, 5), layouts)
def test_undo_finds_its_statement_wherever_aws_put_it(text: str, place: int, layout: dict[str, Any]) -> None:
    """AWS may reorder and reformat what it stores, and unpack lists of one."""
    document = json.loads(text)
    kept = list(document["Statement"])
    own = {**dict(reversed(OWN.items())), "Action": OWN["Action"][::-1], "Resource": [OWN["Resource"]]}
    document["Statement"].insert(place, own)
    undone = remove_statement(json.dumps(document, **layout), OWN)
    assert undone is not None
    assert json.loads(undone) == {**document, "Statement": kept}


@given(st.text(max_size=60) | documents().flatmap(lambda text: st.integers(0, len(text)).map(lambda n: text[:n])))
def test_anything_else_is_refused_and_nothing_breaks(text: str) -> None:
    try:
        merged = add_statement(text, OWN)
    except PolicyRefused:
        return
    assert OWN in json.loads(merged)["Statement"]


def test_a_policy_of_ours_alone_comes_and_goes() -> None:
    merged = add_statement(None, OWN)
    assert json.loads(merged) == {"Version": "2012-10-17", "Statement": [OWN]}
    assert remove_statement(merged, OWN) is None
    assert remove_statement(None, OWN) is None
    assert not has_statement(None, OWN)


def test_two_statements_of_ours_are_independent() -> None:
    second = {**OWN, "Sid": "Ddbtui4f2a2", "Action": "s3:GetObject"}
    both = add_statement(add_statement(None, OWN), second)
    assert remove_statement(both, OWN) == add_statement(None, second)
    assert remove_statement(both, second) == add_statement(None, OWN)


def _policy(**changed: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}], **changed})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_policy(Extra=1), "element 'Extra'"),
        (_policy(statement=[]), "element 'statement'"),
        (_policy(Version="2031-01-01"), "Version '2031-01-01'"),
        (_policy(Version=None), "Version is no text"),
        (_policy(Id=7), "Id is no text"),
        (_policy(Statement="all"), "no object"),
        (_policy(Statement=[1]), "no object"),
        ('{"Version":"2012-10-17"}', "no Statement"),
        ('{"Statement":[],"Statement":[{"Effect":"Deny"}]}', "twice"),
        ('{"Statement":[{"Effect":"Deny","Effect":"Allow"}]}', "twice"),
        ('{"Statement":[{"Effect":NaN}]}', "NaN"),
        ('{"Statement":[]} x', "after the end"),
        ('{"Statement":[{}],}', "can't be read"),
        ("[]", "expected"),
        ("", "expected"),
        ('{"Statement":' + "[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_reason(text: str, reason: str) -> None:
    for edit in (add_statement, remove_statement):
        with pytest.raises(PolicyRefused, match="the policy is not edited") as refused:
            edit(text, OWN)
        assert reason in refused.value.message
        assert refused.value.hint


def test_a_namesake_with_other_content_is_neither_replaced_nor_removed() -> None:
    text = _policy(Statement=[{**OWN, "Action": "s3:*"}])
    with pytest.raises(PolicyRefused, match="another statement called 'Ddbtui4f2a1'"):
        add_statement(text, OWN)
    with pytest.raises(PolicyRefused, match="changed since"):
        remove_statement(text, OWN)


def test_removing_what_is_not_there_changes_nothing() -> None:
    text = ' {"Statement": {"Effect":"Deny"} }'
    assert remove_statement(text, OWN) == text


def test_old_versions_take_variables_literally() -> None:
    with_variable = {**OWN, "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    for text in (_policy(Version="2008-10-17"), '{"Statement":[]}'):
        assert has_statement(add_statement(text, OWN), OWN)
        with pytest.raises(PolicyRefused, match="2008-10-17"):
            add_statement(text, with_variable)


def test_a_policy_never_grows_over_its_limit() -> None:
    size = len(add_statement(None, OWN))
    assert add_statement(None, OWN, limit_bytes=size)
    with pytest.raises(PolicyRefused, match="more than the"):
        add_statement(None, OWN, limit_bytes=size - 1)
    wide = _policy(Id="é" * (BUCKET_POLICY_BYTES // 6 - 20))  # six characters each as JSON escapes
    with pytest.raises(PolicyRefused, match=r"20\.\d KiB, more than the 20\.0 KiB"):
        add_statement(wide, OWN, limit_bytes=BUCKET_POLICY_BYTES)


def test_only_sids_of_ours_are_edited() -> None:
    for sid in ("", "Other", "Ddbtui", "Ddbtui-1", "xDdbtui1"):
        with pytest.raises(ValueError, match="Sid"):
            add_statement(None, {**OWN, "Sid": sid})


def test_a_diff_shows_what_is_added_and_hides_layout() -> None:
    before = _policy(Id="evil\x1b[31m\u202e")
    after = add_statement(before, OWN)
    text = diff(before, after)
    changed = [line for line in text.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert '+      "Sid": "Ddbtui4f2a1",' in changed
    assert not any("Version" in line for line in changed)
    assert text.replace("\n", "").isprintable()
    assert diff(before, json.dumps(json.loads(before), indent=7)) == ""
    assert diff(None, after).count("\n-") == 0
    assert diff("not json\x1b", None).endswith("-not json␛")
