"""A plan from a file: what is wrong is said with its place, its field and what was meant."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ddbtui.errors import Exit
from ddbtui.plan.model import Plan
from ddbtui.plan.reader import PlanError, load_plan, parse_plan
from tests.plan.options import GOOD, METHODS, CopyOptions
from tests.plan.timing import within


def read(text: str) -> Plan:
    return parse_plan(text, "plan.yaml", METHODS)


def refused(text: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        read(text)
    error = caught.value
    assert error.code == Exit.USAGE
    assert error.hint
    for line in error.message.splitlines():
        assert line.startswith("plan.yaml")
        assert not re.search(r"pydantic|Input should|Value error|\^\[|\{12\}|Traceback", line)
    return error


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_good_plan() -> None:
    plan = read(GOOD)
    assert plan.source.account_id == "111111111111"
    assert [table.name for table in plan.tables] == ["orders", "shop-*"]
    assert plan.method == CopyOptions(type="copy", bucket="staging", workers=8, subnets=("a", "b"), labels={"x": "y"})
    assert plan.carried == ("tags", "ttl")


DECIMALS = ["1.0", "2.5", "1e3", "-0.5", "1e999"]
WORDS = [
    ".inf",
    "-.inf",
    ".nan",
    "NaN",
    "1_000",
    "+5",
    "0x10",
    ".5",
    "5.",
    "1:30",
    "5%",
    "no",
    "yes",
    "on",
    "2023-01-01",
]
WORDS += ["five", "\u0665", "-", "1 000"]
ONE_PROBLEM = [
    # what was written, what it became, line:column: field: what is said
    ("region: eu-west-1, ", "", "2:9: source.region: is missing (Region of the tables, e.g. eu-west-1)"),
    ("prod-old, region", "prod-old, regoin", "2:29: source.regoin: unknown field; did you mean 'region'?"),
    ('"111111111111"', "11111", "2:60: source.account_id: must be the 12 digits of an account in quotes"),
    ('"111111111111"', '"٣١١١١١١١١١١١"', "2:60: source.account_id: must be the 12 digits"),
    ('"111111111111"', '"222222222222"', "4:3: target: source and target are the same account"),
    ("  region: eu-west-1\n", "  region: Ireland\n", "5:11: target.region: must be a region, e.g. eu-west-1"),
    ("arn:aws:iam::222222222222:role/Migration", "Migration", "7:13: target.role_arn: must be the ARN of an IAM role"),
    ("DDBTUI_EXTERNAL_ID", "s3cr3t!", "8:20: target.external_id_env: must be the name of an environment variable"),
    ("  role_arn: arn:aws:iam::222222222222:role/Migration\n", "", "target: external_id_env and session_name need a"),
    ("- name: shop-*", "- shop-*", "12:5: tables[1]: needs fields, e.g. {name: ...}"),
    ("- name: shop-*", "- name: a b", "12:11: tables[1].name: must be a table name, or a pattern"),
    ("- name: shop-*", "- name: ab", "12:5: tables[1]: a table name has 3 to 255 characters"),
    ("- name: shop-*", "- name: [a]", "12:11: tables[1].name: takes a value, not a list"),
    ("- name: shop-*", "- name: orders", "10:3: tables: 'orders' is listed twice"),
    ("- name: shop-*", "- {name: shop-*, target_name: shop}", "12:5: tables[1]: target_name needs an exact name"),
    ("target_name: orders-2", "target: orders-2", "11:5: tables[0].target: unknown field; did you mean 'target_name'?"),
    ("type: copy", "type: copi", "13:16: method.type: no method is called 'copi'; did you mean 'copy'?"),
    ("type: copy", "type: zzz", "13:16: method.type: no method is called 'zzz'; known are copy, plain"),
    ("type: copy, ", "", "13:9: method: needs a 'type', one of copy, plain"),
    ("bucket: staging", "bucket: STAGING", "method.bucket: must be as described: Staging bucket, e.g. my-bucket"),
    ("bucket: staging, ", "", "13:9: method.bucket: is missing (Staging bucket)"),
    ("bucket: staging", "buckets: staging", "13:22: method.buckets: unknown field; did you mean 'bucket'?"),
    ("workers: 8", "workers: 0", "method.workers: must be at least 1"),
    ("workers: 8", 'workers: "8"', "method.workers: must be a whole number, without quotes"),
    ("workers: 8", "workers: 010", "method.workers: must be a whole number, without zeros before it"),
    ("workers: 8", f"workers: {'9' * 20}", "method.workers: must be at most 64"),
    ("workers: 8", f"workers: -{'9' * 400}", "method.workers: must be at least 1"),
    ("workers: 8", f"workers: {'9' * 5000}", "method.workers: is too large a number"),
    *(("workers: 8", f"workers: {text}", "method.workers: must be a whole number, without point") for text in DECIMALS),
    *(("workers: 8", f"workers: {text}", "method.workers: must be a whole number, in digits 0 to 9") for text in WORDS),
    *(("workers: 8", f"ratio: {text}", "method.ratio: must be a number, in digits with a point") for text in WORDS),
    ("workers: 8", "ratio: '0.5'", "method.ratio: must be a number, without quotes"),
    ("workers: 8", "ratio: 1e999", "method.ratio: is too large a number"),
    ("workers: 8", f"ratio: {'9' * 300}", "method.ratio: must be at most 1"),
    ("workers: 8", "dry: yes", "method.dry: must be true or false; did you mean 'true'?"),
    ("workers: 8", "dry: Off", "method.dry: must be true or false; did you mean 'false'?"),
    ("workers: 8", "dry: FALSE", "method.dry: must be true or false; did you mean 'false'?"),
    ("workers: 8", "dry: 'true'", "method.dry: must be true or false, without quotes"),
    ("workers: 8", "dry: 2023-01-01", "method.dry: must be true or false"),
    ("workers: 8", "dry: null", "method.dry: has no value"),
    ("workers: 8", "engine: null", "method.engine: has no value"),
    ("workers: 8", "engine: sparc", "method.engine: must be spark or hive; did you mean 'spark'?"),
    ("workers: 8", "ratio: 2.5", "method.ratio: must be at most 1"),
    ("workers: 8", "encryption: {}", "method.encryption.kms_key_arn: is missing (The key)"),
    ("workers: 8", "encryption: {kms_key_arn: k}", "method.encryption.kms_key_arn: must be the ARN of a KMS key"),
    ("workers: 8", "encryption: kms", "method.encryption: needs fields, e.g. {kms_key_arn: ...}"),
    ("workers: 8", "folder: A1", "method.folder: must be a folder of small letters, e.g. staging"),
    ("labels: {x: y}", "labels: {x: [y]}", "method.labels.x: takes a value, not a list"),
    ("subnets: [a, b]", "subnets: [a, {b: c}]", "method.subnets[1]: takes a value, not fields"),
    ("subnets: [a, b]", "subnets: a", "method.subnets: needs a list"),
    ("[tags, ttl]", "[tags, tll]", "14:20: carry_over[1]: no setting is called 'tll'; did you mean 'ttl'?"),
    ("[tags, ttl]", "al", "14:13: carry_over: must be all or a list of names; did you mean 'all'?"),
    ("[tags, ttl]", "[]\ntarget_table: {encryption: aws-own}", "15:28: target_table.encryption: must be aws-owned"),
    ("proof: counts", "proof: count", "15:8: proof: must be counts, digest or off; did you mean 'counts'?"),
    ("proof: counts", "proof:", "15:7: proof: has no value"),
    ("proof: counts", "prove: counts", "15:1: prove: unknown field; did you mean 'proof'?"),
    ("proof: counts", "colour: red", "15:1: colour: unknown field; known are version, source, target, management"),
    ("version: 1", "version: 2", "1:10: version: must be 1"),
    ("version: 1", 'version: "1"', "1:10: version: must be 1, without quotes"),
    ("version: 1", "version: no", "1:10: version: must be 1"),
    ("[tags, ttl]", "[]\ntarget_table: x", "15:15: target_table: needs fields, e.g. {encryption: ..., billing: ...}"),
    ("[tags, ttl]", "[]\ntarget_table:", "15:14: target_table: has no value; it needs fields below it, indented"),
    ("[writes-stopped]", "[Writes]", "16:15: acknowledge[0]: must be the name of a gate"),
]


@pytest.mark.parametrize(("old", "new", "said"), ONE_PROBLEM, ids=[new or old for old, new, _ in ONE_PROBLEM])
def test_one_problem_gives_one_line_with_its_place(old: str, new: str, said: str) -> None:
    message = refused(changed(old, new)).message
    assert said in message
    assert "\n" not in message
    assert re.match(r"plan\.yaml:[1-9]\d*:[1-9]\d*: ", message)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("proof: counts", "proof: count").replace("eu-west-1", "europe").replace("name: orders ", "nam: x ")
    error = refused(text)
    assert [problem.path for problem in error.problems] == [
        "source.region",
        "target.region",
        "tables[0].nam",
        "proof",
    ]
    assert [problem.line for problem in error.problems] == [2, 5, 10, 15]


def test_a_thousand_problems_are_cut_short() -> None:
    text = GOOD + "".join(f"x{number}: 1\n" for number in range(1000))
    lines = refused(text).message.splitlines()
    assert len(lines) == 51
    assert lines[-1] == "plan.yaml: and 950 more"


STRUCTURE = [
    ("a: !!python/object/apply:os.system [x]", "1:4: a: plans have no tags"),
    ("a: !x b", "1:4: a: plans have no tags"),
    ("%TAG ! tag:x,2000:\n---\na: b", "1:1: plans have no tags"),
    ("a: &x b", "1:4: a: plans have no anchors"),
    ("a: b\nc: *x", "2:4: c: plans have no aliases"),
    ("<<: {a: b}", "1:1: plans have no merge keys"),
    ("a: b\na: c", "2:1: a: stands twice, first in line 1"),
    ('a: b\n"a": c', "2:1: a: stands twice, first in line 1"),
    ("? [a]\n: b", "1:3: a field's name must be text"),
    ("? {a: b}\n: b", "1:3: a field's name must be text"),
    ("a: b\n---\na: b", "2:1: a second document starts here"),
    ("a: b\n...\n---\n", "3:1: a second document starts here"),
    ("a: " + "{b: " * 16 + "c" + "}" * 16, "a.b.b: is nested more than 16 levels deep"),
    ("[" * 3000, "1:1: is nested more than 16 levels deep"),
    ("{" * 3000, "1:1: is nested more than 16 levels deep"),
    ("[a,\n" * 3000, "is nested more than 16 levels deep"),
    ("- " * 3000, "is nested more than 16 levels deep"),
    ("? " * 3000, "a field's name must be text"),
    ("a: [" + "x," * 60_000 + "]", "holds more than 50,000 values"),
    ("a" * (1024 * 1024 + 1), "plan.yaml: is larger than 1 MiB"),
    ("é" * (600 * 1024), "plan.yaml: is larger than 1 MiB"),
    ("a: b\nc: \0", "2:4: holds a control or invisible character, U+0000"),
    ("a: \x1b[31m", "1:4: holds a control or invisible character, U+001B"),
    ("a: \x85", "1:4: holds a control or invisible character, U+0085"),
    ("a: \u2028", "1:4: holds a control or invisible character, U+2028"),
    ("# \u202e", "1:3: holds a control or invisible character, U+202E"),
    ("a: \ud800", "1:4: holds a control or invisible character, U+D800"),
    ('a: "\\e[31m"', "1:4: a: holds a control or invisible character, U+001B"),
    ('a: "\\u202E"', "1:4: a: holds a control or invisible character, U+202E"),
    ("a: |\n  b\n", "1:4: a: holds a line break; write it in one line"),
    ("a:\xa0b", "1:3: holds a space that YAML does not know, U+00A0; write an ordinary one"),
    ("a:\n  \u2003b: c", "2:3: holds a space that YAML does not know, U+2003; write an ordinary one"),
    (
        "a: [b\nc: d",
        "is not valid YAML: a comma, a quote or the closing bracket of what was opened in line 1 is missing",
    ),
    ("a: b: c", "1:5: is not valid YAML: no colon can stand here; is the line indented like its neighbours"),
    ("a: b\n  c: d", "2:4: is not valid YAML: no colon can stand here; is the line indented like its neighbours"),
    ("a:\n    b: c\n  d: e", "3:3: is not valid YAML: no field starts here; is the line indented like its neighbours"),
    ("a: b\nc:d\ne: f", "2:1: is not valid YAML: a field is a name, a colon and a space, e.g. proof: digest"),
    ("a: @b", "1:4: is not valid YAML: no value starts with @; put it in quotes"),
    ("\ta: b", "1:1: is not valid YAML: a tab stands before the text; indent lines with spaces"),
    ("a:\n  b: c\n\td: e", "3:1: is not valid YAML: a tab stands before the text; indent lines with spaces"),
    ('"\\UFFFFFFFF": b', "is not valid YAML"),
    ("%YAML 3.0\n---\na: b", "is not valid YAML"),
    ("", "plan.yaml: is empty"),
    ("# nothing\n", "plan.yaml: is empty"),
    ("---\n", "a plan has fields"),
    ("- a", "1:1: a plan has fields"),
    ("text", "1:1: a plan has fields"),
    ("a\r\n  : b\r\n? c", "YAML"),
]


@pytest.mark.parametrize(("text", "said"), STRUCTURE, ids=[text[:30].encode("unicode_escape") for text, _ in STRUCTURE])
def test_what_a_plan_may_not_use(text: str, said: str) -> None:
    assert within(0.5, lambda: refused(text)), "the largest of these is 1 MiB"
    message = refused(text).message
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "bomb", ["[" * 3000, "{" * 3000, "[{" * 1500, "- " * 3000, "? " * 3000, "[a," * 3000, "a: [" * 999]
)
def test_bombs_cost_less_than_50_ms(bomb: str) -> None:
    assert within(0.05, lambda: refused(bomb))


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    levels = ["a: &a [x, x]"] + [
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert "1:4: a: plans have no anchors" in refused("\n".join(levels)).message


TRAPS = ["on", "off", "yes", "no", "true", "false", "2023-01-01", "12:30:45", "0123", "0x1F", "0o17", "1_000", "1e3"]
TRAPS += [
    "1.0",
    ".inf",
    ".nan",
    "190:20:30",
    "0b101",
    "+12",
    "123456789012",
    "012345670123",
    "1.",
    "NO",
    "True",
    "...x",
]


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if len(trap) > 2])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_strings_stay_strings(trap: str, quote: str) -> None:
    """What YAML 1.1 takes for dates, truth values, octal and base-60 numbers is the name of a table."""
    text = changed("prod-old", f"{quote}{trap}{quote}").replace(
        "name: shop-*", f"name: {quote}{trap.replace(':', '.')}{quote}"
    )
    plan = read(text.replace("+", "_") if trap == "+12" else text)
    assert plan.source.profile == (trap if trap != "+12" else "_12")
    assert plan.tables[1].name == trap.replace(":", ".").replace("+", "_")


def test_an_account_id_with_a_leading_zero_needs_no_quotes() -> None:
    """PyYAML's own loader makes 1402433619 of it."""
    assert read(changed('"111111111111"', "012345670123")).source.account_id == "012345670123"


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none_where_a_field_allows_it_and_an_error_elsewhere(nothing: str) -> None:
    assert read(changed("prod-old", nothing)).source.profile is None
    assert "12:" in refused(changed("name: shop-*", f"name: {nothing}")).message
    assert "tables[1].name: has no value" in refused(changed("name: shop-*", f"name: {nothing}")).message


def test_a_table_called_null_is_written_in_quotes() -> None:
    assert "write 'null' in quotes" in refused(changed("shop-*", "null")).message
    assert read(changed("shop-*", "'null'")).tables[1].name == "null"


def test_off_is_a_word_like_any_other() -> None:
    assert read(changed("proof: counts", "proof: off")).proof == "off"


def test_numbers_and_truth_values_are_what_the_options_say() -> None:
    options = read(changed("workers: 8", "workers: 8, ratio: 0.25, dry: true")).method
    assert isinstance(options, CopyOptions)
    assert (options.workers, options.ratio, options.dry) == (8, 0.25, True)
    assert read(changed("labels: {x: y}", "labels: {x: 8}")).method.model_dump()["labels"] == {"x": "8"}


CANARY = "CANARY7Xq"
SECRETS = [
    "aws_secret_access_key",
    "aws_access_key_id",
    "aws_session_token",
    "password",
    "Passwd",
    "external_id",
    "ExternalId",
    "token",
]
SECRETS += ["mfa_token", "secret", "client-secret", "private key", "api_key", "credentials", "mfa"]


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_is_refused_and_never_repeated(key: str) -> None:
    for text in (
        changed("source: {", f"source: {{{key}: {CANARY}, "),
        changed("source: {", f"source: {{{key}: [{CANARY}, {{{CANARY}: x}}], "),
        changed("bucket: staging", f"{key}: {CANARY}, bucket: staging"),
        GOOD + f"{key}: {CANARY}\n",
    ):
        error = refused(text)
        assert "plans hold no secrets" in error.message
        assert "external_id_env" in error.hint
        assert CANARY not in error.message + error.hint + str(error) + repr(error)
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("DDBTUI_EXTERNAL_ID", f"{CANARY}!"),
        ('"111111111111"', CANARY),
        ("arn:aws:iam::222222222222:role/Migration", CANARY),
        ("proof: counts", f"proof: {CANARY}"),
        ("workers: 8", f"workers: {CANARY}"),
        ("[tags, ttl]", f"{{{CANARY}: x}}"),
        ("version: 1", f"unknown: {CANARY}"),
        ("version: 1", f"source: {CANARY}"),
    ],
)
def test_values_are_never_repeated(old: str, new: str) -> None:
    assert CANARY not in refused(changed(old, new)).message


def test_hostile_names_cannot_reach_the_terminal() -> None:
    error = None
    try:
        parse_plan("x: 1", "evil\x1b]0;x\x07\u202e.yaml", METHODS)
    except PlanError as caught:
        error = caught
    assert error is not None
    assert all(line.isprintable() for line in error.message.splitlines())


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"# comment\na: caf\xe9\n")
    (tmp_path / "utf16.yaml").write_bytes("a: b".encode("utf-16"))
    (tmp_path / "large.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, said in (
        (".", "is a directory"),
        ("missing.yaml", "there is no such file"),
        ("latin.yaml", "latin.yaml:2:7: is not UTF-8"),
        ("utf16.yaml", "utf16.yaml:1:1: is UTF-16 text, not UTF-8"),
        ("large.yaml", "is larger than 1 MiB"),
        ("loop", "symbolic links"),
        ("missing/x.yaml", "there is no such file"),
        ("nul\0", "not one of a file"),
    ):
        with pytest.raises(PlanError) as caught:
            load_plan(tmp_path / name, METHODS)
        assert caught.value.code == Exit.USAGE
        assert caught.value.message.startswith(str(tmp_path))
        assert said in caught.value.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(PlanError, match="may not be read"):
        load_plan(path, METHODS)


def test_windows_files_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_plan(path, METHODS) == read(GOOD)
    path.write_bytes(GOOD.replace("proof: counts", "proof: x").replace("\n", "\r\n").encode())
    with pytest.raises(PlanError, match=r"plan\.yaml:15:8: proof"):
        load_plan(str(path), METHODS)
